"""TRN-9: agents learn by themselves; what they opened and finished is recorded, and counts towards online courses."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from engine import clock
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.rules import CREATE, GUARD, Facts, Fill, Verdict, need, rule
from engine.transitions.kinds import Transition
from engine.transitions.performing import perform
from models.base import Record
from models.course import Course, CourseMethod
from models.learning_resource import LearningRecord, LearningResource, LearningState
from models.organisation import Staff
from models.training_session import Enrolment, EnrolmentReason, EnrolmentState
from models.words import _

SCHEMES = ("https://", "http://")
AFRESH = frozenset({EnrolmentReason.RETRAINING, EnrolmentReason.WEAK_CATEGORY})
"""What somebody had learnt before their results called for the course does not count towards it."""
WITHOUT_PLACE = (Enrolment.session_id.is_(None), Enrolment.state == EnrolmentState.ENROLLED)
"""Whoever has no place in a session can take the course online."""


@rule(
    "TRN-9",
    LearningResource,
    field="link",
    changed=("link",),
    says=_("An address on the network begins with https:// or http://."),
)
def link_is_an_address(resource: LearningResource, facts: Facts) -> Verdict:
    """Nothing else is opened by a press."""
    return not resource.link or resource.link.casefold().startswith(SCHEMES)


@rule(
    "TRN-9", LearningResource, field="minutes", changed=("minutes",), says=_("The time needed is at least one minute.")
)
def learning_takes_time(resource: LearningResource, facts: Facts) -> Verdict:
    """People see how long it takes before they open it."""
    return resource.minutes >= 1


@rule(
    "TRN-9",
    LearningRecord,
    on=frozenset({CREATE}),
    says=_("Whoever opens a resource opens it for themselves."),
)
def reader_opens_it_themselves(record: LearningRecord, facts: Facts) -> Verdict:
    """Nobody's learning is entered by another."""
    return facts.actor.is_system or facts.actor.staff_id == record.staff_id


@rule("TRN-9", LearningRecord, on=GUARD, says=_("Only whoever opened it can say that they finished it."))
def reader_finishes_it_themselves(record: LearningRecord, facts: Facts) -> Verdict:
    """The same of its end."""
    return facts.actor.is_system or facts.actor.staff_id == record.staff_id


@need(default=False)
def called_for_again(session: Session, records: Sequence[LearningRecord]) -> Mapping[LearningRecord, bool]:
    """For each record, whether its course is to be taken afresh since the resource was finished."""
    theirs = (Enrolment.staff_id.in_({each.staff_id for each in records}), Enrolment.reason.in_(AFRESH))
    query = select(Enrolment.staff_id, Enrolment.course_id, Enrolment.created_at)
    rows = session.execute(query.where(*theirs, *WITHOUT_PLACE)).all()
    return {
        each: any(
            (person, course) == (each.staff_id, each.resource.course_id) and _is_older(each.finished_at, asked_at)
            for person, course, asked_at in rows
        )
        for each in records
    }


def _is_older(finished_at: datetime | None, asked_at: datetime) -> bool:
    return finished_at is not None and finished_at < asked_at


@rule(
    "TRN-9",
    LearningRecord,
    on=GUARD,
    needs=(called_for_again,),
    says=_("You have finished it. It is opened again when its course is to be taken again."),
)
def course_is_taken_again(record: LearningRecord, facts: Facts) -> Verdict:
    """What was finished stays so until retraining asks for it."""
    return bool(facts.loaded(called_for_again))


def _note_the_opening(session: Session, records: Sequence[LearningRecord]) -> None:
    fresh = [each for each in records if inspect(each).transient or inspect(each).pending]
    people = {each.staff_id for each in fresh}
    teams = dict(session.execute(select(Staff.id, Staff.team_id).where(Staff.id.in_(people))).all())
    for each in fresh:
        each.team_id, each.opened_at = teams.get(each.staff_id), each.opened_at or clock.now()


def _open_again(session: Session, record: LearningRecord, facts: Facts) -> None:
    record.opened_at, record.finished_at = facts.now, None


def _finish(session: Session, record: LearningRecord, facts: Facts) -> None:
    """The last resource of an online course ends the course, or leads to its exam."""
    record.finished_at = facts.now
    session.flush()
    resource = session.get_one(LearningResource, record.resource_id)
    if resource.course_id is not None:
        _settle(session, record.staff_id, resource.course_id)


def _settle(session: Session, person: int, course_id: int) -> None:
    """Whoever has finished all resources of an online course has taken it, whether enrolled before or after."""
    course = session.get_one(Course, course_id)
    learnt_since = _learnt_since(session, person, course) if course.method is CourseMethod.ONLINE else None
    if learnt_since is None:
        return
    enrolled = select(Enrolment).where(Enrolment.staff_id == person, Enrolment.course_id == course.id, *WITHOUT_PLACE)
    for enrolment in session.scalars(enrolled).all():
        if enrolment.reason not in AFRESH or learnt_since >= enrolment.created_at:
            perform(session, enrolment, "study" if course.needs_exam else "complete")


def _learnt_since(session: Session, person: int, course: Course) -> datetime | None:
    """When the person finished the first of the course's resources; None while one is left, or where there are none."""
    read = (LearningRecord.resource_id == LearningResource.id) & (LearningRecord.staff_id == person)
    rows = session.execute(
        select(LearningRecord.state, LearningRecord.finished_at)
        .select_from(LearningResource)
        .outerjoin(LearningRecord, read)
        .where(LearningResource.course_id == course.id, LearningResource.active.is_(True))
    ).all()
    finished = [at for state, at in rows if state is LearningState.FINISHED and at is not None]
    return min(finished) if finished and len(finished) == len(rows) else None


def _settle_those_enrolled(session: Session, enrolments: Sequence[Enrolment]) -> None:
    """Somebody may have learnt it all before they were enrolled."""
    for person, course in dict.fromkeys((each.staff_id, each.course_id) for each in enrolments):
        _settle(session, person, course)


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """The same of whoever was proposed first."""
    if isinstance(record, Enrolment) and transition.name == "admit":
        _settle(session, record.staff_id, record.course_id)


MOVES = (
    Transition(
        "finish",
        LearningRecord,
        frozenset({LearningState.OPENED}),
        LearningState.FINISHED,
        _("I have finished it"),
        "TRN-9",
        guards=(reader_finishes_it_themselves,),
        effect=_finish,
        tone="good",
        awaited_of="staff_id",
    ),
    Transition(
        "open_again",
        LearningRecord,
        frozenset({LearningState.FINISHED}),
        LearningState.OPENED,
        _("Open again"),
        "TRN-9",
        guards=(reader_finishes_it_themselves, course_is_taken_again),
        effect=_open_again,
        awaited=False,
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="learning_resource",
        label=_("Training and exams"),
        built=("TRN-9",),
        entities=(LearningResource, LearningRecord),
        fills=(Fill(LearningRecord, _note_the_opening),),
        afters=(Fill(Enrolment, _settle_those_enrolled),),
        rules=(link_is_an_address, learning_takes_time, reader_opens_it_themselves),
        transitions=MOVES,
    )
