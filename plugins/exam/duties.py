"""Who has to do what by when, and what people are told."""

from datetime import datetime, timedelta

from engine import clock
from engine.manifest import Notice
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.rules import Facts
from models.exam import Exam, ExamState
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamSitting, SittingState
from models.training_session import AWAITED, Enrolment, EnrolmentReason, EnrolmentState
from models.words import _

AHEAD = frozenset({SittingState.ASSIGNED, SittingState.UNDER_WAY})


def _results_due(exam: Exam, facts: Facts) -> datetime:
    return _working_days_after(exam.closes_at, facts)


def _resit_result_due(result: ExamResult, facts: Facts) -> datetime:
    return _working_days_after(result.created_at, facts)


def _working_days_after(moment: datetime, facts: Facts) -> datetime:
    day = clock.day_in(facts.zone, moment)
    return end_of(facts.calendar.add(day, int(facts.parameter("exam_results_within_days"))), facts.zone)


def _retraining_due(enrolment: Enrolment, facts: Facts) -> datetime:
    day = clock.day_in(facts.zone, enrolment.created_at)
    return end_of(day + timedelta(days=int(facts.parameter("retraining_within_days"))), facts.zone)


def _is_retraining(enrolment: Enrolment) -> bool:
    return enrolment.reason is EnrolmentReason.RETRAINING


TAKE = Kind(
    "exam",
    "TRN-5",
    ExamSitting,
    _("Take the exam"),
    owed=lambda s: not s.is_resit and s.state in AHEAD,
    met=lambda s: not s.is_resit and s.state is SittingState.HANDED_IN,
    due=lambda s, facts: s.closes_at,
    owner=lambda s: s.staff_id,
)
RESIT = Kind(
    "resit",
    "TRN-6",
    ExamSitting,
    _("Take the resit"),
    owed=lambda s: s.is_resit and s.state in AHEAD,
    met=lambda s: s.is_resit and s.state is SittingState.HANDED_IN,
    due=lambda s, facts: s.closes_at,
    owner=lambda s: s.staff_id,
)
TELL = Kind(
    "exam_results",
    "TRN-6",
    Exam,
    _("Mark the exam and tell its results"),
    owed=lambda e: e.state is ExamState.OPEN,
    met=lambda e: e.state is ExamState.DONE,
    due=_results_due,
    owner=lambda e: e.trainer_id,
)
TELL_RESIT = Kind(
    "resit_result",
    "TRN-6",
    ExamResult,
    _("Mark the resit and tell its result"),
    owed=lambda r: r.attempt > 1 and r.state is not ResultState.TOLD,
    met=lambda r: r.attempt > 1 and r.state is ResultState.TOLD,
    due=_resit_result_due,
    owner=lambda r: r.exam.trainer_id,
)
RETRAIN = Kind(
    "retraining",
    "TRN-6",
    Enrolment,
    _("Take the training again and pass its exam"),
    owed=lambda e: _is_retraining(e) and e.state in AWAITED | {EnrolmentState.ATTENDED, EnrolmentState.ABSENT},
    met=lambda e: _is_retraining(e) and e.objective_met,
    due=_retraining_due,
    owner=lambda e: e.staff_id,
)
DUTIES = (TAKE, RESIT, TELL, TELL_RESIT, RETRAIN)
NOTICES = (
    Notice(
        "exam.opened",
        _("Exam to take by %(closes_at)s: %(exam)s"),
        _("You are to take the exam “%(exam)s” between %(opens_at)s and %(closes_at)s."),
    ),
    Notice(
        "exam.resit",
        _("Resit to take by %(closes_at)s: %(exam)s"),
        _("A resit of “%(exam)s” is open for you. Take it by %(closes_at)s."),
    ),
    Notice(
        "exam.moved",
        _("New hours: %(exam)s, to take by %(closes_at)s"),
        _("The exam “%(exam)s” can now be taken between %(opens_at)s and %(closes_at)s."),
    ),
    Notice(
        "exam.taken_off",
        _("No longer to take: %(exam)s"),
        _("You need not take the exam “%(exam)s” any more: %(reason)s"),
    ),
    Notice(
        "exam.missed",
        _("Exam not taken: %(exam)s"),
        _("%(person)s did not take the exam “%(exam)s”, which closed %(closes_at)s."),
    ),
    Notice(
        "exam.passed",
        _("Passed: %(exam)s, %(score)s points"),
        _("You passed the exam “%(exam)s” with %(score)s points; the pass mark is %(pass_mark)s."),
    ),
    Notice(
        "exam.failed",
        _("Not passed: %(exam)s, %(score)s points"),
        _("You scored %(score)s points in the exam “%(exam)s”; the pass mark is %(pass_mark)s."),
    ),
    Notice(
        "exam.retraining",
        _("Training to be taken again: %(course)s"),
        _("The last attempt at “%(exam)s” was not passed. You take “%(course)s” again; you are told when and where."),
    ),
)
