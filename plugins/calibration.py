"""QA-10: inspectors score the same record blind, so that scoring stays fair; then their spread is shown."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.obligations.kinds import Kind
from engine.rules import CREATE, EDIT, GUARD, Facts, Verdict, need, rule
from engine.transitions.kinds import Ask, Transition
from models.calibration import Calibration, CalibrationScore, CalibrationState, ScoreState
from models.organisation import QA_POSTS, Staff, StaffStatus
from models.scorecard import ScorecardItem
from models.words import _


@rule(
    "QA-10",
    Calibration,
    field="due_at",
    changed=("due_at",),
    on=frozenset({CREATE, EDIT}),
    says=_("The round's due moment lies in the future."),
)
def due_moment_lies_ahead(calibration: Calibration, facts: Facts) -> Verdict:
    """Inspectors need time to score."""
    return facts.move is not None or calibration.due_at > facts.now


@need(default=())
def scorers(session: Session, rounds: Sequence[Calibration]) -> Mapping[Calibration, Sequence[int]]:
    """The inspectors on post, except an agent's own record's agent."""
    rows = session.execute(
        select(Staff.id, Staff.department_id)
        .where(Staff.post.in_(sorted(QA_POSTS)), Staff.status == StaffStatus.ON_POST)
        .order_by(Staff.id)
    ).all()
    return {
        r: [row.id for row in rows if row.department_id == r.department_id and row.id != r.service_record.agent_id]
        for r in rounds
    }


@rule(
    "QA-10",
    Calibration,
    on=GUARD,
    needs=(scorers,),
    says=_("A calibration needs at least %(needed)s inspectors; %(there)s are on post."),
)
def enough_inspectors_score(calibration: Calibration, facts: Facts) -> Verdict:
    """One score has no spread."""
    needed, there = int(facts.parameter("calibration_inspectors")), len(facts.loaded(scorers))
    return there >= needed or {"needed": needed, "there": there}


@rule(
    "QA-10",
    Calibration,
    on=GUARD,
    says=_("%(waiting)s inspectors have not handed in yet: scores stay blind until all have."),
)
def everybody_has_handed_in(calibration: Calibration, facts: Facts) -> Verdict:
    """Blind until the end."""
    waiting = sum(score.state is ScoreState.OWED for score in calibration.scores)
    return waiting == 0 or {"waiting": waiting}


@rule("QA-10", CalibrationScore, on=GUARD, says=_("Only the inspector whose score it is hands it in."))
def inspector_hands_in_own_score(score: CalibrationScore, facts: Facts) -> Verdict:
    """Blind means alone."""
    return facts.actor.is_system or facts.actor.staff_id == score.inspector_id


@need(default=frozenset())
def card_items(session: Session, scores: Sequence[CalibrationScore]) -> Mapping[CalibrationScore, frozenset[int]]:
    """The items of the scorecard that each round scores by."""
    rows = session.execute(select(ScorecardItem.id, ScorecardItem.scorecard_id)).all()
    return {
        s: frozenset(r.id for r in rows if r.scorecard_id == s.calibration.scorecard_id)
        for s in scores
        if s.calibration
    }


@rule(
    "QA-4",
    CalibrationScore,
    field="findings",
    changed=("findings",),
    needs=(card_items,),
    says=_("Each finding names an item of the scorecard and a deduction within its severity's band."),
)
def blind_findings_fit_the_scorecard(score: CalibrationScore, facts: Facts) -> Verdict:
    """The same standard as in a real inspection."""
    bands, known = score.calibration.scorecard.bands, facts.loaded(card_items)
    return all(_fits(finding, bands, known) for finding in score.findings or [])


def _fits(finding: Mapping[str, Any], bands: Mapping[str, Any], known: frozenset[int]) -> bool:
    try:
        low, high = (Decimal(str(edge)) for edge in bands[finding["severity"]])
        return int(finding["item_id"]) in known and low <= Decimal(str(finding["deduction"])) <= high
    except (KeyError, TypeError, ValueError, InvalidOperation):
        return False


def _ask_inspectors(session: Session, calibration: Calibration, facts: Facts) -> None:
    for person in scorers.load(session, [calibration])[calibration]:
        session.add(
            CalibrationScore(
                department_id=calibration.department_id,
                calibration=calibration,
                inspector_id=person,
                due_at=calibration.due_at,
                findings=[],
            )
        )


def _keep_score(session: Session, score: CalibrationScore, facts: Facts) -> None:
    points = [Decimal(str(finding["deduction"])) for finding in score.findings or []]
    score.score = score.calibration.scorecard.score(points)


HAND_IN = Kind(
    "calibration",
    "QA-10",
    CalibrationScore,
    _("Score the calibration record blind"),
    owed=lambda s: s.state is ScoreState.OWED,
    met=lambda s: s.state is ScoreState.HANDED_IN,
    due=lambda s, facts: s.due_at,
    owner=lambda s: s.inspector_id,
)
MOVES = (
    Transition(
        "open",
        Calibration,
        frozenset({CalibrationState.DRAFT}),
        CalibrationState.SCORING,
        _("Open for scoring"),
        "QA-10",
        guards=(enough_inspectors_score,),
        effect=_ask_inspectors,
        tone="good",
    ),
    Transition(
        "reveal",
        Calibration,
        frozenset({CalibrationState.SCORING}),
        CalibrationState.REVEALED,
        _("Reveal"),
        "QA-10",
        guards=(everybody_has_handed_in,),
        asks=(Ask("conclusion", _("Conclusion"), required=False),),
        tone="good",
    ),
    Transition(
        "hand_in",
        CalibrationScore,
        frozenset({ScoreState.OWED}),
        ScoreState.HANDED_IN,
        _("Hand in"),
        "QA-10",
        guards=(inspector_hands_in_own_score,),
        effect=_keep_score,
        tone="good",
        awaited_of="inspector_id",
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="calibration",
        label=_("Quality inspection"),
        built=("QA-10",),
        entities=(Calibration, CalibrationScore),
        rules=(due_moment_lies_ahead, blind_findings_fit_the_scorecard),
        transitions=MOVES,
        obligations=(HAND_IN,),
    )
