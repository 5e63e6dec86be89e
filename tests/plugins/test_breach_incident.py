from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.transitions.performing import perform
from models.breach_incident import BreachIncident, BreachSeverity, BreachState
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from tests.factories.confidential import Signers, signers
from tests.factories.quality import by
from tests.factories.refusals import objections, refused

pytestmark = pytest.mark.clause("CNF-5")
NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)


@pytest.fixture
def at(session: Session) -> Signers:
    return signers(session)


def reported(
    session: Session, at: Signers, severity: BreachSeverity = BreachSeverity.GENERAL, **values: object
) -> BreachIncident:
    given = {"title_text": "截图外传", "occurred_at": NOW - timedelta(hours=3), "description": "群里出现后台截图"}
    with by(at.agent):
        made = BreachIncident(severity=severity, **({"person_id": at.other.id} | given | values))
        session.add(made)
        session.commit()
    return made


def duties(session: Session) -> dict[str, Obligation]:
    return {row.kind: row for row in session.scalars(select(Obligation).where(Obligation.clause == "CNF-5"))}


@pytest.mark.parametrize(
    ("severity", "day"), [(BreachSeverity.MINOR, 11), (BreachSeverity.GENERAL, 9), (BreachSeverity.SEVERE, 6)]
)
def test_breach_is_handled_in_the_days_that_its_severity_leaves(
    session: Session, at: Signers, severity: BreachSeverity, day: int
) -> None:
    made = reported(session, at, severity)
    assert (made.reporter_id, made.handler_id, made.reported_at) == (at.agent.id, at.manager.id, NOW)
    duty = duties(session)["breach_handling"]
    assert (duty.owner_id, duty.due_at) == (at.manager.id, datetime(2026, 5, day, 16, tzinfo=UTC))
    told = session.scalars(select(Notification.code).where(Notification.recipient_id == at.manager.id)).all()
    assert told == ["breach_incident.reported"]


def test_whoever_takes_a_breach_over_hears_of_it(session: Session, at: Signers) -> None:
    made = reported(session, at)
    with by(at.manager):
        made.description = "补充经过"
        session.commit()
        made.handler_id = at.lead.id
        session.commit()
    told = select(Notification.recipient_id).where(Notification.code == "breach_incident.reported")
    assert session.scalars(told.order_by(Notification.id)).all() == [at.manager.id, at.lead.id]


def test_graver_breach_is_due_earlier_and_asks_for_more(session: Session, at: Signers) -> None:
    made = reported(session, at)
    assert set(duties(session)) == {"breach_handling"}
    with by(at.manager):
        made.severity, made.breaks_law = BreachSeverity.SEVERE, True
        session.commit()
    assert {kind: duty.due_at.day for kind, duty in duties(session).items()} == {
        "breach_handling": 6,
        "breach_dismissal": 6,
        "breach_hand_over": 6,
    }


def test_breach_is_closed_with_evidence_and_measures(session: Session, at: Signers) -> None:
    made = reported(session, at)
    with by(at.manager):
        assert objections(session, made, "close", measures="已约谈") == [
            "breach_incident.evidence_and_measures_are_stated"
        ]
        perform(session, made, "close", evidence="截图与导出日志", measures="约谈，收回权限")
        session.commit()
    assert (made.state, made.closed_by_id, made.evidence) == (BreachState.CLOSED, at.manager.id, "截图与导出日志")
    assert duties(session)["breach_handling"].state is ObligationState.MET


def test_severe_breach_is_closed_once_dismissal_is_proposed(session: Session, at: Signers) -> None:
    made = reported(session, at, BreachSeverity.SEVERE)
    given = {"evidence": "日志", "measures": "停用账号"}
    with by(at.manager):
        assert objections(session, made, "close", **given) == ["breach_incident.severe_breach_has_its_proposal"]
        perform(session, made, "propose_dismissal", dismissal_reason="故意出售客户信息")
        session.commit()
        assert (made.dismissal_proposed_by_id, made.dismissal_proposed_at) == (at.manager.id, clock.now())
        assert duties(session)["breach_dismissal"].state is ObligationState.MET
        assert objections(session, made, "propose_dismissal", dismissal_reason="再提") == [
            "breach_incident.proposal_is_not_repeated"
        ]
        perform(session, made, "close", **given)
        session.commit()
    assert made.state is BreachState.CLOSED


def test_breach_of_law_is_closed_once_handed_over(session: Session, at: Signers) -> None:
    made = reported(session, at, breaks_law=True)
    given = {"evidence": "日志", "measures": "停用账号"}
    with by(at.manager):
        assert objections(session, made, "close", **given) == ["breach_incident.breach_of_law_is_handed_over"]
        perform(session, made, "hand_over", authority="市公安局网安支队")
        perform(session, made, "close", **given)
        session.commit()
    assert (made.authority, made.handed_over_by_id) == ("市公安局网安支队", at.manager.id)
    assert duties(session)["breach_hand_over"].state is ObligationState.MET


def test_dismissal_is_proposed_for_a_severe_breach_of_a_known_person(session: Session, at: Signers) -> None:
    made = reported(session, at)
    made.person_id = None
    with by(at.manager):
        assert objections(session, made, "propose_dismissal", dismissal_reason="x") == [
            "breach_incident.breach_is_severe",
            "breach_incident.person_is_known",
        ]
        assert objections(session, made, "hand_over", authority="公安") == ["breach_incident.law_is_broken"]


def test_consequences_keep_their_ground(session: Session, at: Signers) -> None:
    made = reported(session, at, BreachSeverity.SEVERE)
    with by(at.manager):
        perform(session, made, "propose_dismissal", dismissal_reason="x")
        session.commit()
        with refused(session, "breach_incident.consequences_keep_their_ground"):
            made.severity = BreachSeverity.MINOR


def test_nobody_handles_a_breach_of_their_own(session: Session, at: Signers) -> None:
    with by(at.agent), refused(session, "breach_incident.somebody_else_handles"):
        session.add(
            BreachIncident(
                title_text="x", occurred_at=NOW, description="y", person_id=at.manager.id, handler_id=at.manager.id
            )
        )


def test_breach_lies_in_the_past(session: Session, at: Signers) -> None:
    with by(at.agent), refused(session, "breach_incident.breach_has_happened"):
        session.add(BreachIncident(title_text="x", occurred_at=NOW + timedelta(hours=1), description="y"))


def test_person_concerned_neither_edits_nor_decides(session: Session, at: Signers) -> None:
    made = reported(session, at, BreachSeverity.SEVERE, person_id=at.hr.id, breaks_law=True)
    own = "breach_incident.person_does_not_edit"
    with by(at.hr):
        with refused(session, own):
            made.severity = BreachSeverity.MINOR
        # Putting it down to somebody else first is no way round.
        with refused(session, own):
            made.person_id = at.other.id
        for move, given in (
            ("propose_dismissal", {"dismissal_reason": "x"}),
            ("hand_over", {"authority": "公安"}),
            ("close", {"evidence": "日志", "measures": "约谈"}),
        ):
            assert "breach_incident.person_does_not_decide" in objections(session, made, move, **given)
    with by(at.manager):
        made.description = "已核对导出日志"
        perform(session, made, "propose_dismissal", dismissal_reason="故意出售客户信息")
        session.commit()
    assert made.dismissal_proposed_by_id == at.manager.id
