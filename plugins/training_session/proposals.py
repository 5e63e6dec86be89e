"""TRN-8, DAT-4: whoever is weak in a QA category, or whose customers are not satisfied, is proposed for a course."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.category_figures import categories_by_agent
from engine.home_language import in_home_language
from engine.notices.inbox import notify
from engine.obligations.periods import start_of
from engine.packs.parameters import UnknownParameterError, binds, clauses_in_force, value
from engine.service_figures import By, figures_by, happened_between
from models.course import Course
from models.organisation import Department, Staff, StaffStatus
from models.service_record import ServiceRecord
from models.training_session import AWAITED, Enrolment, EnrolmentReason, ProposalCheck
from models.words import _, in_language

CLAUSE = "TRN-8"
SATISFACTION = "satisfaction"
"""Stands among a course's QA categories for the satisfaction of customers."""
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Weakness:
    """One thing that a person is weak in: the category, and the figure beside its line."""

    staff_id: int
    category: str
    grounds: str


@dataclass(frozen=True)
class Window:
    """The department, the days that count, and its values on the last of them."""

    department: Department
    today: date
    start: datetime
    end: datetime
    category_line: Decimal
    satisfaction_line: Decimal
    least_ratings: int


def due(session: Session, now: datetime) -> int:
    """Once a day, look through every department's figures; how many people were proposed."""
    proposed = 0
    for department in session.scalars(select(Department).order_by(Department.id)).all():
        today = clock.day_in(department.timezone, now)
        if session.get(ProposalCheck, (department.id, today)) is None:
            session.add(ProposalCheck(department_id=department.id, day=today))
            session.flush()
            proposed += propose(session, department, now)
    return proposed


def propose(session: Session, department: Department, now: datetime, agents: Sequence[int] = ()) -> int:
    """Propose the agents (or all) for the courses that match what they are weak in; how many enrolments were opened."""
    courses = _matching(session, department)
    window = _window(session, department, now) if courses else None
    if window is None:
        return 0
    weak = [each for each in _weaknesses(session, window, agents, set(courses)) if each.category in courses]
    people = _people(session, weak)
    there = _there(session, weak, window.start)
    opened = [
        _proposed(person, course, each.grounds)
        for each in weak
        for course in (courses[each.category],)
        if (person := people.get(each.staff_id)) and not _is_known(there, person.id, course.id)
    ]
    session.add_all(opened)
    session.flush()
    for enrolment in opened:
        _tell(session, enrolment, people[enrolment.staff_id])
    return len(opened)


def _window(session: Session, department: Department, now: datetime) -> Window | None:
    """None where the rulebook asks for nothing of the kind."""
    if not binds(CLAUSE, clauses_in_force(session, department.id)):
        return None
    today = clock.day_in(department.timezone, now)
    of = partial(value, session, department.id, on=today)
    try:
        days = int(of("weak_category_days"))
        lines = Decimal(str(of("weak_category_line"))), Decimal(str(of("weak_satisfaction_line")))
        least = int(of("weak_least_ratings"))
    except UnknownParameterError:
        return None
    start = start_of(today - timedelta(days=days), department.timezone)
    return Window(department, today, start, now, *lines, least)


def _matching(session: Session, department: Department) -> Mapping[str, Course]:
    """The course for each category: the first that is meant to better it."""
    taught = select(Course).where(Course.department_id == department.id, Course.retired.is_(False)).order_by(Course.id)
    found: dict[str, Course] = {}
    for course in session.scalars(taught):
        for category in course.qa_categories or ():
            found.setdefault(category, course)
    return found


def _weaknesses(session: Session, window: Window, agents: Sequence[int], wanted: Iterable[str]) -> Iterator[Weakness]:
    by_agent = categories_by_agent(session, window.department.id, window.start, window.end, agents)
    for agent, categories in sorted(by_agent.items()):
        for each in categories:
            if each.score < window.category_line:
                name = in_language(each.name, window.department.language)
                told = {"category": name, "score": each.score, "line": window.category_line, "records": each.records}
                words = _("%(category)s %(score)s out of 100, target %(line)s (%(records)s records)", **told)
                yield Weakness(agent, each.code, in_home_language(session, window.department.id, words))
    if SATISFACTION in wanted:
        yield from _unsatisfied(session, window, agents)


def _unsatisfied(session: Session, window: Window, agents: Sequence[int]) -> Iterator[Weakness]:
    rated = [
        ServiceRecord.department_id == window.department.id,
        ServiceRecord.satisfaction.is_not(None),
        *happened_between(window.start, window.end),
        *([ServiceRecord.agent_id.in_(agents)] if agents else []),
    ]
    for agent, figures in figures_by(session, By.AGENT, *rated).items():
        mean = figures.mean_satisfaction
        if agent and mean is not None and figures.rated >= window.least_ratings and mean < window.satisfaction_line:
            told = {"mean": mean.quantize(CENT), "line": window.satisfaction_line, "rated": figures.rated}
            words = _("Customer satisfaction %(mean)s, target %(line)s (%(rated)s ratings)", **told)
            yield Weakness(agent, SATISFACTION, in_home_language(session, window.department.id, words))


def _people(session: Session, weak: Sequence[Weakness]) -> Mapping[int, Staff]:
    found = select(Staff).where(
        Staff.id.in_({each.staff_id for each in weak}), Staff.status.in_([StaffStatus.ON_POST, StaffStatus.TRAINEE])
    )
    return {person.id: person for person in session.scalars(found)}


def _there(session: Session, weak: Sequence[Weakness], since: datetime) -> dict[int, set[int]]:
    """Courses by person that lie ahead, or that the person was proposed for since."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    rows = session.execute(
        select(Enrolment.staff_id, Enrolment.course_id).where(
            Enrolment.staff_id.in_({each.staff_id for each in weak}),
            or_(Enrolment.state.in_(AWAITED), Enrolment.created_at >= since),
        )
    )
    for staff_id, course_id in rows:
        found[staff_id].add(course_id)
    return found


def _is_known(there: dict[int, set[int]], person: int, course: int) -> bool:
    """Whether there is one already; from now on there is."""
    known = there.setdefault(person, set())
    if course in known:
        return True
    known.add(course)
    return False


def _proposed(person: Staff, course: Course, grounds: str) -> Enrolment:
    return Enrolment(
        department_id=person.department_id,
        staff_id=person.id,
        course_id=course.id,
        course=course,
        reason=EnrolmentReason.WEAK_CATEGORY,
        grounds=grounds,
    )


def _tell(session: Session, enrolment: Enrolment, person: Staff) -> None:
    """The person's superior decides, so they hear of it."""
    if person.superior_id is not None:
        data = {"person": person.label, "course": enrolment.course.name, "grounds": enrolment.grounds or ""}
        key = f"enrolment:{enrolment.id}:proposed"
        notify(session, person.department_id, [person.superior_id], "training.proposed", key, data, subject=enrolment)
