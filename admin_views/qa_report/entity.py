"""The report's page: one edition's figures, the editions side by side, proposals, downloads."""

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import abort, flash, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select
from werkzeug.utils import redirect

from admin_views import paper, preparing, taking
from admin_views.base import access
from admin_views.base.page import sayings_of
from admin_views.base.saving import write
from admin_views.base.view import EntityView
from admin_views.marking import clearance_asked, leaving, mark_for
from admin_views.own_pages import DETAILS, OwnPages
from admin_views.qa_report.charts import charts_of, findings_url, inspections_url, language, trend_of
from admin_views.qa_report.workbook import workbook_of
from engine.acting import current_act
from engine.answers import Clearance
from engine.circumstances import today_in
from engine.database import db
from engine.jobs.tasks import HopelessError
from engine.packs import parameters
from engine.tabular.mark import Mark
from models.organisation import Department
from models.qa_report import QaReport, QaReportEdition
from models.words import _
from plugins.qa_report import Proposals, proposals

LINE = "weak_category_line"
"""The line below which a mean is weak (TRN-8), where the department's rulebook draws one."""
KINDS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TAKEN = ("causes", "measures")


class QaReportView(OwnPages, EntityView):
    """Monthly reports. Nobody types a figure."""

    model = QaReport
    category = "quality"
    icon = "bar-chart-3"
    own = {DETAILS: "quality/report.html"}
    list_columns = ("month", "submitted_by_id", "submitted_at", "approved_by_id", "approved_at", "state")
    form_columns = ("month", "causes", "measures")
    not_in_form = ("submitted_by_id", "submitted_at", "approved_by_id", "approved_at")
    detail_columns = ("month", "submitted_by_id", "submitted_at", "approved_by_id", "approved_at")
    filters = ("state", "month")
    default_sort = ("month", True)
    help = {
        "month": _("As in 2026-11."),
        "causes": _("The report's page proposes causes and measures from the figures."),
    }
    empty_hint = _("The QA supervisor begins the month's report; its figures are computed from the told results.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The chosen edition as charts; what the figures propose to whoever may edit."""
        report: QaReport = data["record"]
        editions = editions_of(report)
        shown = chosen(editions)
        given: dict[str, Any] = {"editions": editions, "edition": shown, "may_download": self.can_export}
        given["leaving"] = leaving(self.table) if self.can_export else None
        if shown is not None:
            given |= page_data(shown) | {"proposed": proposed(report, shown) if data["may_edit"] else None}
        return given

    @expose("/take/", methods=("POST",))
    def take_view(self) -> ResponseReturnValue:
        """Take a proposed sentence over into the causes or the measures."""
        report = self.editable(access.row_id(request.form.get("id"), QaReport))
        into, text = request.form.get("into", ""), request.form.get("text", "").strip()
        if into not in TAKEN or text not in _offered(report, into):
            abort(400)
        before = (getattr(report, into) or "").rstrip()
        refused = write(lambda: setattr(report, into, f"{before}\n{text}".strip()))
        if refused is not None:
            return self.details_page(report, sayings=sayings_of(refused), status=refused.status)
        flash(_("Taken over: %(text)s", text=text), "good")
        return redirect(url_for(".details_view", id=report.id, _anchor=into), 303)

    @expose("/download/<kind>/")
    def download(self, kind: str) -> ResponseReturnValue:
        """One edition as PDF or Excel, noted in the audit."""
        if kind not in KINDS:
            abort(404)
        report: QaReport = access.one(QaReport, access.requested_id(QaReport), "export")
        shown = chosen(editions_of(report))
        if shown is None:
            abort(404)
        if kind == "pdf" and not preparing.is_preparing():
            return preparing.offer(self)
        taking.admit()
        clearance = clearance_asked(self.table)
        try:
            content = file_of(kind, report, shown, mark_for(self.table, clearance))
        except paper.PaperError as error:
            raise HopelessError(preparing.NO_PDF) from error
        name = f"qa_report_{report.month}_{shown.edition}.{kind}"
        note_download(report, kind, shown.edition, clearance)
        return send_file(io.BytesIO(content), KINDS[kind], as_attachment=True, download_name=name)


class QaReportEditionView(OwnPages, EntityView):
    """Editions, for links and filters; their figures are shown on the report's page."""

    own = {DETAILS: "quality/edition.html"}

    model = QaReportEdition
    category = "quality"
    icon = "history"
    in_menu = False
    list_columns = ("report_id", "edition", "reason", "computed_at")
    detail_columns = ("report_id", "edition", "reason", "computed_at")
    filters = ("report_id",)


def editions_of(report: QaReport) -> Sequence[QaReportEdition]:
    """All editions, the first one first."""
    return db.session.scalars(
        select(QaReportEdition).where(QaReportEdition.report_id == report.id).order_by(QaReportEdition.edition)
    ).all()


def chosen(editions: Sequence[QaReportEdition]) -> QaReportEdition | None:
    """The edition that the address names, else the newest."""
    asked = request.args.get("edition", "")
    return next((edition for edition in editions if str(edition.edition) == asked), editions[-1] if editions else None)


def page_data(shown: QaReportEdition) -> dict[str, Any]:
    """One edition as the page and the paper draw it."""
    figures = shown.figures
    return {
        "figures": figures,
        "trend": trend_of(figures),
        "charts": charts_of(figures),
        "recurring_url": findings_url(figures["month"], recurring="1"),
        "records_url": inspections_url(figures["month"]),
    }


def proposed(report: QaReport, shown: QaReportEdition) -> Proposals:
    """What the figures suggest, by the line in force at the month's end."""
    return proposals(shown.figures, language(), line_of(report))


def line_of(report: QaReport) -> Decimal | None:
    """The department's line for weak scores; None where its rulebook draws none."""
    try:
        found = parameters.value(db.session(), report.department_id, LINE, today_in(db.session(), report.department_id))
    except parameters.UnknownParameterError:
        return None
    return Decimal(str(found))


def _offered(report: QaReport, into: str) -> set[str]:
    editions = editions_of(report)
    return {str(text) for text in getattr(proposed(report, editions[-1]), into)} if editions else set()


def file_of(kind: str, report: QaReport, shown: QaReportEdition, mark: Mark) -> bytes:
    """The edition as a file. Raises PaperError."""
    if kind == "xlsx":
        return workbook_of(shown.figures, {name: getattr(report, name) for name in TAKEN}, mark)
    department = db.session.get(Department, report.department_id)
    return paper.pdf_of(
        "quality/paper.html", report=report, edition=shown, department=department, mark=mark.text, **page_data(shown)
    )


def note_download(report: QaReport, kind: str, edition: int, clearance: Clearance | None) -> None:
    """Who took which edition away."""
    number, month, department = report.id, report.month, current_act().actor.department_id
    changes = {"format": [None, kind], "edition": [None, edition]}
    taking.noted(QaReport.__tablename__, number, month, changes, clearance=clearance, department_id=department)
