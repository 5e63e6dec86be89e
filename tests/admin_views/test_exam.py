"""The screens of exams: nothing that tells the answer reaches a candidate, every answer is kept, marking is saved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine import clock
from engine.transitions.performing import perform
from models.audit import AuditEntry
from models.exam import Exam
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamSitting, SittingState
from models.organisation import Staff
from models.question import QuestionKind
from plugins.exam.papers import items_of
from tests.factories.browsing import post, token, version_in
from tests.factories.exams import ExamHall, hall, sitting_of
from tests.factories.pages import in_english
from tests.fixtures.client import ClientAs
from tests.fixtures.rulebook import NOW

KINDS = (QuestionKind.SINGLE, QuestionKind.FILL_IN, QuestionKind.SHORT_ANSWER)
pytestmark = pytest.mark.sqlite
SECRET = "绝密的答案"
"""Stands in the key of the fill-in and in every guide: no candidate's answer may hold it."""


@dataclass
class Desk:
    """A published exam with two candidates; its rows by their numbers."""

    app: Flask
    sitting: int
    other: int
    exam: int
    paper: int
    agent: Staff
    colleague: Staff
    trainer: Staff
    lead: Staff
    items: dict[QuestionKind, int]


@pytest.fixture
def desk(app: Flask) -> Iterator[Desk]:
    from engine.acting import SYSTEM, Door, acting
    from engine.database import db

    with clock.fixed_at(NOW):
        with app.app_context(), acting(SYSTEM, Door.COMMAND):
            session = db.session()
            at = hall(session, kinds=KINDS, spare=0, is_published=False)
            _hide(at, session)
            perform(session, at.exam, "publish")
            session.commit()
            items = {item.kind: item.number for item in items_of(session, at.exam.id, 1)}
            one, two = (sitting_of(session, at, agent) for agent in at.agents)
            people = (*at.agents, at.trainer, at.school.lead)
            numbers = (one.id, two.id, at.exam.id, at.exam.papers[0].id)
            for person in people:
                session.refresh(person)
            session.expunge_all()
        yield Desk(app, *numbers, *people, items)


def _hide(at: ExamHall, session: object) -> None:
    from models.question import Question

    for question in session.scalars(select(Question)):  # type: ignore[attr-defined]  # a Session
        question.guide = SECRET
        if question.kind is QuestionKind.FILL_IN:
            question.key = [SECRET]
    session.commit()  # type: ignore[attr-defined]  # a Session


@pytest.fixture
def agent(desk: Desk, client_as: ClientAs) -> FlaskClient:
    return in_english(client_as(desk.agent))


@pytest.fixture
def trainer(desk: Desk, client_as: ClientAs) -> FlaskClient:
    return in_english(client_as(desk.trainer))


def sent(client: FlaskClient, url: str, **data: object) -> TestResponse:
    return client.post(url, json=data, headers={"X-CSRFToken": token(client), "Accept": "application/json"})


def begin(client: FlaskClient, desk: Desk, holder: str = "here") -> None:
    assert post(client, f"/my_exams/{desk.sitting}/begin").status_code == 303
    assert sent(client, f"/my_exams/{desk.sitting}/hold", holder=holder).status_code == 200


def answered(client: FlaskClient, desk: Desk, kind: QuestionKind, *said: str, **more: object) -> TestResponse:
    data = {"item": desk.items[kind], "answer": list(said), "turn": 1, "holder": "here"} | more
    return sent(client, f"/my_exams/{desk.sitting}/answer", **data)


def taken(client: FlaskClient, desk: Desk) -> int:
    begin(client, desk)
    answered(client, desk, QuestionKind.SINGLE, "B")
    answered(client, desk, QuestionKind.SHORT_ANSWER, "自签收之日起")
    assert sent(client, f"/my_exams/{desk.sitting}/hand-in").status_code == 200
    return stored(desk, ExamResult).id


def stored(desk: Desk, model: type) -> object:
    from engine.acting import SYSTEM, Door, acting
    from engine.database import db

    with desk.app.app_context(), acting(SYSTEM, Door.COMMAND):
        row = db.session.scalars(select(model).where(model.staff_id == desk.agent.id)).one()
        db.session.expunge_all()
        return row


