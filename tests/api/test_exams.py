"""What programs of a candidate and of a trainer are told of exams."""

import pytest
from flask import Flask

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.database import db
from engine.transitions.performing import perform
from models.exam import Exam
from models.organisation import Staff
from tests.factories.exams import hall, taken
from tests.factories.programs import program
from tests.fixtures.rulebook import NOW

pytestmark = pytest.mark.sqlite
HIDDEN = {"seed", "rules", "key", "guide", "items", "holder", "marks"}


def _held(app: Flask) -> tuple[list[Staff], int, int]:
    """An exam that both candidates have taken: they and the trainer, the exam, the second candidate's result."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        at = hall(session)
        taken(session, at, right=False)
        result = taken(session, at, at.agents[1], right=True).id
        people, exam = [at.agent, at.trainer], at.exam.id
        for person in people:
            session.refresh(person)
        session.expunge_all()
        session.rollback()
    return people, exam, result


def _move(app: Flask, exam: int, move: str) -> None:
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        perform(db.session(), db.session.get_one(Exam, exam), move)
        db.session.commit()


@pytest.mark.clause("TRN-6")
def test_candidates_program_is_told_no_answers_and_no_result_before_its_time(app: Flask) -> None:
    with clock.fixed_at(NOW):
        (agent, trainer), exam, result = _held(app)
        mine, theirs = program(app, agent), program(app, trainer)
        for entity in ("question", "exam_paper"):
            assert mine.get(f"/{entity}").status_code == 403
        for entity in ("exam", "exam_sitting"):
            (row,) = mine.all(f"/{entity}")
            assert not HIDDEN & set(row)
        assert mine.all("/exam_result") == []
        assert mine.get(f"/exam_result/{result}").status_code == 404
        assert {"key", "guide"} <= set(theirs.all("/question")[0])
        _move(app, exam, "tell")
        (own,) = mine.all("/exam_result")
        assert own["staff_id"] == agent.id
        assert not HIDDEN & set(own)


@pytest.mark.clause("TRN-6")
def test_exam_is_there_for_candidates_once_it_is_published(app: Flask) -> None:
    """An exam that is being prepared tells nobody its day beforehand."""
    with clock.fixed_at(NOW):
        with app.app_context(), acting(SYSTEM, Door.COMMAND):
            session = db.session()
            at = hall(session, is_published=False)
            agent, trainer, exam = at.agent, at.trainer, at.exam.id
            for person in (agent, trainer):
                session.refresh(person)
            session.expunge_all()
            session.rollback()
        mine, theirs = program(app, agent), program(app, trainer)
        assert mine.all("/exam") == []
        assert mine.get(f"/exam/{exam}").status_code == 404
        (row,) = theirs.all("/exam")
        _move(app, exam, "publish")
        assert [one["id"] for one in mine.all("/exam")] == [row["id"]]
