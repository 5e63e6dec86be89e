"""TRN-9: agents learn by themselves; what they opened and finished is recorded, and counts towards online courses."""

from collections.abc import Sequence

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from engine import clock
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.rules import CREATE, GUARD, Facts, Fill, Verdict, rule
from engine.transitions.kinds import Transition
from engine.transitions.performing import perform
from models.course import Course, CourseMethod
from models.learning_resource import LearningRecord, LearningResource, LearningState
from models.organisation import Staff
from models.training_session import Enrolment, EnrolmentState
from models.words import _

SCHEMES = ("https://", "http://")


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


def _note_the_opening(session: Session, records: Sequence[LearningRecord]) -> None:
    fresh = [each for each in records if inspect(each).transient or inspect(each).pending]
    people = {each.staff_id for each in fresh}
    teams = dict(session.execute(select(Staff.id, Staff.team_id).where(Staff.id.in_(people))).all())
    for each in fresh:
        each.team_id, each.opened_at = teams.get(each.staff_id), each.opened_at or clock.now()


def _finish(session: Session, record: LearningRecord, facts: Facts) -> None:
    """The last resource of an online course ends the course, or leads to its exam."""
    record.finished_at = facts.now
    session.flush()
    resource = session.get_one(LearningResource, record.resource_id)
    course = session.get(Course, resource.course_id) if resource.course_id else None
    if course is not None and course.method is CourseMethod.ONLINE and _has_finished_all(session, record, course):
        enrolled = select(Enrolment).where(
            Enrolment.staff_id == record.staff_id,
            Enrolment.course_id == course.id,
            Enrolment.session_id.is_(None),
            Enrolment.state == EnrolmentState.ENROLLED,
        )
        for enrolment in session.scalars(enrolled).all():
            perform(session, enrolment, "study" if course.needs_exam else "complete")


def _has_finished_all(session: Session, record: LearningRecord, course: Course) -> bool:
    finished = select(LearningRecord.resource_id).where(
        LearningRecord.staff_id == record.staff_id, LearningRecord.state == LearningState.FINISHED
    )
    left = select(LearningResource.id).where(
        LearningResource.course_id == course.id,
        LearningResource.active.is_(True),
        LearningResource.id.not_in(finished),
        LearningResource.id != record.resource_id,
    )
    return session.scalar(left.limit(1)) is None


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
        rules=(link_is_an_address, learning_takes_time, reader_opens_it_themselves),
        transitions=MOVES,
    )
