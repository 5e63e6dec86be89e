"""QA-4 to QA-6: inspectors score what was drawn, the QA supervisor reviews, then agent and superior are told."""

from decimal import Decimal

from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.rules import Fill
from engine.transitions.kinds import Transition
from engine.transitions.performing import perform
from models.base import Record
from models.obligation import Obligation
from models.qa_appeal import QaAppeal
from models.qa_inspection import InspectionState, QaBatch, QaFinding, QaInspection, QaScore
from models.qa_plan import QaPlan
from models.words import _
from plugins.qa_inspection.duties import APPEAL_WINDOW, HAND_IN, REVIEW
from plugins.qa_inspection.history import earlier_findings
from plugins.qa_inspection.moves import MOVES
from plugins.qa_inspection.rules import (
    assigned_inspector_writes,
    deduction_is_within_its_band,
    findings_are_written_before_hand_in,
    follow_the_inspection,
    inspection_comes_from_a_draw,
    inspector_is_not_the_agent,
    item_is_on_the_scorecard,
    problem_is_stated,
)
from plugins.qa_inspection.shares import settle_batch, share_out

__all__ = ["APPEAL_WINDOW", "HAND_IN", "REVIEW", "domain", "earlier_findings", "moved", "overdue", "settle_batch"]


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """A fresh draw is shared out; an accepted appeal revises the findings it names; any answer settles it."""
    if isinstance(record, QaPlan) and transition.name == "draw":
        share_out(session, record.draws[-1])
    elif isinstance(record, QaAppeal) and transition.name in {"accept", "reject", "withdraw"}:
        if transition.name == "accept":
            _revise(session, record.inspection, record)
        perform(session, record.inspection, "settle", reason=str(transition.label))


def _revise(session: Session, inspection: QaInspection, appeal: QaAppeal) -> None:
    for finding in inspection.findings:
        revised = (appeal.revised or {}).get(str(finding.id))
        if revised is None:
            continue
        if Decimal(str(revised)) == 0:
            perform(session, finding, "withdraw")
        else:
            perform(session, finding, "revise", deduction=Decimal(str(revised)))


@hookimpl
def overdue(session: Session, obligation: Obligation) -> None:
    """When the appeal window closes unused, the result stands as confirmed."""
    if obligation.kind == APPEAL_WINDOW.name:
        inspection = session.get(QaInspection, obligation.subject_id)
        if inspection is not None and inspection.state is InspectionState.REVIEWED:
            perform(session, inspection, "acknowledge")


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="qa_inspection",
        label=_("Quality inspection"),
        built=("QA-4", "QA-5", "QA-6"),
        entities=(QaInspection, QaFinding, QaBatch, QaScore),
        fills=(Fill(QaFinding, follow_the_inspection),),
        rules=(
            inspector_is_not_the_agent,
            inspection_comes_from_a_draw,
            deduction_is_within_its_band,
            item_is_on_the_scorecard,
            problem_is_stated,
            findings_are_written_before_hand_in,
            assigned_inspector_writes,
        ),
        transitions=MOVES,
        obligations=(HAND_IN, REVIEW, APPEAL_WINDOW),
        notices=(
            Notice(
                "qa.result",
                _("QA result of record %(number)s: %(score)s points"),
                _("%(agent)s, record %(number)s of %(at)s: %(score)s points. Problems: %(problems)s"),
            ),
        ),
    )
