"""SVC: service records and their topics. A customer's contact is found by its keyed fingerprint, never by its text."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement
from werkzeug.utils import redirect

from admin_views.base import access
from admin_views.base.columns import Shown, shown_column
from admin_views.base.filters import Box, Filter
from admin_views.base.view import EntityView
from admin_views.own_pages import DETAILS, LIST, OwnPages
from engine.acting import current_act
from engine.hooks import hookimpl
from engine.permissions import may
from models.column_names import column_name
from models.service_record import ServiceRecord, Topic
from models.training_case import TrainingCase
from models.types import blind_index
from models.words import _

CONTACT = "customer_contact"
CUSTOMER = ("customer_name", "customer_contact", "customer_details")
FINGERPRINT = "flt_fingerprint"


def _same_fingerprint(values: Mapping[str, str], column: Shown) -> ColumnElement[bool]:  # noqa: ARG001 a filter's signature
    return ServiceRecord.customer_contact_index == values[""]


def _no_boxes(one: Filter, given: Mapping[str, str]) -> list[Box]:  # noqa: ARG001 a filter's signature
    """Nobody types a fingerprint."""
    return []


BY_CONTACT = Filter("fingerprint", shown_column(ServiceRecord, CONTACT, {}, {}), ("",), _same_fingerprint, _no_boxes)
"""Only who may read contacts in full may filter by one: the base leaves the filter out for everybody else."""


class ServiceRecordView(OwnPages, EntityView):
    """What customers brought up."""

    model = ServiceRecord
    category = "service"
    icon = "headphones"
    own = {LIST: "quality/records.html", DETAILS: "confidentiality/record.html"}
    list_columns = (
        "number",
        "occurred_at",
        "channel_id",
        "topic_id",
        "agent_id",
        "customer_name",
        "satisfaction",
        "state",
    )
    form_columns = (
        "number",
        "channel_id",
        "topic_id",
        "agent_id",
        "occurred_at",
        "customer_name",
        "customer_contact",
        "customer_details",
        "question",
        "answered",
        "answer_seconds",
        "talk_seconds",
        "handling",
        "result",
        "resolved",
        "feedback",
        "satisfaction",
    )
    not_in_form = ("origin", "team_id", "customer_contact_index", "import_job_id", "consent_id")
    detail_columns = (*form_columns[:4], "team_id", *form_columns[4:], "consent_id", "origin", "created_at")
    groups = (
        (
            _("Contact"),
            (
                "number",
                "channel_id",
                "topic_id",
                "agent_id",
                "team_id",
                "occurred_at",
                "answered",
                "answer_seconds",
                "talk_seconds",
            ),
        ),
        (_("Customer"), ("customer_name", "customer_contact", "customer_details", "consent_id")),
        (_("Question and handling"), ("question", "handling", "result", "resolved")),
        (_("Feedback"), ("feedback", "satisfaction")),
    )
    filters = (
        "state",
        "channel_id",
        "topic_id",
        "agent_id",
        "team_id",
        "occurred_at",
        "satisfaction",
        "origin",
        "consent_id",
        BY_CONTACT,
    )
    default_sort = ("occurred_at", True)
    attachments = True
    related = (("qa_inspection", "service_record_id"),)
    empty_hint = _("Write down the first contact, or import the records of another system.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Whether this person may look records up by a contact, bring some in, and make a case of one."""
        record: ServiceRecord | None = data.get("record")
        told = record.consent if record is not None else None
        return {
            "told_scope": [column_name(name) for name in CUSTOMER if told is not None and name in told.scope],
            "is_withheld": not current_act().actor.sees_customers,
            "may_make_case": may(current_act().actor, TrainingCase.__tablename__, "create"),
            "may_find": self.may_read_fully(CONTACT),
        }

    @expose("/find/", methods=("GET", "POST"))
    def find_view(self) -> ResponseReturnValue:
        """Ask for a contact and lead to its records: the address then holds its fingerprint, not the contact."""
        if not self.may_read_fully(CONTACT):
            access.deny(self.table, "read")
        text = request.form.get("contact", "").strip()
        if request.method == "POST" and text and "\x00" not in text:
            found = blind_index("service_record.customer_contact", text)
            return redirect(url_for(".index_view", **{FINGERPRINT: found}), 303)
        return self.render("quality/find.html")


class TopicView(EntityView):
    """What records are about."""

    model = Topic
    category = "service"
    list_columns = ("name", "active", "code")
    form_columns = ("name", "code", "active")
    labels = {"code": _("Short name, for imports and programs")}
    help = {"code": _("Small Latin letters and underscores. It stays as it is once records use it.")}
    filters = ("active",)
    search = ("code", "name")
    default_sort = ("code", False)


@hookimpl
def views() -> list[EntityView]:
    """Records, and what they are about."""
    return [ServiceRecordView(), TopicView()]