@pytest.mark.clause("TRN-6")
def test_exam_is_taken_from_the_list_to_the_hand_in(desk: Desk, agent: FlaskClient) -> None:
    assert "退换货新规考试" in agent.get("/my_exams/").text
    before = agent.get(f"/my_exams/{desk.sitting}/").text
    assert "Begin now" in before
    assert "七天无理由" not in before
    begin(agent, desk)
    page = agent.get(f"/my_exams/{desk.sitting}/").text
    assert page.count('class="card exam-card"') == 3
    assert answered(agent, desk, QuestionKind.SINGLE, "B").json["left"] == 1800
    assert sent(agent, f"/my_exams/{desk.sitting}/hand-in").json["next"] == f"/my_exams/{desk.sitting}/"
    assert stored(desk, ExamSitting).state is SittingState.HANDED_IN
    assert "You hear the result when the trainer tells it." in agent.get(f"/my_exams/{desk.sitting}/").text


@pytest.mark.clause("TRN-6")
def test_answer_is_there_on_the_second_device_and_the_first_is_told(desk: Desk, agent: FlaskClient) -> None:
    begin(agent, desk)
    answered(agent, desk, QuestionKind.SINGLE, "B")
    hold = f"/my_exams/{desk.sitting}/hold"
    assert sent(agent, hold, holder="there").status_code == 409
    over = sent(agent, hold, holder="there", force=True)
    assert over.json["answers"] == {str(desk.items[QuestionKind.SINGLE]): {"answer": ["B"], "turn": 1}}
    refused = answered(agent, desk, QuestionKind.SINGLE, "C", turn=2)
    assert (refused.status_code, refused.json["held"]) == (409, True)


@pytest.mark.clause("TRN-6")
def test_time_is_the_servers(desk: Desk, agent: FlaskClient) -> None:
    begin(agent, desk)
    with clock.fixed_at(NOW + timedelta(minutes=20)):
        assert agent.get(f"/my_exams/{desk.sitting}/state").json["left"] == 600
    with clock.fixed_at(NOW + timedelta(minutes=31)):
        assert answered(agent, desk, QuestionKind.SINGLE, "B").status_code == 410
        assert "handed in by itself" in agent.get(f"/my_exams/{desk.sitting}/").text
        assert sent(agent, f"/my_exams/{desk.sitting}/hand-in").status_code == 200
    assert stored(desk, ExamSitting).by_clock


@pytest.mark.parametrize(
    "wrong", [{"item": "1"}, {"answer": "B"}, {"turn": -1}, {"holder": ""}, {"answer": ["Z"]}, {"item": 99}]
)
def test_what_is_no_answer_is_refused(desk: Desk, agent: FlaskClient, wrong: dict[str, object]) -> None:
    begin(agent, desk)
    assert answered(agent, desk, QuestionKind.SINGLE, "B", **wrong).status_code == 400


def test_nobody_takes_somebody_elses_exam(desk: Desk, client_as: ClientAs) -> None:
    for person, status in ((desk.colleague, 404), (desk.trainer, 403)):
        browser = client_as(person)
        for page in ("begin", "hold", "answer", "hand-in"):
            assert sent(browser, f"/my_exams/{desk.sitting}/{page}").status_code == status
        assert browser.get(f"/my_exams/{desk.sitting}/").status_code in {303, 404}


@pytest.mark.clause("TRN-6")
def test_no_way_tells_a_candidate_the_answers_before_the_result(desk: Desk, agent: FlaskClient) -> None:
    """Pages, lists, exports, look-ups, search and history of everything that an exam touches."""
    result = taken(agent, desk)
    entities = {
        "question": 1,
        "exam": desk.exam,
        "exam_paper": desk.paper,
        "exam_sitting": desk.sitting,
        "exam_result": result,
    }
    for entity, number in entities.items():
        for way in ("", f"details/?id={number}", f"?search={SECRET[:-1]}", "export/csv/", f"edit/?id={number}"):
            assert SECRET not in agent.get(f"/{entity}/{way}").text
    assert agent.get("/question/").status_code == agent.get("/exam_paper/").status_code == 403
    assert agent.get(f"/exam_result/details/?id={result}").status_code == 404
    assert SECRET not in agent.get(f"/my_exams/{desk.sitting}/").text
    assert SECRET[:-1] not in agent.get(f"/exam_sitting/ajax/lookup/?name=exam_id&query={SECRET[:-1]}").text


