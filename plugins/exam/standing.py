"""What keeps people off post: onboarding (TRN-3), exams not passed (TRN-5), expired certificates (TRN-11)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine import clock
from engine.answers import Impediment
from engine.circumstances import zone_of
from models.certificate import Certificate, CertificateState
from models.course import Course
from models.exam import Exam, ExamState
from models.exam_result import ExamResult, ResultState
from models.organisation import Staff, StaffStatus
from models.training_session import Enrolment, EnrolmentReason, EnrolmentState, SessionState, TrainingSession
from models.words import _

CALLED_TO = frozenset(
    {EnrolmentState.ENROLLED, EnrolmentState.EXCUSE_ASKED, EnrolmentState.ATTENDED, EnrolmentState.ABSENT,
     EnrolmentState.EXCUSED, EnrolmentState.COMPLETED}
)  # fmt: skip
"""Whoever was called to a training has to pass its exam, whether they came or not."""
HELD = frozenset({SessionState.PLANNED, SessionState.HELD, SessionState.CLOSED})


@dataclass(frozen=True)
class Passes:
    """Who passed which course's exam on which days, told results alone."""

    days: Mapping[tuple[int, int], Sequence[date]] = field(default_factory=dict)

    def ever(self, person: int, course: int) -> bool:
        """Whether the person has passed at all."""
        return (person, course) in self.days

    def since(self, person: int, course: int, day: date) -> bool:
        """Whether the person has passed on or after a day: an earlier year's exam says nothing of this training."""
        return any(passed >= day for passed in self.days.get((person, course), ()))


def found(session: Session, people: Sequence[Staff], on: date) -> list[Impediment]:
    """Everything that training has against these people on a day of their department."""
    if not people:
        return []
    passes = _passes(session, people)
    return [
        *_onboarding(session, people, passes),
        *_business(session, people, on, passes),
        *_certificates(session, people, on),
    ]


def _passes(session: Session, people: Iterable[Staff]) -> Passes:
    rows = session.execute(
        select(ExamResult.staff_id, ExamResult.course_id, ExamResult.taken_on).where(
            ExamResult.staff_id.in_([person.id for person in people]),
            ExamResult.state == ResultState.TOLD,
            ExamResult.passed.is_(True),
        )
    )
    days: dict[tuple[int, int], list[date]] = {}
    for person, course, day in rows:
        days.setdefault((person, course), []).append(day)
    return Passes(days)


# TRN-3


def _onboarding(session: Session, people: Sequence[Staff], passes: Passes) -> Iterator[Impediment]:
    """A trainee owes every onboarding course; whoever is on post already, those that they were enrolled in as new."""
    courses = session.scalars(
        select(Course)
        .where(
            Course.department_id.in_({person.department_id for person in people}),
            Course.is_onboarding.is_(True),
            Course.retired.is_(False),
        )
        .order_by(Course.id)
    ).all()
    if not courses:
        return
    enrolled, completed = _enrolments(session, people, courses)
    for person in people:
        for course in courses:
            key = (person.id, course.id)
            owes = person.status is StaffStatus.TRAINEE or key in enrolled
            if course.department_id == person.department_id and owes:
                yield from _about_course(person, course, passes, is_completed=key in completed)


