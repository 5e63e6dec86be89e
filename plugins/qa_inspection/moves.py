"""From the inspector through the review to the agent."""

from sqlalchemy.orm import Session

from engine.notices.inbox import notify
from engine.rules import Facts, four_eyes
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.qa_inspection import FindingState, InspectionState, QaFinding, QaInspection, QaScore, ScoreReason
from models.words import _
from plugins.qa_inspection.rules import agent_confirms, assigned_inspector_hands_in
from plugins.qa_inspection.shares import settle_batch


def _hand_in(session: Session, inspection: QaInspection, facts: Facts) -> None:
    inspection.score, inspection.handed_in_at = inspection.running_score, facts.now
    settle_batch(session, inspection.batch)


def _send_back(session: Session, inspection: QaInspection, facts: Facts) -> None:
    inspection.score = inspection.handed_in_at = None
    settle_batch(session, inspection.batch)


def _tell(session: Session, inspection: QaInspection, facts: Facts) -> None:
    """The reviewed result reaches the agent and their superior, with time, record, problems and deductions (QA-6)."""
    inspection.reviewed_at, inspection.reviewed_by_id = facts.now, facts.actor.staff_id
    _keep_edition(session, inspection, ScoreReason.REVIEW, facts)
    session.flush()
    for finding in inspection.findings:
        perform(session, finding, "tell")
    settle_batch(session, inspection.batch)
    told = [inspection.agent_id, inspection.agent.superior_id]
    data = {
        "agent": inspection.agent.label,
        "number": inspection.label,
        "score": inspection.score,
        "at": inspection.occurred_at,
        "problems": [f"{f.problem} (−{f.deduction.normalize():f})" for f in inspection.findings],
    }
    notify(
        session,
        inspection.department_id,
        [person for person in told if person],
        "qa.result",
        f"qa:{inspection.id}",
        data,
        subject=inspection,
    )


def _keep_edition(session: Session, inspection: QaInspection, reason: ScoreReason, facts: Facts) -> None:
    session.add(
        QaScore(
            department_id=inspection.department_id,
            inspection=inspection,
            agent_id=inspection.agent_id,
            team_id=inspection.team_id,
            edition=len(inspection.editions) + 1,
            score=inspection.score,
            reason=reason,
            decided_by_id=facts.actor.staff_id,
            decided_at=facts.now,
        )
    )


def _rescore(session: Session, inspection: QaInspection, facts: Facts) -> None:
    """An answered appeal settles the result; a changed score becomes its next edition, and the former stays visible."""
    if inspection.running_score != inspection.score:
        inspection.score = inspection.running_score
        _keep_edition(session, inspection, ScoreReason.APPEAL, facts)


ASSIGNED, HANDED_IN, REVIEWED = (
    frozenset({s}) for s in (InspectionState.ASSIGNED, InspectionState.HANDED_IN, InspectionState.REVIEWED)
)
TOLD = frozenset({FindingState.TOLD})
REASON = Ask("reason", _("Reason"))
MOVES = (
    Transition(
        "hand_in",
        QaInspection,
        ASSIGNED,
        InspectionState.HANDED_IN,
        _("Hand in"),
        "QA-6",
        guards=(assigned_inspector_hands_in,),
        effect=_hand_in,
        tone="good",
        awaited_of="inspector_id",
    ),
    Transition(
        "send_back",
        QaInspection,
        HANDED_IN,
        InspectionState.ASSIGNED,
        _("Send back"),
        "QA-6",
        asks=(REASON,),
        effect=_send_back,
        tone="warn",
    ),
    Transition(
        "review",
        QaInspection,
        HANDED_IN,
        InspectionState.REVIEWED,
        _("Review and tell the result"),
        "QA-6",
        guards=(four_eyes("ORG-3", QaInspection, "inspector_id"),),
        effect=_tell,
        tone="good",
    ),
    Transition(
        "acknowledge",
        QaInspection,
        REVIEWED,
        InspectionState.ACCEPTED,
        _("Confirm result"),
        "QA-8",
        guards=(agent_confirms,),
        awaited_of="agent_id",
    ),
    Transition("appeal", QaInspection, REVIEWED, InspectionState.APPEALED, _("Appeal"), "QA-8", by_system=True),
    Transition(
        "settle",
        QaInspection,
        frozenset({InspectionState.APPEALED}),
        InspectionState.ACCEPTED,
        _("Settle"),
        "QA-8",
        asks=(REASON,),
        effect=_rescore,
        by_system=True,
    ),
    Transition(
        "tell", QaFinding, frozenset({FindingState.DRAFT}), FindingState.TOLD, _("Tell"), "QA-6", by_system=True
    ),
    Transition("withdraw", QaFinding, TOLD, FindingState.WITHDRAWN, _("Withdraw"), "QA-8", by_system=True),
    Transition(
        "revise",
        QaFinding,
        TOLD,
        FindingState.TOLD,
        _("Revise"),
        "QA-8",
        by_system=True,
        asks=(Ask("deduction", _("Deduction"), kind="number"),),
    ),
)
