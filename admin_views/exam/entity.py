"""Exams: the rule by which their paper is drawn, who takes them, what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from admin_views.base import access
from admin_views.base.saving import write
from admin_views.base.view import EntityView
from admin_views.exam import figures
from admin_views.numbering import next_number
from admin_views.own_pages import DETAILS, OwnPages
from engine.acting import Role, current_act
from engine.database import db
from engine.permissions import may_do_to
from models.course import Course
from models.exam import Exam, ExamForm, ExamState
from models.exam_result import ExamResult
from models.exam_sitting import ExamSitting
from models.organisation import Staff, StaffStatus, Team
from models.question import Difficulty
from models.training_session import SessionState, TrainingSession
from models.words import _
from plugins.exam.calling import call, enrolled_in_the_course
from plugins.exam.drawing import parts_of
from plugins.exam.papers import bank_of


def _with_exam() -> Sequence[ColumnElement[bool]]:
    return (Course.retired.is_(False), Course.needs_exam.is_(True))


def _running() -> Sequence[ColumnElement[bool]]:
    return (TrainingSession.state.in_([SessionState.PLANNED, SessionState.HELD]),)


def _here() -> Sequence[ColumnElement[bool]]:
    return (Staff.status.in_([StaffStatus.ON_POST, StaffStatus.TRAINEE]),)


class ExamView(OwnPages, EntityView):
    """Exams, from the draft to the told results."""

    model = Exam
    category = "training"
    own = {DETAILS: "exam/exam.html"}
    list_columns = ("number", "name", "course_id", "session_id", "opens_at", "closes_at", "trainer_id", "state")
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

    @expose("/rule/", methods=("POST",))
    def rule_view(self) -> ResponseReturnValue:
        """Keep how many questions of which topic and difficulty the paper has."""
        exam: Exam = access.one(Exam, access.row_id(request.form.get("id"), Exam), "edit")
        rules = rules_sent()
        refused = write(lambda: setattr(exam, "rules", rules))
        if refused is not None:
            flash(refused.text, "bad")
        else:
            flash(_("The rule of the paper is saved."), "good")
        return redirect(url_for(".details_view", id=exam.id), 303)

    @expose("/call/", methods=("POST",))
    def call_view(self) -> ResponseReturnValue:
        """Call everybody who is enrolled in the course, or a team, to the exam."""
        exam: Exam = access.one(Exam, access.row_id(request.form.get("id"), Exam), "edit")
        people = called_people(exam, request.form.get("whom", ""))
        count: list[int] = []
        refused = write(lambda: count.append(call(db.session(), exam, people)))
        if refused is not None:
            flash(refused.text, "bad")
        else:
            flash(_("%(count)s people were called to the exam.", count=count[0]), "good")
        return redirect(url_for(".details_view", id=exam.id), 303)

    def first_values(self) -> Mapping[str, Any]:
        """The next number; a trainer who fills it in is the trainer."""
        number = next_number(Exam, current_act().actor.department_id, "E-001")
        return {"number": number, "trainer_id": access.reader_if(Role.TRAINER)}

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The rule beside what the bank holds, the candidates, and what the results say."""
        exam: Exam = data["record"]
        sees_results = access.allowed("exam_result", "export")
        results = figures.scored(exam) if sees_results else []
        spread = figures.spread_of(results)
        may_add = exam.state is ExamState.OPEN and access.allowed("exam_sitting", "create")
        may_edit = may_do_to(db.session, current_act().actor, "edit", exam)
        return {
            "rule": rule_of(exam) if access.allowed("question", "read") and exam.form is ExamForm.ONLINE else None,
            "may_rule": may_edit and exam.state is ExamState.DRAFT,
            "difficulties": list(Difficulty),
            "candidates": candidates_of(exam) if sees_results else [],
            "may_add": may_add,
            "may_record": exam.form is ExamForm.ELSEWHERE and may_add and access.allowed("exam_result", "create"),
            "may_import": access.allowed("exam_result", "import"),
            "teams": db.session.scalars(select(Team).order_by(Team.name)).all(),
            "spread": spread if results else None,
            "bands": figures.bands_of(spread),
            "most": max(spread.bands, default=0),
            "papers": papers_of(exam),
        }


@dataclass(frozen=True)
class RuleLine:
    """A topic of the bank: for each difficulty how many there are and how many the paper takes."""

    category: str
    cells: Sequence[tuple[Difficulty, int, int]]

    @property
    def count(self) -> int:
        """How many the paper takes of the topic."""
        return sum(wanted for _difficulty, _there, wanted in self.cells)


def rule_of(exam: Exam) -> list[RuleLine]:
    """The bank's topics with what the rule takes; topics that the bank has lost stand there with nothing to take."""
    bank = bank_of(db.session(), exam.course_id)
    wanted = {(part.category, part.difficulty): part.count for part in parts_of(exam.rules or [])}
    topics = sorted({*bank, *(category for category, _difficulty in wanted)})
    return [
        RuleLine(topic, [(each, bank.get(topic, {}).get(each, 0), wanted.get((topic, each), 0)) for each in Difficulty])
        for topic in topics
    ]


def rules_sent() -> list[dict[str, Any]]:
    """The counts in the request, or 400: our own page sends a number for each box."""
    topics, rules = request.form.getlist("topic"), []
    for place, topic in enumerate(topics):
        for difficulty in Difficulty:
            text = request.form.get(f"count-{place}-{difficulty.value}", "").strip() or "0"
            if not (text.isascii() and text.isdigit() and len(text) <= 3):  # noqa: PLR2004 three digits are plenty
                abort(400)
            if int(text):
                rules.append({"category": topic, "difficulty": difficulty.value, "count": int(text)})
    return rules


def called_people(exam: Exam, whom: str) -> list[int]:
    """The people whom the page names: a team, or everybody enrolled in the course. 404: no such team; 400: nobody."""
    if whom == "enrolled":
        return enrolled_in_the_course(db.session(), exam)
    if not whom.isdigit():
        abort(400)
    team: Team = access.one(Team, access.row_id(whom, Team))
    query = select(Staff.id).where(
        Staff.team_id == team.id, Staff.status.in_([StaffStatus.ON_POST, StaffStatus.TRAINEE])
    )
    return list(db.session.scalars(query.order_by(Staff.number)))


@dataclass(frozen=True)
class Candidate:
    """A sitting with its result, where there is one; or a result that was recorded without a sitting."""

    sitting: ExamSitting | None
    result: ExamResult | None

    @property
    def of(self) -> Any:
        """What says who it is, and at which attempt."""
        return self.sitting or self.result


def candidates_of(exam: Exam) -> list[Candidate]:
    """Everybody who takes the exam, attempt by attempt."""
    sittings = db.session.scalars(
        select(ExamSitting)
        .where(ExamSitting.exam_id == exam.id)
        .options(joinedload(ExamSitting.staff))
        .order_by(ExamSitting.attempt, ExamSitting.id)
    ).all()
    results = {
        (row.staff_id, row.attempt): row
        for row in db.session.scalars(
            select(ExamResult)
            .where(ExamResult.exam_id == exam.id)
            .options(joinedload(ExamResult.staff))
            .order_by(ExamResult.attempt, ExamResult.id)
        )
    }
    called = [Candidate(row, results.pop((row.staff_id, row.attempt), None)) for row in sittings]
    return [*called, *(Candidate(None, row) for row in results.values())]


def papers_of(exam: Exam) -> Sequence[Any]:
    """The papers, for those who may read them."""
    return exam.papers if access.allowed("exam_paper", "read") else ()
