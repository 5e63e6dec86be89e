"""TRN-12: writing a case; what identifies somebody is shown highlighted and masked with one press."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from admin_views.base import access
from admin_views.base.forms import Draft
from admin_views.base.view import EntityView
from admin_views.own_pages import OwnPages
from engine.acting import current_act, seeing_all
from engine.circumstances import today_in
from engine.database import db
from engine.deidentification import Identifying, find, mask, pieces
from engine.hooks import hookimpl
from engine.packs import parameters
from models.column_names import column_name
from models.service_record import ServiceRecord
from models.training_case import TrainingCase
from models.words import Words, _
from plugins.training_case import TEXTS, told_of_the_customer

CREATE, EDIT = "admin/model/create.html", "admin/model/edit.html"


@dataclass(frozen=True)
class Marked:
    """A field of the form with what was found in it."""

    label: Words
    pieces: Sequence[tuple[str, Identifying | None]]
    count: int


class TrainingCaseView(OwnPages, EntityView):
    """Cases; nothing in them tells who somebody is."""

    model = TrainingCase
    category = "training"
    own = {CREATE: "confidentiality/case_form.html", EDIT: "confidentiality/case_form.html"}
    list_columns = ("name", "topic_id", "author_id", "published_at", "state")
    form_columns = ("name", "topic_id", "service_record_id", "situation", "handling", "lesson")
    not_in_form = ("author_id", "published_by_id", "published_at")
    detail_columns = (*form_columns, "author_id", "published_by_id", "published_at")
    groups = (
        (_("Case"), ("name", "topic_id", "service_record_id", "author_id", "published_by_id", "published_at")),
        (_("Content"), ("situation", "handling", "lesson")),
    )
    help = {
        "service_record_id": _(
            "The real record, if it is made from one: its customer's data is then looked for exactly."
        ),
        "situation": _("What the customer brought up. Nobody may be recognised by it."),
    }
    filters = ("state", "topic_id", "author_id", "published_at")
    default_sort = ("id", True)
    empty_hint = _("Make a case of a contact from which others can learn.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the form's texts tell about somebody."""
        found = marked(data["draft"])
        return {"marked": found, "marked_count": sum(each.count for each in found), "record_id": _record_id(data)}

    def first_values(self) -> Mapping[str, Any]:
        """A case of a real record begins with that record's texts."""
        number = request.args.get("service_record_id")
        return told_in(access.one(ServiceRecord, access.row_id(number, ServiceRecord))) if number else {}

    @expose("/mask/", methods=("POST",))
    def mask_view(self) -> ResponseReturnValue:
        """The form again with neutral words in place of everything that was found. Nothing is saved by it."""
        if request.args.get("id"):
            draft = self.draft_for(self.editable(access.requested_id(TrainingCase)))
        elif self.can_create:
            draft = self.draft_for(None)
        else:
            access.deny(self.table, "create")
        for _name, field, kinds, told in texts_of(draft):
            field.data = mask(field.data or "", find(field.data or "", kinds, told))
        return self.form_page(draft)


def texts_of(draft: Draft) -> list[tuple[str, Any, Sequence[Identifying], Mapping[str, Identifying]]]:
    """The form's free texts, each with the kinds that count and what its real record tells."""
    kinds, told = kinds_in_force(), told_by(draft)
    return [(name, draft.form[name], kinds, told) for name in TEXTS if name in draft.form]


def marked(draft: Draft) -> list[Marked]:
    """The form's texts in which something was found."""
    found = []
    for name, field, kinds, told in texts_of(draft):
        places = find(field.data or "", kinds, told)
        if places:
            found.append(Marked(column_name(name), pieces(field.data, places), len(places)))
    return found


def kinds_in_force() -> Sequence[Identifying]:
    """The kinds that a case may not hold in the reader's department today."""
    home = current_act().actor.department_id or 0
    try:
        codes = parameters.value(db.session(), home, "identifying_details", today_in(db.session(), home))
    except parameters.UnknownParameterError:
        return tuple(Identifying)
    return [Identifying(code) for code in codes]


def told_by(draft: Draft) -> Mapping[str, Identifying]:
    """What the real record that the form names says of its customer; nothing where the reader may not see it."""
    number = draft.form["service_record_id"].data if "service_record_id" in draft.form else None
    record = db.session.get(ServiceRecord, number) if number else None
    if record is None:
        return {}
    with seeing_all():
        return told_of_the_customer(record)


def told_in(record: ServiceRecord) -> Mapping[str, Any]:
    """The fields of a case as a real record tells them."""
    return {
        "topic_id": record.topic_id,
        "situation": record.question or "",
        "handling": "\n".join(filter(None, (record.handling, record.result))),
    }


def _record_id(data: Mapping[str, Any]) -> int | None:
    record = data.get("record")
    return record.id if record is not None else None


@hookimpl
def views() -> list[EntityView]:
    """Cases."""
    return [TrainingCaseView()]
