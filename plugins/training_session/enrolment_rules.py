"""Who may be enrolled in what, and where there is a place."""

from engine.rules import CREATE, Facts, Verdict, rule
from models.organisation import StaffStatus
from models.training_session import RUNNING, Enrolment, EnrolmentReason
from models.words import _
from plugins.training_session.loading import Around, around, courses_taught


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
    course = facts.loaded(courses_taught)
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
    says=_("This session has no more than %(places)s places."),
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


ENROLMENT_RULES = (
    enrolled_person_is_here,
    nobody_is_enrolled_twice,
    enrolment_is_in_a_course_in_use,
    session_is_of_the_course,
    session_is_still_to_come,
    session_has_room,
    person_is_in_one_place,
    own_wish_is_ones_own,
)
