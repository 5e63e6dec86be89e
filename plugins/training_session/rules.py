"""What a session and an enrolment must be, and what speaks against a move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.rules import CREATE, GUARD, Facts, Verdict, need, rule
from models.course import Course
from models.organisation import Staff, StaffStatus
from models.training_session import (
    AWAITED,
    Enrolment,
    EnrolmentReason,
    EnrolmentState,
    SessionState,
    TrainingSession,
)
from models.words import _

TIMES = ("starts_at", "ends_at", "trainer_id")
WHOLE = 100
UNDECIDED = frozenset({EnrolmentState.ENROLLED, EnrolmentState.EXCUSE_ASKED})
RUNNING = (SessionState.PLANNED, SessionState.HELD)


@rule(
    "TRN-2",
    TrainingSession,
    field="ends_at",
    changed=("starts_at", "ends_at"),
    says=_("A session ends after it starts."),
)
def session_ends_after_it_starts(training: TrainingSession, facts: Facts) -> Verdict:
    """A session of no length teaches nothing."""
    return training.ends_at > training.starts_at


@rule("TRN-2", TrainingSession, field="place", changed=("place",), says=_("Say where the session is held."))
def place_is_stated(training: TrainingSession, facts: Facts) -> Verdict:
    """A room, or the address of an online meeting."""
    return bool((training.place or "").strip())


@rule("TRN-2", TrainingSession, field="capacity", changed=("capacity",), says=_("A session has at least one place."))
def session_has_places(training: TrainingSession, facts: Facts) -> Verdict:
    """Left empty: as many as come."""
    return training.capacity is None or training.capacity >= 1


@rule(
    "TRN-2",
    TrainingSession,
    field="starts_at",
    changed=("starts_at", "ends_at"),
    says=_("People are already told of this date: move the session by “Reschedule”, which tells everybody."),
)
def date_moves_by_rescheduling(training: TrainingSession, facts: Facts) -> Verdict:
    """Nobody waits in an empty room."""
    return facts.move is not None or facts.before("starts_at") is None


@need()
def courses_taught(session: Session, records: Sequence[TrainingSession | Enrolment]) -> Mapping[object, Course]:
    """The course of each session or enrolment."""
    found = select(Course).where(Course.id.in_({each.course_id for each in records}))
    courses = {course.id: course for course in session.scalars(found)}
    return {each: courses[each.course_id] for each in records if each.course_id in courses}


@rule(
    "TRN-2",
    TrainingSession,
    field="course_id",
    changed=("course_id",),
    needs=(courses_taught,),
    says=_("This course is no longer taught."),
)
def session_is_of_a_course_in_use(training: TrainingSession, facts: Facts) -> Verdict:
    """What is retired is not taught."""
    course: Course | None = facts.loaded(courses_taught)
    return course is not None and not course.retired


@need(default=())
def other_sessions(
    session: Session, sessions: Sequence[TrainingSession]
) -> Mapping[TrainingSession, Sequence[TrainingSession]]:
    """Of each session's trainer, the other sessions that are still to be held."""
    found = select(TrainingSession).where(
        TrainingSession.trainer_id.in_({each.trainer_id for each in sessions}), TrainingSession.state.in_(RUNNING)
    )
    rows = session.scalars(found).all()
    return {each: [row for row in rows if row is not each and row.trainer_id == each.trainer_id] for each in sessions}


@rule(
    "TRN-2",
    TrainingSession,
    field="trainer_id",
    changed=TIMES,
    needs=(other_sessions,),
    says=_("The trainer holds “%(other)s” at that time."),
)
def trainer_is_in_one_place(training: TrainingSession, facts: Facts) -> Verdict:
    """Nobody teaches two rooms at once."""
    for other in facts.loaded(other_sessions):
        if training.starts_at < other.ends_at and other.starts_at < training.ends_at:
            return {"other": other.name}
    return True


@rule("TRN-2", TrainingSession, on=GUARD, says=_("The session has not begun yet."))
def session_has_begun(training: TrainingSession, facts: Facts) -> Verdict:
    """Nobody attends what has not taken place."""
    return facts.now >= training.starts_at


