import pytest
from sqlalchemy.orm import Session

from engine.accounts.actor import actor_for
from engine.acting import Door, Role, acting
from engine.errors import NotAllowedError, NotFoundError
from engine.importing import unknown
from engine.importing.importable import Reference
from engine.importing.source import open_job_table
from engine.registry import registry
from models.accounts import Account
from models.import_job import ImportJob
from models.organisation import Post, Staff, StaffStatus
from models.service_record import Topic
from tests.factories.importing import call, imported, importer, mapped, workbook
from tests.factories.organisation import department, staff, team
from tests.factories.quality import House, house


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


def a_job(session: Session, at: House, who: Account, *rows: list[object]) -> ImportJob:
    return mapped(session, who, at, workbook(rows))


def reference(field: str) -> Reference:
    return registry.importable("service_record").references[field]


def unknown_in(session: Session, job: ImportJob) -> list[unknown.Unknown]:
    return unknown.unknown_names(session, job, registry.importable(job.entity), open_job_table(job))


@pytest.mark.clause("DAT-1")
def test_names_that_nobody_knows_are_listed_with_their_rows(session: Session, at: House) -> None:
    rows = [call(1, "Zoe"), call(2, " ZOE "), call(3, at.agents[0].name), call(4, at.agents[0].number, Topic="Refunds")]
    found = unknown_in(session, a_job(session, at, importer(session, at.manager), *rows))
    assert [(each.field, each.text, each.rows, each.several) for each in found] == [
        ("agent_id", "Zoe", 2, False), ("topic_id", "Refunds", 1, False),
    ]  # fmt: skip


def test_name_that_two_people_bear_is_asked_about(session: Session, at: House) -> None:
    for _twice in range(2):
        staff(session, at.department, of=at.team, superior=at.lead, name="王芳")
    session.commit()
    (found,) = unknown_in(session, a_job(session, at, importer(session, at.manager), call(1, "王芳")))
    assert (found.text, found.several) == ("王芳", True)


@pytest.mark.clause("ORG-1")
def test_agent_is_created_by_hr_only_with_team_and_superior(session: Session, at: House) -> None:
    hr = importer(session, at.manager, Role.MANAGER, Role.HR)
    job = a_job(session, at, hr, call(1, "Zoe"))
    given = {"team_id": str(at.team.id), "superior_id": str(at.lead.id), "post": "hotline_agent"}
    given["hire_date"] = "2024-03-01"
    answers, missing = unknown.read_answers(session, job, reference("agent_id").asks, given)
    assert missing == []
    with acting(actor_for(session, hr), Door.FORM):
        made = session.get_one(
            Staff, unknown.create(session, job, reference("agent_id"), "Zoe", answers, actor_for(session, hr))
        )
        session.commit()
    assert (made.name, made.team_id, made.superior_id, made.post) == ("Zoe", at.team.id, at.lead.id, Post.HOTLINE_AGENT)
    assert made.status is StaffStatus.ON_POST
    assert imported(session, hr, job).rows_taken == 1


def test_manager_cannot_create_people_but_topics(session: Session, at: House) -> None:
    who = actor_for(session, importer(session, at.manager))
    assert not unknown.may_create(who, reference("agent_id"))
    assert unknown.may_create(who, reference("topic_id"))
    job = a_job(session, at, importer(session, at.lead), call(1, "Zoe"))
    with pytest.raises(NotAllowedError):
        unknown.create(session, job, reference("agent_id"), "Zoe", {}, who)
    with acting(who, Door.FORM):
        made = session.get_one(Topic, unknown.create(session, job, reference("topic_id"), "Refunds", {}, who))
    assert made.name == {"zh": "Refunds", "en": "Refunds"}


def test_answers_left_open_are_named(session: Session, at: House) -> None:
    job = a_job(session, at, importer(session, at.manager), call(1, "Zoe"))
    answers, missing = unknown.read_answers(
        session, job, reference("agent_id").asks, {"post": "king", "hire_date": "2026-02-30"}
    )
    assert {ask.name for ask in missing} == {"team_id", "superior_id", "post", "hire_date"}
    assert answers["hire_date"] is None


def test_row_of_another_department_cannot_be_named(session: Session, at: House) -> None:
    elsewhere = team(session, department(session, "别处"), "外组")
    job = a_job(session, at, importer(session, at.manager), call(1, "Zoe"))
    with pytest.raises(NotFoundError):
        unknown.read_answers(session, job, reference("agent_id").asks, {"team_id": str(elsewhere.id)})
