"""TRN-2, 4, 7, 8, 10: sessions are held as planned, whoever is enrolled comes or is excused, the effect is evaluated.

- `session_rules`, `enrolment_rules`: what a session and an enrolment must be; `loading`: what these have to know
- `session_moves`: from the planned to the closed session
- `place_moves`, `attendance_moves`: from the proposal to a place and to the objective met; `guards`: what they ask
- `telling`: what those enrolled are told
- `evaluation`: questionnaires, figures against targets, what is changed
- `proposals`: courses for whoever is weak in a QA category
- `notes`: what participants keep
- `duties`: who has to do what by when, and what people are told
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from engine.clock import day_in
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.rules import Fill
from engine.transitions.kinds import Transition
from models.base import Record
from models.course import Course
from models.organisation import Department, Staff
from models.qa_inspection import QaInspection
from models.training_session import (
    Enrolment,
    EnrolmentReason,
    EnrolmentState,
    TrainingFeedback,
    TrainingNote,
    TrainingSession,
)
from models.words import _, in_language
from plugins.training_session.attendance_moves import ATTENDANCE_MOVES
from plugins.training_session.duties import DUTIES, NOTICES
from plugins.training_session.enrolment_rules import ENROLMENT_RULES
from plugins.training_session.evaluation import EVALUATION_MOVES, EVALUATION_RULES
from plugins.training_session.notes import NOTE_RULES
from plugins.training_session.place_moves import PLACE_MOVES, let_go
from plugins.training_session.proposals import due as look_through
from plugins.training_session.proposals import propose
from plugins.training_session.session_moves import SESSION_MOVES
from plugins.training_session.session_rules import SESSION_RULES
from plugins.training_session.telling import tell_of_place

ASKED_FOR = frozenset({EnrolmentReason.WEAK_CATEGORY, EnrolmentReason.OWN_WISH})
"""Reasons that somebody has to agree to first."""


def _name_sessions(session: Session, sessions: Sequence[TrainingSession]) -> None:
    """A session without a name of its own is called by its course and day, in the department's language."""
    for each in (each for each in sessions if each.starts_at):
        course, home = session.get(Course, each.course_id), session.get(Department, each.department_id)
        if course is None or home is None:
            continue
        before = inspect(each).attrs.starts_at.history.deleted
        given = {_by_day(course, home, at) for at in before if at} | {""}
        if (each.name or "").strip() in given:
            each.name = _by_day(course, home, each.starts_at)


def _by_day(course: Course, home: Department, starts_at: datetime) -> str:
    return f"{in_language(course.name, home.language)} {day_in(home.timezone, starts_at):%Y-%m-%d}"[:160]


def _complete_enrolments(session: Session, enrolments: Sequence[Enrolment]) -> None:
    """An enrolment belongs to its person's team, and starts when its session does."""
    fresh = [each for each in enrolments if inspect(each).transient or inspect(each).pending]
    teams = dict(
        session.execute(select(Staff.id, Staff.team_id).where(Staff.id.in_({e.staff_id for e in fresh}))).all()
    )
    held = select(TrainingSession).where(TrainingSession.id.in_({e.session_id for e in enrolments if e.session_id}))
    sessions = {each.id: each for each in session.scalars(held)}
    for each in fresh:
        each.team_id = teams.get(each.staff_id)
        if each.state is EnrolmentState.PROPOSED and each.reason not in ASKED_FOR:
            each.state = EnrolmentState.ENROLLED
    for each in enrolments:
        place = sessions.get(each.session_id or 0)
        each.starts_at = place.starts_at if place else None
        set_committed_value(each, "session", place)


def _tell_placed(session: Session, enrolments: Sequence[Enrolment]) -> None:
    """Whoever is enrolled with a place is told when and where, whichever door it came through."""
    for each in enrolments:
        if each.state is EnrolmentState.ENROLLED and each.session_id is not None:
            tell_of_place(session, each)


@hookimpl
def left(session: Session, person: Staff) -> None:
    """Whoever leaves takes no course any more."""
    let_go(session, person)


@hookimpl
def moved(session: Session, record: Record, transition: Transition, now: datetime) -> None:
    """A told result may show a weak category at once (TRN-8)."""
    if isinstance(record, QaInspection) and transition.name == "review":
        department = session.get_one(Department, record.department_id)
        session.flush()
        propose(session, department, now, [record.agent_id])


@hookimpl
def due(session: Session, now: datetime) -> int:
    """Once a day the figures of everybody are looked through (TRN-8)."""
    return look_through(session, now)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="training_session",
        label=_("Training and exams"),
        built=("TRN-4", "TRN-7", "TRN-8", "TRN-10"),
        entities=(TrainingSession, Enrolment, TrainingFeedback, TrainingNote),
        fills=(Fill(TrainingSession, _name_sessions), Fill(Enrolment, _complete_enrolments)),
        afters=(Fill(Enrolment, _tell_placed),),
        rules=(*SESSION_RULES, *ENROLMENT_RULES, *EVALUATION_RULES, *NOTE_RULES),
        transitions=(*SESSION_MOVES, *PLACE_MOVES, *ATTENDANCE_MOVES, *EVALUATION_MOVES),
        obligations=DUTIES,
        notices=NOTICES,
    )
