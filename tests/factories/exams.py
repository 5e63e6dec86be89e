"""A department that examines: a business training with a course, a bank of questions, exams, sittings and results."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.transitions.performing import perform
from models.course import Course
from models.exam import Exam, ExamForm
from models.exam_result import ExamResult
from models.exam_sitting import ExamSitting
from models.organisation import Staff
from models.question import Difficulty, Question, QuestionKind
from models.training_session import Enrolment, TrainingSession
from plugins.exam import taking
from plugins.exam.papers import items_of
from tests.factories.training import School, course, enrolled, planned, school

EASY, HARD = Difficulty.EASY, Difficulty.HARD


@dataclass
class ExamHall:
    """Everybody and everything that an exam needs: a held business training of `course`, the agents enrolled in it."""

    school: School
    course: Course
    training: TrainingSession
    exam: Exam

    @property
    def trainer(self) -> Staff:
        """Whose exam it is."""
        return self.school.trainer

    @property
    def agent(self) -> Staff:
        """The first candidate."""
        return self.school.agent

    @property
    def agents(self) -> list[Staff]:
        """All candidates."""
        return self.school.agents


def question(at: School, of: Course, number: str, kind: QuestionKind = QuestionKind.SINGLE, **values: Any) -> Question:
    """A question of the course's bank, not yet in the session; a single choice whose right answer is B."""
    given: dict[str, Any] = {
        "department_id": at.department.id,
        "course_id": of.id,
        "number": number,
        "kind": kind,
        "category": "退换货",
        "difficulty": EASY,
        "text": f"{number}：七天无理由退货从哪天算起？",
        "options": {QuestionKind.SINGLE: ["下单", "签收", "付款"], QuestionKind.MULTIPLE: ["甲", "乙", "丙"]}.get(
            kind, []
        ),
        "key": {
            QuestionKind.SINGLE: ["B"],
            QuestionKind.MULTIPLE: ["A", "C"],
            QuestionKind.TRUE_FALSE: ["true"],
            QuestionKind.FILL_IN: ["7|七"],
        }.get(kind, []),
        "points": Decimal(2),
    }
    if kind is QuestionKind.PRACTICAL:
        given["options"] = ["问候", "核实身份"]
    return Question(**{**given, **values})


def hall(
    session: Session,
    packs: str = "QC",
    *,
    kinds: tuple[QuestionKind, ...] = (QuestionKind.SINGLE, QuestionKind.SINGLE),
    spare: int = 2,
    form: ExamForm = ExamForm.ONLINE,
    is_published: bool = True,
) -> ExamHall:
    """A training under way with two agents, and its exam: open for a day, with one question of each of `kinds`."""
    at = school(session, packs)
    taught = course(session, at.department, "returns", exam=True, name={"zh": "退换货新规", "en": "Returns"})
    training = planned(at, clock.now() - timedelta(hours=1), course_id=taught.id, is_business_training=True)
    session.add(training)
    session.flush()
    for number, kind in enumerate(kinds, start=1):
        session.add(question(at, taught, f"K{number}", kind, category=f"章{number}"))
        session.add_all(question(at, taught, f"K{number}-{n}", kind, category=f"章{number}") for n in range(spare))
    enrolled(session, at, training, *at.agents)
    perform(session, training, "hold")
    made = exam(at, taught, training, form=form, rules=[line(f"章{n}") for n in range(1, len(kinds) + 1)])
    session.add(made)
    session.commit()
    if is_published:
        perform(session, made, "publish")
        session.commit()
    return ExamHall(at, taught, training, made)


def line(category: str, count: int = 1, difficulty: Difficulty = EASY) -> dict[str, Any]:
    """A line of an exam's rule."""
    return {"category": category, "difficulty": difficulty.value, "count": count}


def exam(at: School, of: Course, training: TrainingSession | None, number: str = "E1", **values: Any) -> Exam:
    """An exam of half an hour, open from now for a day; not yet in the session."""
    given = {
        "department_id": at.department.id,
        "number": number,
        "name": "退换货新规考试",
        "course_id": of.id,
        "session_id": training.id if training else None,
        "trainer_id": at.trainer.id,
        "opens_at": clock.now(),
        "closes_at": clock.now() + timedelta(days=1),
        "minutes": 30,
    }
    return Exam(**{**given, **values})


def sitting_of(session: Session, at: ExamHall, person: Staff | None = None, attempt: int = 1) -> ExamSitting:
    """The person's sitting."""
    wanted = select(ExamSitting).where(
        ExamSitting.exam_id == at.exam.id,
        ExamSitting.staff_id == (person or at.agent).id,
        ExamSitting.attempt == attempt,
    )
    return session.scalars(wanted).one()


def result_of(session: Session, at: ExamHall, person: Staff | None = None, attempt: int = 1) -> ExamResult:
    """The person's result."""
    wanted = select(ExamResult).where(
        ExamResult.exam_id == at.exam.id,
        ExamResult.staff_id == (person or at.agent).id,
        ExamResult.attempt == attempt,
    )
    return session.scalars(wanted).one()


def enrolment_of(session: Session, at: ExamHall, person: Staff | None = None) -> Enrolment:
    """The person's enrolment in the training."""
    wanted = select(Enrolment).where(
        Enrolment.session_id == at.training.id, Enrolment.staff_id == (person or at.agent).id
    )
    return session.scalars(wanted).one()


def begun(session: Session, at: ExamHall, person: Staff | None = None, attempt: int = 1) -> ExamSitting:
    """The person's sitting, begun and written on from the page `here`."""
    sitting = sitting_of(session, at, person, attempt)
    perform(session, sitting, "begin")
    taking.take_over(session, sitting, "here")
    session.commit()
    return sitting


def answer(session: Session, sitting: ExamSitting, item: int, *said: str, turn: int = 0, holder: str = "here") -> None:
    """An answer as the page sends it."""
    taking.save_answer(session, sitting, taking.Given(item, said, turn, holder))
    session.commit()


def taken(session: Session, at: ExamHall, person: Staff | None = None, *, right: bool, attempt: int = 1) -> ExamResult:
    """The person answers every question, all right or all wrong, and hands in."""
    sitting = begun(session, at, person, attempt)
    for item in items_of(session, at.exam.id, attempt):
        if item.key:
            wrong = {"true": "false", "B": "A"}.get(item.key[0], "B")
            said = [each.split("|")[0] for each in item.key] if right else [wrong]
            answer(session, sitting, item.number, *said)
    perform(session, sitting, "hand_in")
    session.commit()
    return result_of(session, at, person, attempt)


def recorded(session: Session, at: ExamHall, score: str, person: Staff | None = None, attempt: int = 1) -> ExamResult:
    """A result that the trainer writes down."""
    made = ExamResult(
        department_id=at.school.department.id,
        exam_id=at.exam.id,
        staff_id=(person or at.agent).id,
        attempt=attempt,
        score=Decimal(score),
        taken_on=clock.now().date(),
    )
    session.add(made)
    session.commit()
    return made


def failed(session: Session, at: ExamHall, person: Staff | None = None, attempt: int = 1) -> ExamResult:
    """A failed attempt whose result was told."""
    result = taken(session, at, person, right=False, attempt=attempt)
    perform(session, result, "tell")
    session.commit()
    return result
