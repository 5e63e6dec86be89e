"""What holds for inspections and findings."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import CREATE, DELETE, EDIT, GUARD, Facts, Verdict, need, rule
from models.qa_inspection import InspectionState, QaFinding, QaInspection
from models.scorecard import Scorecard, ScorecardItem
from models.words import _

ANY_WRITE = frozenset({CREATE, EDIT, DELETE})
CONTENT = ("inspection_id", "item_id", "severity", "deduction", "problem", "cause")


def follow_the_inspection(session: Session, findings: Sequence[QaFinding]) -> None:
    """A finding is about the agent, the team and the moment of its record, whoever writes it and however."""
    for finding, inspection in _inspections(session, findings).items():
        finding.agent_id, finding.team_id = inspection.agent_id, inspection.team_id
        finding.occurred_at = inspection.occurred_at


@rule(
    "ORG-3",
    QaInspection,
    field="inspector_id",
    changed=("inspector_id", "agent_id"),
    says=_("An inspector may not inspect their own records."),
)
def inspector_is_not_the_agent(inspection: QaInspection, facts: Facts) -> Verdict:
    """Nobody scores themselves."""
    return inspection.inspector_id != inspection.agent_id


@rule("QA-3", QaInspection, on=frozenset({CREATE}), says=_("Records are drawn at random. Nobody can add one by hand."))
def inspection_comes_from_a_draw(inspection: QaInspection, facts: Facts) -> Verdict:
    """Nobody picks."""
    return facts.actor.is_system and (inspection.draw_id is not None or inspection.draw is not None)


@need()
def items(session: Session, findings: Sequence[QaFinding]) -> Mapping[QaFinding, ScorecardItem]:
    """The scorecard item of each finding."""
    found = {
        i.id: i
        for i in session.scalars(select(ScorecardItem).where(ScorecardItem.id.in_({f.item_id for f in findings})))
    }
    return {finding: found[finding.item_id] for finding in findings if finding.item_id in found}


@need()
def cards(session: Session, findings: Sequence[QaFinding]) -> Mapping[QaFinding, Scorecard]:
    """The scorecard that each finding's record is scored with."""
    inspections = _inspections(session, findings)
    found = {
        c.id: c
        for c in session.scalars(
            select(Scorecard).where(Scorecard.id.in_({i.scorecard_id for i in inspections.values()}))
        )
    }
    return {finding: found[inspection.scorecard_id] for finding, inspection in inspections.items()}


@need()
def inspections_of(session: Session, findings: Sequence[QaFinding]) -> Mapping[QaFinding, QaInspection]:
    """The inspection of each finding."""
    return _inspections(session, findings)


def _inspections(session: Session, findings: Sequence[QaFinding]) -> dict[QaFinding, QaInspection]:
    ids = {f.inspection_id for f in findings if f.inspection_id is not None}
    found = {i.id: i for i in session.scalars(select(QaInspection).where(QaInspection.id.in_(ids)))}
    return {f: f.inspection or found[f.inspection_id] for f in findings if f.inspection or f.inspection_id in found}


@rule(
    "QA-4",
    QaFinding,
    field="deduction",
    changed=("deduction", "severity"),
    needs=(cards,),
    says=_("A %(severity)s finding deducts %(low)s to %(high)s points; %(value)s is outside."),
)
def deduction_is_within_its_band(finding: QaFinding, facts: Facts) -> Verdict:
    """Minor, general and severe have their bands; outside is refused."""
    card: Scorecard = facts.loaded(cards)
    low, high = (Decimal(str(edge)) for edge in card.bands[finding.severity.value])
    values = {"severity": finding.severity.label, "low": low, "high": high, "value": finding.deduction}
    return low <= finding.deduction <= high or values


@rule(
    "QA-2",
    QaFinding,
    field="item_id",
    changed=("item_id",),
    needs=(items, cards),
    says=_("This item is not on the scorecard that the record is scored with."),
)
def item_is_on_the_scorecard(finding: QaFinding, facts: Facts) -> Verdict:
    """A record is scored by one edition of the standard."""
    item, card = facts.loaded(items), facts.loaded(cards)
    return item is not None and card is not None and item.scorecard_id == card.id


@rule("QA-4", QaFinding, field="problem", changed=("problem",), says=_("Say what the problem is."))
def problem_is_stated(finding: QaFinding, facts: Facts) -> Verdict:
    """A deduction without a problem cannot be rectified."""
    return bool((finding.problem or "").strip())


@rule(
    "QA-6",
    QaFinding,
    on=ANY_WRITE,
    changed=CONTENT,
    needs=(inspections_of,),
    says=_("Findings are written before the record is handed in. After the review they change by appeal only."),
)
def findings_are_written_before_hand_in(finding: QaFinding, facts: Facts) -> Verdict:
    """What was handed in stands."""
    inspection: QaInspection = facts.loaded(inspections_of)
    return facts.move is not None or inspection.state is InspectionState.ASSIGNED


@rule(
    "QA-6",
    QaFinding,
    on=ANY_WRITE,
    changed=CONTENT,
    needs=(inspections_of,),
    says=_("Only the inspector whom the record was given to scores it."),
)
def assigned_inspector_writes(finding: QaFinding, facts: Facts) -> Verdict:
    """Each record has one inspector."""
    inspection: QaInspection = facts.loaded(inspections_of)
    return facts.move is not None or facts.actor.is_system or facts.actor.staff_id == inspection.inspector_id


@rule("QA-6", QaInspection, on=GUARD, says=_("Only the inspector whom the record was given to hands it in."))
def assigned_inspector_hands_in(inspection: QaInspection, facts: Facts) -> Verdict:
    """Each record has one inspector."""
    return facts.actor.is_system or facts.actor.staff_id == inspection.inspector_id


@rule("QA-8", QaInspection, on=GUARD, says=_("Only the agent concerned confirms a result."))
def agent_confirms(inspection: QaInspection, facts: Facts) -> Verdict:
    """The result is the agent's to confirm or question."""
    return facts.actor.is_system or facts.actor.staff_id == inspection.agent_id
