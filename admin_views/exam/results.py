"""Sittings, results and papers as lists and pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from admin_views.base import access
from admin_views.base.view import EntityView
from admin_views.exam import figures
from admin_views.exam.mine import is_mine, readable
from admin_views.own_pages import DETAILS, OwnPages
from engine.database import db
from models.exam import Exam, ExamPaper, ExamState
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamSitting, SittingState
from models.organisation import Staff, StaffStatus
from models.words import _
from plugins.exam.results import marks_of

AHEAD = frozenset({SittingState.ASSIGNED, SittingState.UNDER_WAY})


def _open() -> Sequence[ColumnElement[bool]]:
    return (Exam.state == ExamState.OPEN,)


def _published() -> Sequence[ColumnElement[bool]]:
    return (Exam.state.in_([ExamState.OPEN, ExamState.DONE]),)


def _present() -> Sequence[ColumnElement[bool]]:
    return (Staff.status.in_([StaffStatus.ON_POST, StaffStatus.TRAINEE, StaffStatus.SUSPENDED]),)


class ExamSittingView(OwnPages, EntityView):
    """Who is to take which exam by when, and with which arrangements."""

    model = ExamSitting
    category = "training"
    icon = "clipboard-pen"
    in_menu = False
    list_columns = ("staff_id", "exam_id", "attempt", "opens_at", "closes_at", "begun_at", "handed_in_at", "state")
    form_columns = ("exam_id", "staff_id")
    not_in_form = (
        "team_id",
        "enrolment_id",
        "attempt",
        "opens_at",
        "closes_at",
        "extra_minutes",
        "own_pass_mark",
        "arrangement",
        "begun_at",
        "ends_at",
        "handed_in_at",
        "by_clock",
        "holder",
    )
    detail_columns = (
        "staff_id",
        "team_id",
        "exam_id",
        "enrolment_id",
        "attempt",
        "opens_at",
        "closes_at",
        "extra_minutes",
        "own_pass_mark",
        "arrangement",
        "begun_at",
        "ends_at",
        "handed_in_at",
        "by_clock",
    )
    filters = ("state", "exam_id", "staff_id", "team_id", "attempt", "closes_at")
    default_sort = ("closes_at", True)
    narrow = {"exam_id": _open, "staff_id": _present}
    related = (("exam_result", "sitting_id"),)
    labels = {"ends_at": _("Time ends"), "staff_id": _("Exam candidate")}
    own = {DETAILS: "exam/of_sitting.html"}
    empty_hint = _("Publishing an exam opens a sitting for everybody who takes part in its training.")

    def details_page(self, record: ExamSitting, **more: Any) -> ResponseReturnValue:
        """One's own exam is taken on its page, wherever one comes from: the desk, a notice, a button."""
        if is_mine(record) and record.state in AHEAD and not more:
            return redirect(url_for("my_exams.sitting", number=record.id), 303)
        page: ResponseReturnValue = super().details_page(record, **more)
        return page

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """For trainers, how far somebody is who is at it now."""
        sitting: ExamSitting = data["record"]
        at_it = sitting.state is SittingState.UNDER_WAY and access.allowed("exam_sitting", "arrange")
        return {"answered": len(sitting.answers) if at_it else None}


class ExamResultView(OwnPages, EntityView):
    """Results: marked here, recorded by hand or imported; told by the trainer."""

    model = ExamResult
    category = "training"
    own = {DETAILS: "exam/result.html"}
    list_columns = ("staff_id", "exam_id", "attempt", "taken_on", "score", "pass_mark", "passed", "state")
    form_columns = ("exam_id", "staff_id", "attempt", "taken_on", "score", "practical_score", "remark")
    not_in_form = (
        "number",
        "sitting_id",
        "team_id",
        "course_id",
        "enrolment_id",
        "pass_mark",
        "passed",
        "marks",
        "marked_by_id",
        "marked_at",
        "told_at",
    )
    detail_columns = (
        "staff_id",
        "team_id",
        "exam_id",
        "attempt",
        "taken_on",
        "score",
        "practical_score",
        "pass_mark",
        "passed",
        "remark",
        "marked_by_id",
        "marked_at",
        "told_at",
    )
    filters = (
        "state",
        "exam_id",
        "course_id",
        "staff_id",
        "team_id",
        "passed",
        "attempt",
        "taken_on",
        "score",
        "sitting_id",
    )
    default_sort = ("taken_on", True)
    narrow = {"exam_id": _published, "staff_id": _present}
    labels = {"staff_id": _("Exam candidate")}
    help = {"score": _("Out of 100. The pass mark in force on the day of the exam decides.")}
    empty_hint = _("Results come from marked sittings, from a sheet with one row a person, or by hand.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """For those who may read papers: every answer with its points."""
        result: ExamResult = data["record"]
        marks = marks_of(db.session(), result) if access.allowed("exam_paper", "read") else []
        return {
            "answers": [(mark, readable(mark, mark.answer), readable(mark, mark.item.key)) for mark in marks],
            "may_mark": result.state is ResultState.TO_MARK and access.allowed("exam_result", "finish_marking"),
        }


class ExamPaperView(OwnPages, EntityView):
    """Papers as they were drawn, with their key: for trainers."""

    model = ExamPaper
    category = "training"
    own = {DETAILS: "exam/paper.html"}
    in_menu = False
    list_columns = ("exam_id", "attempt", "drawn_at")
    detail_columns = ("exam_id", "attempt", "drawn_at", "seed")
    filters = ("exam_id",)
    default_sort = ("drawn_at", True)

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The questions with their key and what became of them."""
        paper: ExamPaper = data["record"]
        return {"asked": figures.questions_of(paper.exam, paper.attempt, figures.scored(paper.exam, paper.attempt))}
