"""TRN-2: training sessions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, select

from admin_views.base import access
from admin_views.base.view import EntityView
from admin_views.own_pages import DETAILS, OwnPages
from admin_views.training_session.attendance import AttendancePages, people_of
from admin_views.training_session.placing import PlacingPages
from engine.acting import Role, current_act, seeing_all
from engine.database import db
from engine.permissions import may_do_to
from models.course import Course
from models.exam import Exam, ExamState
from models.organisation import Staff, StaffStatus
from models.training_session import (
    RUNNING,
    Enrolment,
    EnrolmentReason,
    EnrolmentState,
    FeedbackState,
    SessionState,
    TrainingFeedback,
    TrainingNote,
    TrainingSession,
)
from models.words import _
from plugins.training_session.evaluation import TARGETS, below, figures_of, targets_of

WISHED = (EnrolmentState.PROPOSED, EnrolmentReason.OWN_WISH)


def _taught() -> Sequence[ColumnElement[bool]]:
    return (Course.retired.is_(False),)


def _here() -> Sequence[ColumnElement[bool]]:
    return (Staff.status.in_([StaffStatus.ON_POST, StaffStatus.TRAINEE]),)


class TrainingSessionView(AttendancePages, PlacingPages, OwnPages, EntityView):
    """Sessions: when, where, who teaches, who takes part."""

    model = TrainingSession
    category = "training"
    own = {DETAILS: "training/session.html"}
    list_columns = ("name", "course_id", "starts_at", "ends_at", "trainer_id", "place", "state")
    form_columns = (
        "course_id",
        "starts_at",
        "ends_at",
        "trainer_id",
        "place",
        "capacity",
        "is_business_training",
        "name",
    )
    not_in_form = ("summary", "closed_at", "figures", "changes", "evaluated_at")
    detail_columns = (
        "course_id",
        "starts_at",
        "ends_at",
        "trainer_id",
        "place",
        "capacity",
        "is_business_training",
        "summary",
        "changes",
        "evaluated_at",
    )
    filters = ("state", "course_id", "trainer_id", "starts_at", "is_business_training")
    default_sort = ("starts_at", True)
    narrow = {"course_id": _taught, "trainer_id": _here}
    attachments = True
    related = (
        ("enrolment", "session_id"),
        ("exam", "session_id"),
    )
    help = {
        "capacity": _("Left empty: as many as come."),
        "name": _("Left empty: the course and the day."),
        "place": _("A room, or the address of the online meeting."),
        "is_business_training": _("A business training ends with an exam."),
    }
    empty_hint = _("No session yet. Plan the first one: course, date, place, trainer.")

    def first_values(self) -> Mapping[str, Any]:
        """A trainer who fills it in is the trainer."""
        return {"trainer_id": access.reader_if(Role.TRAINER)}

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Who takes part, what the reader has to do with it, and, for whoever holds sessions, their effect."""
        training: TrainingSession = data["record"]
        people = people_of(training)
        reader = current_act().actor.staff_id
        mine = next((one for one in people if one.staff_id == reader), None)
        holds = may_do_to(db.session, current_act().actor, "hold", training)
        is_over = training.state is SessionState.CLOSED
        return {
            "people": people,
            "counts": Counter(one.state for one in people),
            "mine": mine,
            "may_withdraw": mine is not None and (mine.state, mine.reason) == WISHED,
            "note": _of_reader(TrainingNote, training, reader),
            "feedback": _of_reader(TrainingFeedback, training, reader),
            "notes": notes_of(training) if holds else [],
            "holds": holds,
            "may_wish": access.allowed(Enrolment.__tablename__, "create") and training.state is SessionState.PLANNED,
            "may_enrol": access.allowed(Enrolment.__tablename__, "place") and training.state in RUNNING,
            "may_examine": access.allowed(Exam.__tablename__, "create") and _lacks_exam(training),
            "effect": effect_of(training) if holds and is_over else None,
        }


def _lacks_exam(training: TrainingSession) -> bool:
    """Whether the exam that ends this session is still to be set."""
    if not training.is_business_training or training.state not in RUNNING:
        return False
    set_already = select(Exam.id).where(Exam.session_id == training.id, Exam.state != ExamState.CANCELLED)
    return db.session.scalar(set_already.limit(1)) is None


def _of_reader(model: Any, training: TrainingSession, reader: int | None) -> Any:
    found = select(model).where(model.session_id == training.id, model.staff_id == reader)
    return db.session.scalars(found).one_or_none()


def notes_of(training: TrainingSession) -> Sequence[TrainingNote]:
    """What participants noted, as far as the reader may see (TRN-10)."""
    return db.session.scalars(select(TrainingNote).where(TrainingNote.session_id == training.id)).all()


def effect_of(training: TrainingSession) -> Mapping[str, Any]:
    """Figures beside their targets, and comments without names (TRN-7)."""
    with seeing_all():
        figures = training.figures or figures_of(db.session(), training)
        comments = db.session.scalars(
            select(TrainingFeedback.comment)
            .where(TrainingFeedback.session_id == training.id, TrainingFeedback.state == FeedbackState.ANSWERED)
            .order_by(TrainingFeedback.comment)
        ).all()
        targets = targets_of(db.session(), training)
    now = {name: figures[name] for name in TARGETS}
    return {
        "figures": figures,
        "targets": targets,
        "labels": {name: label for name, (_parameter, label) in TARGETS.items()},
        "missed": below({name: None if value is None else Decimal(str(value)) for name, value in now.items()}, targets),
        "comments": [comment for comment in comments if comment],
    }
