"""TRN-2, TRN-3: the courses of the department, and those that every newcomer is enrolled in."""

import re
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.packs.schema import Pack
from engine.rules import After, Facts, Verdict, rule
from models.course import Course, CourseCategory
from models.organisation import Department, Staff, StaffStatus
from models.training_session import Enrolment, EnrolmentReason, EnrolmentState
from models.words import _

CODE = re.compile(r"[a-z][a-z0-9_]*")


@rule(
    "TRN-2",
    Course,
    field="code",
    changed=("code",),
    says=_("Write the short name in small Latin letters, digits and underscores, as in product_knowledge."),
)
def course_code_is_plain(course: Course, facts: Facts) -> Verdict:
    """Imports and programs name courses by it."""
    return bool(CODE.fullmatch(course.code or ""))


@rule("TRN-2", Course, field="name", changed=("name",), says=_("Name the course in Chinese and in English."))
def course_is_named_in_both_languages(course: Course, facts: Facts) -> Verdict:
    """People read it in their own language."""
    return all(((course.name or {}).get(language) or "").strip() for language in ("zh", "en"))


@rule("TRN-2", Course, field="hours", changed=("hours",), says=_("A course takes at least half an hour."))
def course_takes_time(course: Course, facts: Facts) -> Verdict:
    """Hours of training are counted."""
    return 2 * course.hours >= 1


@hookimpl
def adopted(session: Session, department: Department, pack: Pack) -> None:
    """Begin with the pack's onboarding courses (TRN-3); those that are there stay."""
    known = set(session.scalars(select(Course.code).where(Course.department_id == department.id)))
    session.add_all(
        Course(
            department_id=department.id,
            code=entry.code,
            name=entry.title.words,
            category=category_of(entry.category),
            hours=entry.hours,
            needs_exam=entry.exam,
            is_onboarding=True,
        )
        for entry in pack.onboarding_courses
        if entry.code not in known
    )


def category_of(code: str) -> CourseCategory:
    """The category with the pack's code; a department's own pack may name one that we do not know."""
    return CourseCategory(code) if code in set(CourseCategory) else CourseCategory.OTHER


def _enrol_newcomers(session: Session, people: Sequence[Staff]) -> None:
    """Whoever becomes a trainee is enrolled in every onboarding course, whichever way they came in."""
    trainees = [person for person in people if person.status is StaffStatus.TRAINEE]
    if trainees:
        homes = {person.department_id for person in trainees}
        _one_after_the_other(session, homes)
        _enrol(session, trainees, _onboarding(session, homes))


def _enrol_those_in_training(session: Session, courses: Sequence[Course]) -> None:
    """What is an onboarding course from now on, or taught again, concerns those who are still trainees."""
    taught = [course for course in courses if course.is_onboarding and not course.retired]
    if taught:
        homes = {course.department_id for course in taught}
        _one_after_the_other(session, homes)
        trainees = select(Staff).where(Staff.department_id.in_(homes), Staff.status == StaffStatus.TRAINEE)
        _enrol(session, session.scalars(trainees).all(), taught)


def _enrol_after_all(session: Session, enrolments: Sequence[Enrolment]) -> None:
    """A proposal that is turned down frees no trainee of an onboarding course."""
    dropped = {each.staff_id for each in enrolments if each.state is EnrolmentState.DROPPED}
    if dropped:
        _enrol_newcomers(session, session.scalars(select(Staff).where(Staff.id.in_(dropped))).all())


def _one_after_the_other(session: Session, departments: Collection[int]) -> None:
    """A course and a newcomer of the same moment do not see each other: the second waits for the first's commit."""
    rows = select(Department.id).where(Department.id.in_(departments)).order_by(Department.id)
    session.execute(rows.with_for_update(key_share=True))


def _enrol(session: Session, people: Sequence[Staff], courses: Sequence[Course]) -> None:
    """One enrolment a person and course of their department, unless there is one already."""
    session.add_all(
        Enrolment(
            department_id=person.department_id,
            staff_id=person.id,
            course_id=course.id,
            reason=EnrolmentReason.ONBOARDING,
            state=EnrolmentState.ENROLLED,
        )
        for person, course in _missing(session, people, courses)
    )


def _missing(session: Session, people: Sequence[Staff], courses: Sequence[Course]) -> list[tuple[Staff, Course]]:
    """Who is not enrolled in which course of their department."""
    there = set(
        session.execute(
            select(Enrolment.staff_id, Enrolment.course_id).where(
                Enrolment.staff_id.in_([person.id for person in people]),
                Enrolment.state != EnrolmentState.DROPPED,
            )
        ).all()
    )
    return [
        (person, course)
        for person in people
        for course in courses
        if course.department_id == person.department_id and (person.id, course.id) not in there
    ]


def _onboarding(session: Session, departments: Collection[int]) -> Sequence[Course]:
    query = select(Course).where(
        Course.department_id.in_(sorted(departments)), Course.is_onboarding.is_(True), Course.retired.is_(False)
    )
    return session.scalars(query.order_by(Course.id)).all()


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="course",
        label=_("Training and exams"),
        built=("TRN-2",),
        entities=(Course,),
        afters=(
            After(Staff, _enrol_newcomers, changed=("status",)),
            After(Course, _enrol_those_in_training, changed=("is_onboarding", "retired")),
            After(Enrolment, _enrol_after_all, changed=("state",)),
        ),
        rules=(course_code_is_plain, course_is_named_in_both_languages, course_takes_time),
    )
