from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.obligation import Obligation, ObligationState
from models.organisation import Post
from models.qa_inspection import Severity
from models.qa_talk import QaTalk, TalkReason, TalkState
from tests.factories.granting import granted
from tests.factories.quality import House, by, drawn, house, told
from tests.factories.refusals import refused


@pytest.fixture
def at(session: Session) -> House:
    made = house(session)
    drawn(session, made)
    return made


@pytest.mark.clause("QA-7")
def test_severe_finding_asks_for_a_talk_in_time(session: Session, at: House) -> None:
    told(session, at, Severity.SEVERE, "9")
    talk = session.scalars(select(QaTalk)).one()
    duty = session.scalars(select(Obligation).where(Obligation.kind == "severe_talk")).one()
    assert (talk.reason, talk.agent_id) == (TalkReason.SEVERE_FINDING, at.agent.id)
    assert (duty.owner_post, duty.due_at - talk.asked_at) == (Post.QA_SUPERVISOR, timedelta(hours=24))
    with by(at.supervisor):
        perform(session, talk, "hold", outcome="约定改进")
        session.commit()
    assert (talk.state, duty.state) == (TalkState.HELD, ObligationState.MET)


@pytest.mark.clause("QA-7")
def test_lighter_finding_asks_for_no_talk(session: Session, at: House) -> None:
    told(session, at, Severity.GENERAL, "5")
    assert session.scalars(select(QaTalk)).all() == []


@pytest.mark.clause("QA-7")
def test_talk_that_is_not_held_is_overdue(session: Session, at: House) -> None:
    told(session, at, Severity.SEVERE, "9")
    with clock.fixed_at(datetime(2026, 5, 5, 2, 1, tzinfo=UTC)):
        sweep(session)
    assert (
        session.scalars(select(Obligation.state).where(Obligation.kind == "severe_talk")).one()
        == ObligationState.OVERDUE
    )


@pytest.mark.clause("QA-7")
def test_talk_is_asked_for_by_its_cause_not_by_hand(session: Session, at: House) -> None:
    inspection = told(session, at)
    grant = granted("qa_talk", "create", Role.QA_SUPERVISOR)
    with grant, by(at.supervisor), refused(session, "qa_talk.talk_is_asked_for_by_its_cause"):
        session.add(
            QaTalk(
                agent_id=at.agent.id,
                finding_id=inspection.findings[0].id,
                reason=TalkReason.SEVERE_FINDING,
                asked_at=clock.now(),
            )
        )
