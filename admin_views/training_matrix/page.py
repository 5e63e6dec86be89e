"""The matrix, one person's training record, and both as files."""

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from flask import request, send_file
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import format_date, to_user_timezone

from admin_views import paper, preparing, taking
from admin_views.base import access
from admin_views.formats import today, words
from admin_views.marking import mark_for
from admin_views.pages import Page
from admin_views.training_matrix.figures import (
    ACT,
    Row,
    people_in_reach,
    rows_of,
    taught,
    teams_in_reach,
    transcript_of,
)
from engine.jobs.tasks import HopelessError
from models.organisation import Staff, Team
from models.training_session import Enrolment, EnrolmentState
from models.words import _


class TrainingMatrix(Page):
    """Who has learnt what, and what is missing."""

    needs = ("staff", ACT)
    icon = "grid-3x3"

    @expose("/")
    def index(self) -> str:
        """People of one team, or of all, by the courses that are taught."""
        teams = teams_in_reach()
        team = chosen(teams)
        courses = taught()
        return self.render(
            "training/matrix.html",
            teams=teams,
            team=team,
            courses=courses,
            rows=rows_of(people_in_reach(team), courses),
            legend=EnrolmentState,
            may_export=access.allowed(Enrolment.__tablename__, "export"),
        )

    @expose("/export/")
    def file(self) -> ResponseReturnValue:
        """The matrix as Excel."""
        if not access.allowed(Enrolment.__tablename__, "export"):
            access.deny(Enrolment.__tablename__, "export")
        courses = taught()
        names = [words(course.name) for course in courses]
        header = [str(_("Number")), str(_("Staff member")), str(_("Team")), *names, str(_("Completed"))]
        rows = rows_of(people_in_reach(chosen(teams_in_reach())), courses)
        return taking.file_of(Enrolment.__tablename__, header, list(_lines(rows)))

    @expose("/<int:number>/")
    def person(self, number: int) -> ResponseReturnValue:
        """One person's training record."""
        person: Staff = access.one(Staff, number, ACT)
        shown = transcript_of(person)
        return self.render("training/transcript.html", shown=shown, dated=dated)

    @expose("/<int:number>/download/")
    def download(self, number: int) -> ResponseReturnValue:
        """The same on paper, noted in the audit."""
        person: Staff = access.one(Staff, number, ACT)
        if not preparing.is_preparing():
            return preparing.offer(self)
        taking.admit()
        shown = transcript_of(person)
        try:
            content = paper.pdf_of(
                "training/paper.html", shown=shown, dated=dated, printed_on=today(), mark=mark_for("enrolment").text
            )
        except paper.PaperError as error:
            raise HopelessError(preparing.NO_PDF) from error
        name, label, department = f"training_{person.number}.pdf", person.label, person.department_id
        taking.noted(Staff.__tablename__, number, label, {"format": [None, "pdf"]}, department_id=department)
        return send_file(io.BytesIO(content), "application/pdf", as_attachment=True, download_name=name)


def chosen(teams: Sequence[Team]) -> Team | None:
    """The team that the address names, at first the first one; None for everybody."""
    if request.args.get("team") == "all":
        return None
    named = next((each for each in teams if str(each.id) == request.args.get("team", "")), None)
    return named or (teams[0] if teams else None)


def _lines(rows: Sequence[Row]) -> Iterator[Sequence[str | int]]:
    for row in rows:
        states = ["" if cell is None else str(cell.state.label) for cell in row.cells]
        yield [row.person.number, row.person.name, row.person.team.name if row.person.team else "", *states, row.done]


def dated(value: date | datetime) -> str:
    """A day as it stands in a file."""
    return str(format_date(to_user_timezone(value) if isinstance(value, datetime) else value, "yyyy-MM-dd"))