def _enrolments(
    session: Session, people: Sequence[Staff], courses: Sequence[Course]
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    rows = session.execute(
        select(
            Enrolment.staff_id, Enrolment.course_id, Enrolment.reason, Enrolment.objective_met, Enrolment.state
        ).where(
            Enrolment.staff_id.in_([person.id for person in people]),
            Enrolment.course_id.in_([course.id for course in courses]),
            Enrolment.state != EnrolmentState.DROPPED,
        )
    ).all()
    enrolled = {(row.staff_id, row.course_id) for row in rows if row.reason is EnrolmentReason.ONBOARDING}
    attended = {EnrolmentState.ATTENDED, EnrolmentState.COMPLETED}
    completed = {(row.staff_id, row.course_id) for row in rows if row.objective_met or row.state in attended}
    return enrolled, completed


def _about_course(person: Staff, course: Course, passes: Passes, *, is_completed: bool) -> Iterator[Impediment]:
    told = {"person": person.label, "course": course.called, "course_id": course.id}
    if not is_completed:
        says = _("%(person)s has not completed the onboarding course “%(course)s”.")
        yield Impediment(person.id, "enrolment.onboarding_is_completed", "TRN-3", says, told)
    elif course.needs_exam and not passes.ever(person.id, course.id):
        says = _("%(person)s has not passed the exam of the onboarding course “%(course)s”.")
        yield Impediment(person.id, "exam_result.onboarding_exam_is_passed", "TRN-3", says, told)


# TRN-5


@dataclass(frozen=True)
class Call:
    """Somebody was called to a business training whose exam decides who may work the affected channels."""

    person: int
    training: TrainingSession
    day: date


def _business(session: Session, people: Sequence[Staff], on: date, passes: Passes) -> Iterator[Impediment]:
    rows = session.execute(
        select(Enrolment.staff_id, TrainingSession)
        .join(TrainingSession, Enrolment.session_id == TrainingSession.id)
        .join(Course, TrainingSession.course_id == Course.id)
        .where(
            Enrolment.staff_id.in_([person.id for person in people]),
            Enrolment.state.in_(CALLED_TO),
            TrainingSession.is_business_training.is_(True),
            TrainingSession.state.in_(HELD),
            Course.needs_exam.is_(True),
            Course.is_onboarding.is_(False),
        )
        .options(joinedload(TrainingSession.course).selectinload(Course.channels))
        .order_by(TrainingSession.starts_at)
    ).all()
    if not rows:
        return
    ends = _ends(session, {training.id for _person, training in rows})
    failed = _failed(session, people)
    by_id = {person.id: person for person in people}
    newest = {(number, training.course_id): training for number, training in rows}
    for (number, course), training in newest.items():
        person = by_id[number]
        zone = zone_of(session, person.department_id)
        if passes.since(number, course, clock.day_in(zone, training.starts_at)):
            continue
        is_over = _is_over(ends.get(training.id, training.ends_at), on, zone)
        if is_over or (number, training.id) in failed:
            yield from _off_channels(person, training)


def _is_over(moment: datetime, on: date, zone: str) -> bool:
    """Whether the training with its exam lies behind on that day."""
    return moment <= clock.now() if on <= clock.day_in(zone, clock.now()) else clock.day_in(zone, moment) < on


def _ends(session: Session, trainings: set[int]) -> dict[int, datetime]:
    """When each training's exam closes: until then there is time to pass it. None for a training without one."""
    rows = session.execute(
        select(Exam.session_id, Exam.closes_at).where(
            Exam.session_id.in_(trainings), Exam.state.in_([ExamState.DRAFT, ExamState.OPEN, ExamState.DONE])
        )
    )
    ends: dict[int, datetime] = {}
    for training, closes_at in rows:
        if training is not None:
            ends[training] = max(closes_at, ends.get(training, closes_at))
    return ends


def _failed(session: Session, people: Sequence[Staff]) -> set[tuple[int, int | None]]:
    """Who was told that they failed: for them the exam is over at once."""
    rows = session.execute(
        select(ExamResult.staff_id, Exam.session_id)
        .join(Exam, ExamResult.exam_id == Exam.id)
        .where(
            ExamResult.staff_id.in_([person.id for person in people]),
            ExamResult.state == ResultState.TOLD,
            ExamResult.passed.is_(False),
        )
    )
    return {(person, training) for person, training in rows}


def _off_channels(person: Staff, training: TrainingSession) -> Iterator[Impediment]:
    """Off the channels that the course names; off all where it names none."""
    course = training.course
    says = _("%(person)s has not passed the exam of the business training “%(course)s”.")
    told = {"person": person.label, "course": course.called, "course_id": course.id, "training_id": training.id}
    affected: list[int | None] = [channel.id for channel in course.channels]
    for channel in affected or [None]:
        yield Impediment(person.id, "exam_result.training_exam_is_passed", "TRN-5", says, told, channel)


# TRN-11


def _certificates(session: Session, people: Sequence[Staff], on: date) -> Iterator[Impediment]:
    """Off the channels that a certificate's course names, once it has expired and no other for the course holds."""
    rows = session.scalars(
        select(Certificate)
        .join(Certificate.course)
        .where(
            Certificate.staff_id.in_([person.id for person in people]),
            Certificate.state.in_([CertificateState.VALID, CertificateState.EXPIRED]),
            Course.channels.any(),
        )
        .options(joinedload(Certificate.course).selectinload(Course.channels))
        .order_by(Certificate.id)
    ).all()
    holding = {(row.staff_id, row.course_id) for row in rows if row.expires_on is None or row.expires_on >= on}
    expired = {(row.staff_id, row.course_id): row for row in rows if (row.staff_id, row.course_id) not in holding}
    by_id = {person.id: person for person in people}
    for row in expired.values():
        says = _("The certificate “%(certificate)s” of %(person)s has expired.")
        told = {"person": by_id[row.staff_id].label, "certificate": row.name}
        for channel in row.course.channels if row.course else ():
            name = "certificate.certificate_has_not_expired"
            yield Impediment(row.staff_id, name, "TRN-11", says, told, channel.id)