@need(default=0)
def not_yet_marked(session: Session, sessions: Sequence[TrainingSession]) -> Mapping[TrainingSession, int]:
    """How many of each session's people nobody has marked yet."""
    rows = dict(
        session.execute(
            select(Enrolment.session_id, func.count())
            .where(Enrolment.session_id.in_({each.id for each in sessions}), Enrolment.state.in_(UNDECIDED))
            .group_by(Enrolment.session_id)
        ).all()
    )
    return {each: rows.get(each.id, 0) for each in sessions}


@rule(
    "TRN-4",
    TrainingSession,
    on=GUARD,
    needs=(not_yet_marked,),
    says=_("Attendance is not complete: %(waiting)s people are neither marked present nor absent nor excused."),
)
def attendance_is_taken(training: TrainingSession, facts: Facts) -> Verdict:
    """Every absence is recorded before a session is closed."""
    waiting = facts.loaded(not_yet_marked)
    return not waiting or {"waiting": waiting}


@dataclass(frozen=True)
class Around:
    """What has to be known of an enrolment: its person, its session, and what else the person is to attend."""

    person: Staff | None
    training: TrainingSession | None
    others: Sequence[Enrolment]
    taken: int


@need()
def around(session: Session, enrolments: Sequence[Enrolment]) -> Mapping[Enrolment, Around]:
    """Everything around each enrolment, in four queries."""
    numbers = {each.staff_id for each in enrolments}
    people = {p.id: p for p in session.scalars(select(Staff).where(Staff.id.in_(numbers)))}
    places = {each.session_id for each in enrolments if each.session_id}
    sessions = {t.id: t for t in session.scalars(select(TrainingSession).where(TrainingSession.id.in_(places)))}
    rows = session.scalars(select(Enrolment).where(Enrolment.staff_id.in_(numbers), Enrolment.state.in_(AWAITED))).all()
    seats = select(Enrolment.session_id, func.count()).where(
        Enrolment.session_id.in_(places), Enrolment.id.not_in([each.id for each in enrolments if each.id])
    )
    taken = dict(session.execute(seats.group_by(Enrolment.session_id)).all())
    return {
        each: Around(
            people.get(each.staff_id),
            sessions.get(each.session_id or 0),
            [row for row in rows if row.staff_id == each.staff_id and row is not each],
            taken.get(each.session_id, 0) + _in_this_batch(each, enrolments),
        )
        for each in enrolments
    }


def _in_this_batch(enrolment: Enrolment, batch: Sequence[Enrolment]) -> int:
    return sum(each.session_id == enrolment.session_id for each in batch)


@rule("TRN-2", Enrolment, field="staff_id", on=frozenset({CREATE}), needs=(around,), says=_("This person has left."))
def enrolled_person_is_here(enrolment: Enrolment, facts: Facts) -> Verdict:
    """Only members of the department are trained."""
    known: Around = facts.loaded(around)
    return known.person is not None and known.person.status is not StaffStatus.LEFT


@rule(
    "TRN-2",
    Enrolment,
    field="course_id",
    on=frozenset({CREATE}),
    needs=(around,),
    says=_("This person is already enrolled in this course, or proposed for it."),
)
def nobody_is_enrolled_twice(enrolment: Enrolment, facts: Facts) -> Verdict:
    """One open enrolment a course."""
    known: Around = facts.loaded(around)
    return all(other.course_id != enrolment.course_id for other in known.others)


@rule(
    "TRN-2",
    Enrolment,
    field="course_id",
    on=frozenset({CREATE}),
    needs=(courses_taught,),
    says=_("This course is no longer taught."),
)
def enrolment_is_in_a_course_in_use(enrolment: Enrolment, facts: Facts) -> Verdict:
    """What is retired is not taught."""
    course: Course | None = facts.loaded(courses_taught)
    return course is not None and not course.retired


@rule(
    "TRN-2",
    Enrolment,
    field="session_id",
    changed=("session_id",),
    needs=(around,),
    says=_("This session is of another course."),
)
def session_is_of_the_course(enrolment: Enrolment, facts: Facts) -> Verdict:
    """A place is a place in the course."""
    training = facts.loaded(around).training
    return training is None or training.course_id == enrolment.course_id


