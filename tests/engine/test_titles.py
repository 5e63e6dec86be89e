"""Pages call a candidate by name for whoever may read it; what is kept for good never does."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import Door, Role, acting, seeing_all
from engine.titles import title_of, titled, titles_of
from engine.transitions.performing import perform
from models.audit import AuditEntry
from models.candidate import Candidate, ClosedCause, Stage
from models.interview import Interview, Round
from models.notification import Notification
from tests.factories.hiring import Hiring, brought_to, hiring, interview
from tests.factories.organisation import actor_of
from tests.factories.quality import by

pytestmark = pytest.mark.clause("HIRE-2")


@pytest.fixture
def at(session: Session) -> Hiring:
    return hiring(session)


@pytest.fixture
def sheet(session: Session, at: Hiring) -> Interview:
    made = interview(session, at, brought_to(session, at, Stage.FIRST_INTERVIEW), Round.FIRST)
    session.commit()
    return made


def test_reader_of_the_name_sees_it_beside_the_title(session: Session, at: Hiring, sheet: Interview) -> None:
    named, number = f"赵小川 · {at.opening.name} #{sheet.candidate_id}", sheet.id
    for person in (at.hr, at.lead, at.manager):
        with by(person):
            session.expire_all()
            assert titles_of(Interview, [number]) == {number: named}
            assert [title_of(one) for one in titled(Candidate)] == [named]


def test_whoever_may_not_read_the_name_sees_the_title(session: Session, at: Hiring, sheet: Interview) -> None:
    neutral = f"{at.opening.name} #{sheet.candidate_id}"
    with acting(actor_of(at.hr, Role.AUDITOR), Door.FORM):
        assert [title_of(one) for one in titled(Candidate)] == [neutral]
    with by(at.hr), seeing_all():
        assert title_of(sheet) == neutral
    assert title_of(sheet) == neutral


def test_name_is_neither_in_the_audit_nor_in_notices(session: Session, at: Hiring, sheet: Interview) -> None:
    with by(at.hr):
        perform(session, sheet.candidate, "reject", closed_cause=ClosedCause.WITHDREW, closed_reason="另有去处")
        session.commit()
    kept = [*session.scalars(select(AuditEntry.record_title)), *map(str, session.scalars(select(Notification.data)))]
    assert [text for text in kept if "赵小川" in text] == []


def test_erased_person_has_no_name_left(session: Session, at: Hiring, sheet: Interview) -> None:
    candidate = sheet.candidate
    perform(session, candidate, "reject", closed_cause=ClosedCause.WITHDREW, closed_reason="另有去处")
    perform(session, candidate, "erase")
    session.commit()
    with by(at.hr):
        assert title_of(sheet) == f"{at.opening.name} #{candidate.id}"