@pytest.mark.clause("TRN-6")
def test_marking_is_saved_as_it_is_given_and_goes_on_to_the_next(
    desk: Desk, agent: FlaskClient, trainer: FlaskClient
) -> None:
    result = taken(agent, desk)
    assert "Mark the next one" in trainer.get("/marking/").text
    page = trainer.get(f"/marking/{result}/").text
    assert "自签收之日起" in page
    assert SECRET in page
    item = desk.items[QuestionKind.SHORT_ANSWER]
    assert sent(trainer, f"/marking/{result}/finish").status_code == 422
    assert sent(trainer, f"/marking/{result}/mark", item=item, points="9").status_code == 422
    for typed in ("ten", "1.555", "NaN", [1]):
        unread = sent(trainer, f"/marking/{result}/mark", item=item, points=typed)
        assert (unread.status_code, "at most two decimals" in unread.json["problems"][0]) == (422, True)
    assert sent(trainer, f"/marking/{result}/mark", item=item, points="1.5", remark="差一点").json == {
        "open": [],
        "score": "58.33",
    }
    assert sent(trainer, f"/marking/{result}/finish").json["next"] == "/marking/"
    assert stored(desk, ExamResult).state is ResultState.RECORDED
    assert sent(agent, f"/marking/{result}/mark", item=item, points="2").status_code in {403, 404}


@pytest.mark.clause("TRN-6")
def test_candidate_reads_points_and_remarks_once_told_and_the_key_only_where_it_is_shown(
    desk: Desk, agent: FlaskClient, trainer: FlaskClient
) -> None:
    result = taken(agent, desk)
    sent(trainer, f"/marking/{result}/mark", item=desk.items[QuestionKind.SHORT_ANSWER], points="2", remark="很好")
    sent(trainer, f"/marking/{result}/finish")
    assert "很好" not in agent.get(f"/my_exams/{desk.sitting}/").text
    version = version_in(trainer.get(f"/exam_result/details/?id={result}"))
    assert post(trainer, f"/exam_result/move/tell/?id={result}", {"version": version}).status_code == 303
    told = agent.get(f"/my_exams/{desk.sitting}/").text
    assert "很好" in told
    assert SECRET not in told
    _show_key(desk)
    assert SECRET in agent.get(f"/my_exams/{desk.sitting}/").text


def _show_key(desk: Desk) -> None:
    from engine.acting import SYSTEM, Door, acting
    from engine.database import db

    with desk.app.app_context(), acting(SYSTEM, Door.COMMAND):
        db.session.get_one(Exam, desk.exam).shows_key = True
        db.session.commit()


def test_exam_page_shows_the_trainer_rule_candidates_and_figures(
    desk: Desk, agent: FlaskClient, trainer: FlaskClient
) -> None:
    taken(agent, desk)
    page = trainer.get(f"/exam/details/?id={desk.exam}").text
    assert "Rule of the paper" in page
    assert desk.agent.name in page
    assert SECRET in trainer.get(f"/exam_paper/details/?id={desk.paper}").text
    plain = agent.get(f"/exam/details/?id={desk.exam}").text
    assert "Rule of the paper" not in plain
    assert desk.colleague.name not in plain


