"""QA-8: an agent questions a result in time; somebody other than the inspector answers; both scores stay visible."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.rules import CREATE, GUARD, Facts, Fill, Verdict, four_eyes, need, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.organisation import Post
from models.qa_appeal import AppealState, QaAppeal
from models.qa_inspection import FindingState, InspectionState, QaInspection
from models.words import _

ON_FILING = frozenset({CREATE})


def _follow_the_inspection(session: Session, appeals: Sequence[QaAppeal]) -> None:
    """An appeal knows from its first save whose result it questions, who scored it, and the score it found."""
    for appeal in [each for each in appeals if each.id is None]:
        inspection = appeal.inspection or session.get(QaInspection, appeal.inspection_id)
        if inspection is not None:
            appeal.agent_id, appeal.team_id = inspection.agent_id, inspection.team_id
            appeal.inspector_id, appeal.score_before = inspection.inspector_id, str(inspection.score)


@need()
def inspections(session: Session, appeals: Sequence[QaAppeal]) -> Mapping[QaAppeal, QaInspection]:
    """The questioned inspection of each appeal."""
    ids = {a.inspection_id for a in appeals if a.inspection_id is not None}
    found = {i.id: i for i in session.scalars(select(QaInspection).where(QaInspection.id.in_(ids)))}
    return {
        appeal: appeal.inspection or found[appeal.inspection_id]
        for appeal in appeals
        if appeal.inspection or appeal.inspection_id in found
    }


@rule("QA-8", QaAppeal, on=ON_FILING, needs=(inspections,), says=_("Only the agent concerned may question a result."))
def agent_questions_own_result(appeal: QaAppeal, facts: Facts) -> Verdict:
    """Nobody appeals for somebody else."""
    inspection: QaInspection = facts.loaded(inspections)
    return inspection is not None and (facts.actor.is_system or facts.actor.staff_id == inspection.agent_id)


@rule(
    "QA-8",
    QaAppeal,
    field="inspection_id",
    on=ON_FILING,
    needs=(inspections,),
    says=_("This result is “%(state)s”: only a result that was told and not yet settled can be questioned."),
)
def result_was_told(appeal: QaAppeal, facts: Facts) -> Verdict:
    """Before the review there is nothing to question; after an answer or a confirmation it is settled."""
    inspection: QaInspection = facts.loaded(inspections)
    return inspection is not None and (
        inspection.state is InspectionState.REVIEWED or {"state": inspection.state.label}
    )


@rule(
    "QA-8",
    QaAppeal,
    on=ON_FILING,
    needs=(inspections,),
    says=_("A result can be questioned for %(days)s days after it was told; that was until %(until)s."),
)
def appeal_is_in_time(appeal: QaAppeal, facts: Facts) -> Verdict:
    """The window closes."""
    inspection: QaInspection = facts.loaded(inspections)
    if inspection is None or inspection.reviewed_at is None:
        return True
    days = int(facts.parameter("appeal_days"))
    until = end_of(clock.day_in(facts.zone, inspection.reviewed_at) + timedelta(days=days), facts.zone)
    return facts.now < until or {"days": days, "until": clock.day_in(facts.zone, until - timedelta(seconds=1))}


@rule("QA-8", QaAppeal, field="grounds", changed=("grounds",), says=_("Say why you question the result."))
def grounds_are_stated(appeal: QaAppeal, facts: Facts) -> Verdict:
    """Whoever answers has to know what to look at."""
    return bool((appeal.grounds or "").strip())


@rule(
    "QA-8",
    QaAppeal,
    field="revised",
    on=GUARD,
    says=_("Say which finding falls or which deduction changes: 0, or fewer points within the finding's band."),
)
def acceptance_revises_a_finding(appeal: QaAppeal, facts: Facts) -> Verdict:
    """An accepted appeal changes the score."""
    revised: Mapping[str, Any] = facts.given.get("revised") or {}
    standing = {str(f.id): f for f in appeal.inspection.findings if f.state is FindingState.TOLD}
    bands = appeal.inspection.scorecard.bands
    try:
        points = {key: Decimal(str(value)) for key, value in revised.items()}
    except InvalidOperation:
        return False
    return bool(points) and all(
        key in standing and _is_milder(value, standing[key].deduction, bands[standing[key].severity.value])
        for key, value in points.items()
    )


def _is_milder(value: Decimal, before: Decimal, band: Sequence[Any]) -> bool:
    return value == 0 or Decimal(str(band[0])) <= value < before


def _keep_answer(session: Session, appeal: QaAppeal, facts: Facts) -> None:
    """The answer reaches the agent and the inspector."""
    appeal.answered_by_id, appeal.answered_at = facts.actor.staff_id, facts.now
    data = {"number": appeal.label, "result": appeal.state.value, "answer": appeal.answer}
    people = (appeal.agent_id, appeal.inspector_id)
    notify(session, appeal.department_id, people, "qa.appeal_answered", f"appeal:{appeal.id}", data, subject=appeal)


def _take_back(session: Session, appeal: QaAppeal, facts: Facts) -> None:
    appeal.answered_at = facts.now


def _question_the_inspection(session: Session, appeals: Sequence[QaAppeal]) -> None:
    """A filed appeal holds the result open until it is answered."""
    for appeal in appeals:
        inspection = session.get(QaInspection, appeal.inspection_id)
        if (
            appeal.state is AppealState.FILED
            and inspection is not None
            and inspection.state is InspectionState.REVIEWED
        ):
            perform(session, inspection, "appeal")


def _answer_due(appeal: QaAppeal, facts: Facts) -> datetime:
    day = clock.day_in(facts.zone, appeal.created_at)
    return end_of(facts.calendar.add(day, int(facts.parameter("appeal_answer_days"))), facts.zone)


ANSWER = Kind(
    "appeal_answer",
    "QA-8",
    QaAppeal,
    _("Answer the appeal"),
    owed=lambda a: a.state is AppealState.FILED,
    met=lambda a: a.state in {AppealState.ACCEPTED, AppealState.REJECTED},
    due=_answer_due,
    post=Post.QA_SUPERVISOR,
)

FILED = frozenset({AppealState.FILED})
SOMEBODY_ELSE = (four_eyes("QA-8", QaAppeal, "inspector_id"), four_eyes("QA-8", QaAppeal, "agent_id"))
ANSWERED = Ask("answer", _("Answer"))
MOVES = (
    Transition(
        "accept",
        QaAppeal,
        FILED,
        AppealState.ACCEPTED,
        _("Accept"),
        "QA-8",
        guards=(*SOMEBODY_ELSE, acceptance_revises_a_finding),
        effect=_keep_answer,
        tone="good",
        asks=(ANSWERED, Ask("revised", _("Revised deductions"), kind="revision")),
    ),
    Transition(
        "reject",
        QaAppeal,
        FILED,
        AppealState.REJECTED,
        _("Reject"),
        "QA-8",
        guards=SOMEBODY_ELSE,
        effect=_keep_answer,
        asks=(ANSWERED,),
        tone="bad",
    ),
    Transition("withdraw", QaAppeal, FILED, AppealState.WITHDRAWN, _("Take back"), "QA-8", effect=_take_back),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="qa_appeal",
        label=_("Quality inspection"),
        built=("QA-8",),
        entities=(QaAppeal,),
        fills=(Fill(QaAppeal, _follow_the_inspection),),
        rules=(agent_questions_own_result, result_was_told, appeal_is_in_time, grounds_are_stated),
        transitions=MOVES,
        obligations=(ANSWER,),
        afters=(Fill(QaAppeal, _question_the_inspection),),
        notices=(
            Notice(
                "qa.appeal_answered",
                _("Your appeal about record %(number)s was answered"),
                _("Record %(number)s: %(answer)s"),
            ),
        ),
    )