@rule(
    "TRN-2",
    Enrolment,
    field="session_id",
    changed=("session_id",),
    needs=(around,),
    says=_("Places are given in sessions that are planned or under way; this one is “%(state)s”."),
)
def session_is_still_to_come(enrolment: Enrolment, facts: Facts) -> Verdict:
    """Nobody is entered into the past."""
    training = facts.loaded(around).training
    return training is None or training.state in RUNNING or {"state": training.state.label}


@rule(
    "TRN-2",
    Enrolment,
    field="session_id",
    changed=("session_id",),
    needs=(around,),
    says=_("All %(places)s places of this session are taken."),
)
def session_has_room(enrolment: Enrolment, facts: Facts) -> Verdict:
    """As many as the room holds."""
    known: Around = facts.loaded(around)
    places = known.training.capacity if known.training else None
    return places is None or known.taken <= places or {"places": places}


@rule(
    "TRN-2",
    Enrolment,
    field="session_id",
    changed=("session_id",),
    needs=(around,),
    says=_("This person is to attend “%(other)s” at that time."),
)
def person_is_in_one_place(enrolment: Enrolment, facts: Facts) -> Verdict:
    """Nobody sits in two rooms at once."""
    known: Around = facts.loaded(around)
    training = known.training
    if training is None:
        return True
    for other in (each.session for each in known.others if each.session is not None):
        if training.starts_at < other.ends_at and other.starts_at < training.ends_at:
            return {"other": other.name}
    return True


@rule(
    "TRN-2",
    Enrolment,
    field="reason",
    on=frozenset({CREATE}),
    says=_("Whoever enrols themselves does so by their own wish; others assign it to them."),
)
def own_wish_is_ones_own(enrolment: Enrolment, facts: Facts) -> Verdict:
    """The reason is true."""
    is_own = enrolment.reason is EnrolmentReason.OWN_WISH
    return facts.actor.is_system or is_own == (facts.actor.staff_id == enrolment.staff_id)


@rule("TRN-4", Enrolment, field="excuse", on=GUARD, says=_("Say why you cannot take part."))
def excuse_is_stated(enrolment: Enrolment, facts: Facts) -> Verdict:
    """Nobody declines without a reason."""
    return bool(str(facts.given.get("excuse") or "").strip())


@rule("TRN-4", Enrolment, on=GUARD, says=_("Somebody else decides about one's own training."))
def somebody_else_decides(enrolment: Enrolment, facts: Facts) -> Verdict:
    """Nobody excuses, admits or marks themselves."""
    return facts.actor.is_system or facts.actor.staff_id != enrolment.staff_id


@need(default=None)
def sessions_attended(session: Session, enrolments: Sequence[Enrolment]) -> Mapping[Enrolment, TrainingSession]:
    """The session of each enrolment."""
    found = select(TrainingSession).where(TrainingSession.id.in_({e.session_id for e in enrolments if e.session_id}))
    sessions = {each.id: each for each in session.scalars(found)}
    return {each: sessions[each.session_id] for each in enrolments if each.session_id in sessions}


@rule(
    "TRN-4",
    Enrolment,
    on=GUARD,
    needs=(sessions_attended,),
    says=_("Attendance is taken while the session is held: begin the session first."),
)
def session_is_held(enrolment: Enrolment, facts: Facts) -> Verdict:
    """Before it begins nobody was there; once it is closed the record stands."""
    training: TrainingSession | None = facts.loaded(sessions_attended)
    return training is not None and training.state is SessionState.HELD


@rule("TRN-7", Enrolment, field="practical_score", on=GUARD, says=_("A practical score lies between 0 and 100."))
def practical_score_is_out_of_100(enrolment: Enrolment, facts: Facts) -> Verdict:
    """The target is out of 100."""
    given = facts.given.get("practical_score")
    return given is None or 0 <= given <= WHOLE


RULES = (
    session_ends_after_it_starts,
    place_is_stated,
    session_has_places,
    date_moves_by_rescheduling,
    session_is_of_a_course_in_use,
    trainer_is_in_one_place,
    enrolled_person_is_here,
    nobody_is_enrolled_twice,
    enrolment_is_in_a_course_in_use,
    session_is_of_the_course,
    session_is_still_to_come,
    session_has_room,
    person_is_in_one_place,
    own_wish_is_ones_own,
)
