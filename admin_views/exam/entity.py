"""Exams: the rule by which their paper is drawn, who takes them, what came of it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from admin_views.base.view import EntityView
from models.course import Course
from models.exam import Exam
from models.organisation import Staff, StaffStatus
from models.training_session import SessionState, TrainingSession
from models.words import _


def _with_exam() -> Sequence[ColumnElement[bool]]:
    return (Course.retired.is_(False), Course.needs_exam.is_(True))


def _running() -> Sequence[ColumnElement[bool]]:
    return (TrainingSession.state.in_([SessionState.PLANNED, SessionState.HELD]),)


def _here() -> Sequence[ColumnElement[bool]]:
    return (Staff.status.in_([StaffStatus.ON_POST, StaffStatus.TRAINEE]),)


class ExamView(EntityView):
    """Exams, from the draft to the told results."""

    model = Exam
    category = "training"
    list_columns = ("number", "name", "course_id", "session_id", "opens_at", "closes_at", "trainer_id", "form", "state")
    form_columns = (
        "number",
        "name",
        "course_id",
        "session_id",
        "trainer_id",
        "form",
        "opens_at",
        "closes_at",
        "minutes",
        "partial_credit",
        "shows_key",
    )
    not_in_form = ("rules", "seed", "published_at", "told_at")
    detail_columns = (
        "course_id",
        "session_id",
        "trainer_id",
        "form",
        "opens_at",
        "closes_at",
        "minutes",
        "partial_credit",
        "shows_key",
        "published_at",
        "told_at",
    )
    filters = ("state", "course_id", "session_id", "trainer_id", "opens_at", "form")
    default_sort = ("opens_at", True)
    narrow = {"course_id": _with_exam, "session_id": _running, "trainer_id": _here}
    related = (("exam_sitting", "exam_id"), ("exam_result", "exam_id"), ("exam_paper", "exam_id"))
    labels = {
        "form": _("Where it is taken"),
        "minutes": _("Time limit in minutes"),
        "partial_credit": _("Half the points for an incomplete multiple choice"),
        "shows_key": _("Candidates see what was right once their result is told"),
        "session_id": _("Training session that it ends"),
    }
    help = {
        "session_id": _("Everybody who takes part in it is called to the exam. Left empty: you add the candidates."),
        "shows_key": _("Leave it off while the same questions are to be asked again."),
    }
    empty_hint = _("No exam yet. Every business training ends with one.")
