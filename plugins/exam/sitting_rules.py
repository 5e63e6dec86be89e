"""What a sitting must be, who takes it, and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import CREATE, GUARD, Facts, Verdict, need, rule
from models.exam import Exam, ExamForm, ExamState
from models.exam_sitting import ExamSitting
from models.words import _
from plugins.exam.exam_rules import LONGEST_EXAM


@need()
def exams_of(session: Session, rows: Sequence[Any]) -> Mapping[Any, Exam]:
    """The exam of each sitting or result."""
    ids = {row.exam_id for row in rows}
    exams = {row.id: row for row in session.scalars(select(Exam).where(Exam.id.in_(ids)))}
    return {row: exams[row.exam_id] for row in rows if row.exam_id in exams}


@rule(
    "TRN-6",
    ExamSitting,
    field="exam_id",
    on=frozenset({CREATE}),
    needs=(exams_of,),
    says=_("Candidates are added once the exam is published, and before its results are told."),
)
def candidate_is_added_to_an_open_exam(sitting: ExamSitting, facts: Facts) -> Verdict:
    """Without a paper there is nothing to take; a resit opens by itself."""
    exam: Exam | None = facts.loaded(exams_of)
    if exam is None:
        return False
    return (sitting.is_resit and facts.actor.is_system) or exam.state is ExamState.OPEN


@rule(
    "",
    ExamSitting,
    field="closes_at",
    changed=("opens_at", "closes_at"),
    says=_("The closing time must be after the opening time."),
)
def sitting_closes_after_it_opens(sitting: ExamSitting, facts: Facts) -> Verdict:
    """The same as for the exam."""
    return sitting.closes_at > sitting.opens_at


@rule(
    "TRN-6",
    ExamSitting,
    field="own_pass_mark",
    changed=("own_pass_mark", "extra_minutes", "arrangement"),
    says=_(
        "A pass mark must be between 1 and 100, extra time between 0 and %(most)s minutes, and either needs a reason."
    ),
)
def arrangement_has_a_reason(sitting: ExamSitting, facts: Facts) -> Verdict:
    """Whoever is treated otherwise than the rest is so for a reason that can be read later."""
    fits = sitting.own_pass_mark is None or 1 <= sitting.own_pass_mark <= 100  # noqa: PLR2004 a percentage
    fits = fits and 0 <= (sitting.extra_minutes or 0) <= LONGEST_EXAM
    arranged = sitting.own_pass_mark is not None or bool(sitting.extra_minutes)
    return (fits and (not arranged or bool((sitting.arrangement or "").strip()))) or {"most": LONGEST_EXAM}


@rule("TRN-6", ExamSitting, on=GUARD, says=_("Nobody makes arrangements for their own exam."))
def somebody_else_arranges(sitting: ExamSitting, facts: Facts) -> Verdict:
    """A trainer is sometimes a candidate, too."""
    return facts.actor.is_system or facts.actor.staff_id != sitting.staff_id


@rule(
    "TRN-6",
    ExamSitting,
    on=GUARD,
    needs=(exams_of,),
    says=_("The results of this exam are told already: whoever did not pass takes the resit."),
)
def results_are_not_told(sitting: ExamSitting, facts: Facts) -> Verdict:
    """Nobody takes an attempt that already counts as not taken."""
    exam: Exam | None = facts.loaded(exams_of)
    return sitting.is_resit or (exam is not None and exam.state is ExamState.OPEN)


@rule(
    "TRN-6",
    ExamSitting,
    field="closes_at",
    on=GUARD,
    needs=(exams_of,),
    says=_("The time window of this person has passed: give them a closing time that lies ahead."),
)
def there_is_time_left(sitting: ExamSitting, facts: Facts) -> Verdict:
    """What is arranged for somebody who could no longer begin helps nobody. A resit may be taken late."""
    exam: Exam | None = facts.loaded(exams_of)
    closes = facts.given.get("closes_at") or sitting.closes_at
    hours_count = exam is not None and exam.form is ExamForm.ONLINE and exam.state is ExamState.OPEN
    return sitting.is_resit or not hours_count or closes > facts.now


@rule("TRN-6", ExamSitting, on=GUARD, says=_("Only the candidate takes their own exam."))
def candidate_takes_it_themselves(sitting: ExamSitting, facts: Facts) -> Verdict:
    """An exam is personal."""
    return facts.actor.is_system or facts.actor.staff_id == sitting.staff_id


@rule(
    "TRN-6",
    ExamSitting,
    on=GUARD,
    needs=(exams_of,),
    says=_("The exam can be begun from %(opens_at)s to %(closes_at)s."),
)
def exam_is_open_now(sitting: ExamSitting, facts: Facts) -> Verdict:
    """A resit that is overdue may still be taken: late is better than never."""
    in_time = facts.now < sitting.closes_at or sitting.is_resit
    told = {"opens_at": _local(sitting.opens_at, facts), "closes_at": _local(sitting.closes_at, facts)}
    return (sitting.opens_at <= facts.now and in_time) or told


@rule(
    "TRN-6",
    ExamSitting,
    on=GUARD,
    needs=(exams_of,),
    says=_("This exam is held elsewhere: the trainer records its result."),
)
def exam_is_taken_here(sitting: ExamSitting, facts: Facts) -> Verdict:
    """What is held on paper or at the desk has no page to be taken on."""
    exam: Exam | None = facts.loaded(exams_of)
    return exam is not None and exam.form is ExamForm.ONLINE


def _local(moment: datetime, facts: Facts) -> str:
    return f"{moment.astimezone(ZoneInfo(facts.zone)):%Y-%m-%d %H:%M}"


SITTING_RULES = (candidate_is_added_to_an_open_exam, sitting_closes_after_it_opens, arrangement_has_a_reason)