@pytest.mark.clause("TRN-6")
def test_rule_is_set_on_the_exams_page(desk: Desk, trainer: FlaskClient) -> None:
    made = post(
        trainer,
        "/exam/new/",
        {
            "number": "E2",
            "name": "第二场",
            "course_id": _course(desk),
            "trainer_id": desk.trainer.id,
            "form": "online",
            "opens_at": "2026-05-05T09:00",
            "closes_at": "2026-05-06T09:00",
            "minutes": "20",
        },
    )
    assert made.status_code == 303, made.text
    number = int(made.location.rpartition("=")[2])
    saved = post(
        trainer, "/exam/rule/", {"id": number, "topic": ["章1", "章2"], "count-0-easy": "1", "count-1-easy": ""}
    )
    assert saved.status_code == 303
    assert _rules(desk, number) == [{"category": "章1", "difficulty": "easy", "count": 1}]
    assert post(trainer, "/exam/rule/", {"id": number, "topic": "章1", "count-0-easy": "many"}).status_code == 400


def _course(desk: Desk) -> int:
    return _of_exam(desk, desk.exam).course_id


def _rules(desk: Desk, number: int) -> list[dict[str, object]]:
    return _of_exam(desk, number).rules


def _of_exam(desk: Desk, number: int) -> Exam:
    from engine.acting import SYSTEM, Door, acting
    from engine.database import db

    with desk.app.app_context(), acting(SYSTEM, Door.COMMAND):
        found = db.session.get_one(Exam, number)
        db.session.expunge_all()
        return found


@pytest.mark.clause("TRN-3", "TRN-5")
def test_lead_sees_who_may_stand_where_and_agents_see_themselves(
    desk: Desk, agent: FlaskClient, client_as: ClientAs
) -> None:
    later = (NOW + timedelta(days=3)).date().isoformat()
    lead = in_english(client_as(desk.lead))
    assert "May not work" not in lead.get("/on_post/").text
    page = lead.get(f"/on_post/?day={later}").text
    assert page.count("has not passed the exam of the business training") == 2
    own = agent.get(f"/on_post/?day={later}").text
    assert desk.colleague.name not in own
    assert "/my_exams/" in own


def test_opening_somebody_elses_exam_is_noted(desk: Desk, trainer: FlaskClient) -> None:
    sent(trainer, f"/my_exams/{desk.sitting}/hold", holder="x")
    from engine.acting import SYSTEM, Door, acting
    from engine.database import db

    with desk.app.app_context(), acting(SYSTEM, Door.COMMAND):
        denied = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "denied")).all()
        assert [(row.actor_id, row.entity) for row in denied] == [(desk.trainer.id, "exam_sitting")]


def test_team_is_called_to_the_exam_on_its_page(desk: Desk, trainer: FlaskClient) -> None:
    saved = post(trainer, "/exam/call/", {"id": desk.exam, "whom": desk.lead.team_id})
    assert saved.status_code == 303
    assert desk.lead.name in trainer.get(f"/exam/details/?id={desk.exam}").text
    assert post(trainer, "/exam/call/", {"id": desk.exam, "whom": "987654"}).status_code == 404


def test_next_exam_has_a_number_already(desk: Desk, client_as: ClientAs) -> None:
    assert 'value="E2"' in client_as(desk.trainer).get("/exam/new/").get_data(as_text=True)


@pytest.mark.clause("TRN-6")
def test_results_of_an_exam_held_elsewhere_are_recorded_and_listed_on_its_page(
    desk: Desk, trainer: FlaskClient
) -> None:
    hours = {"opens_at": "2026-05-01T09:00", "closes_at": "2026-05-02T09:00", "minutes": "20"}
    about = {"number": "E9", "name": "线下实操", "course_id": _course(desk), "trainer_id": desk.trainer.id}
    number = post(trainer, "/exam/new/", {**about, **hours, "form": "elsewhere"}).location.rpartition("=")[2]
    page = f"/exam/details/?id={number}"
    post(trainer, f"/exam/move/publish/?id={number}", {"version": version_in(trainer.get(page))})
    assert f'href="/exam_result/new/?exam_id={number}"' in trainer.get(page).text
    result = {"exam_id": number, "staff_id": desk.agent.id, "attempt": "1", "taken_on": "2026-05-01", "score": "66"}
    assert post(trainer, "/exam_result/new/", result).status_code == 303
    assert desk.agent.name in trainer.get(page).text
    assert "/exam_result/new/" not in trainer.get(f"/exam/details/?id={desk.exam}").text
