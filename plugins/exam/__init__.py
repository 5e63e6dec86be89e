"""TRN-3, TRN-5, TRN-6: exams worth the name, from the drawn paper to the told result and what follows from it.

- `items`, `marking`, `drawing`, `statistics`: pure calculation
- `papers`: what the bank gives, and what of it a candidate may see
- `calling`, `taking`, `by_clock`: who sits an exam; the server's time, answers kept as they are given, the hand-in
- `results`, `telling`: marks, scores and pass marks; the objective met, a resit or a retraining
- `standing`: who may not stand on which channel
- `exam_rules`, `exam_guards`, `sitting_rules`, `result_rules`: what the gate and the buttons ask
- `exam_moves`, `sitting_moves`, `result_moves`: what leads where
- `duties`, `importing`: what the ledger and a sheet know of it
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.answers import Impediment
from engine.errors import Violation
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.packs.parameters import binds, clauses_in_force
from engine.rules import Fill
from engine.transitions.kinds import Transition
from models.base import Record
from models.exam import Exam, ExamPaper, ExamState
from models.exam_result import ExamResult
from models.exam_sitting import ExamSitting
from models.organisation import Staff
from models.training_session import Enrolment, TrainingSession
from models.words import _
from plugins.exam import standing
from plugins.exam.by_clock import settle_by_clock
from plugins.exam.calling import call_late, follow_the_candidate, let_go, tell_candidates
from plugins.exam.duties import DUTIES, NOTICES
from plugins.exam.exam_moves import EXAM_MOVES
from plugins.exam.exam_rules import EXAM_RULES
from plugins.exam.importing import IMPORTABLE
from plugins.exam.result_moves import RESULT_MOVES
from plugins.exam.result_rules import RESULT_RULES
from plugins.exam.results import fill_in_results, settle_sittings
from plugins.exam.sitting_moves import BEGIN, SITTING_MOVES
from plugins.exam.sitting_rules import SITTING_RULES
from plugins.exam.taking import is_over, save_answer, take_over
from plugins.exam.telling import after_attendance

__all__ = [
    "BEGIN",
    "domain",
    "due",
    "impediments",
    "is_over",
    "left",
    "moved",
    "save_answer",
    "take_over",
    "violations",
]


@hookimpl
def impediments(session: Session, people: Sequence[Staff], on: date) -> list[Impediment]:
    """Onboarding (TRN-3), the exams of business trainings (TRN-5), expired certificates (TRN-11)."""
    return standing.found(session, people, on)


@hookimpl
def due(session: Session, now: datetime) -> int:
    """What ran out of time is handed in; whoever let the hours pass has missed the exam."""
    return settle_by_clock(session, now)


@hookimpl
def violations(session: Session, record: Record, transition: Transition) -> list[Violation]:
    """A business training is not closed without its exam (TRN-5)."""
    if not isinstance(record, TrainingSession) or transition.name != "close" or not record.is_business_training:
        return []
    if not binds("TRN-5", clauses_in_force(session, record.department_id)):
        return []
    states = session.scalars(select(Exam.state).where(Exam.session_id == record.id)).all()
    if ExamState.DONE in states:
        return []
    says = (
        _("This business training ends with an exam; its results have not been told yet.")
        if set(states) & {ExamState.DRAFT, ExamState.OPEN}
        else _("This business training ends with an exam, and none was held yet.")
    )
    return [Violation("training_session.business_training_ends_with_an_exam", "TRN-5", says, record=record)]


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """Who joins late is called to the exam; results told before the attendance count."""
    if not isinstance(record, Enrolment):
        return
    if transition.name in {"admit", "place", "attend"}:
        call_late(session, [record])
    if transition.name == "attend":
        after_attendance(session, record)


@hookimpl
def left(session: Session, person: Staff) -> None:
    """Whoever has left takes no exam any more."""
    let_go(session, person)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="exam",
        label=_("Exams"),
        built=("TRN-3", "TRN-5", "TRN-6"),
        entities=(Exam, ExamPaper, ExamSitting, ExamResult),
        fills=(Fill(ExamSitting, follow_the_candidate), Fill(ExamResult, fill_in_results)),
        afters=(
            Fill(ExamSitting, tell_candidates),
            Fill(ExamResult, settle_sittings),
            Fill(Enrolment, call_late),
        ),
        rules=(*EXAM_RULES, *SITTING_RULES, *RESULT_RULES),
        transitions=(*EXAM_MOVES, *SITTING_MOVES, *RESULT_MOVES),
        obligations=DUTIES,
        notices=NOTICES,
        importables=(IMPORTABLE,),
    )
