"""The versions of the undertaking: both languages side by side, their digests, and how many have signed."""

from collections.abc import Mapping
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import func, select
from werkzeug.utils import redirect

from admin_views.base import access
from admin_views.base.saving import write
from admin_views.base.view import EntityView
from admin_views.links import list_address
from admin_views.own_pages import DETAILS, OwnPages
from engine.database import db
from models.confidentiality_ack import AckState, ConfidentialityAck, Undertaking
from models.words import _
from plugins.confidentiality_ack.signing import LANGUAGES, doubts_about_text, text_digest


class UndertakingView(OwnPages, EntityView):
    """Drafted by HR, published by somebody else, signed by everybody."""

    model = Undertaking
    category = "confidentiality"
    own = {DETAILS: "confidentiality/undertaking.html"}
    list_columns = ("number", "name", "material", "effective_on", "published_at", "state")
    form_columns = ("name", "effective_on", "material", "main_change", "text_zh", "text_en")
    not_in_form = ("number", "drafted_by_id", "published_by_id", "published_at", "digest_zh", "digest_en")
    detail_columns = (
        "name",
        "number",
        "effective_on",
        "material",
        "main_change",
        "drafted_by_id",
        "published_by_id",
        "published_at",
    )
    formatters = {"number": lambda number: f"V{number}"}
    labels = {"number": _("Version number"), "text_zh": _("Text in Chinese"), "text_en": _("Text in English")}
    help = {
        "material": _("A material version is signed again by everybody; another one counts as signed."),
        "effective_on": _("From this day on, customers' data is masked for whoever has not signed it."),
        "main_change": _("What is new, in a sentence: people are told why they sign again."),
    }
    filters = ("state", "effective_on")
    default_sort = ("number", True)
    related = (("confidentiality_ack", "undertaking_id"),)
    empty_hint = _("Write down what every member is to sign.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The texts with their digests, whether they are still those that were published, and who signed."""
        version: Undertaking = data["record"]
        return {
            "texts": [(language, version.text(language), text_digest(version, language)) for language in LANGUAGES],
            "doubts": list(doubts_about_text(version)),
            "signatures": signatures_of(version),
            "may_draft": access.allowed(self.table, "create"),
        }

    @expose("/next/", methods=("POST",))
    def next_version_view(self) -> ResponseReturnValue:
        """A draft of the next version, with this one's texts to begin from."""
        if not self.can_create:
            access.deny(self.table, "create")
        old: Undertaking = access.one(Undertaking, access.row_id(request.form.get("id"), Undertaking))
        made = Undertaking(
            department_id=old.department_id,
            name=dict(old.name),
            text_zh=old.text_zh,
            text_en=old.text_en,
            effective_on=old.effective_on,
        )
        refused = write(lambda: db.session.add(made))
        if refused is not None:
            return self.details_page(old, sayings=[], status=refused.status)
        flash(_("Here is the draft of the next version."), "good")
        return redirect(url_for(".edit_view", id=made.id), 303)


def signatures_of(version: Undertaking) -> list[tuple[AckState, int, str | None]]:
    """How many signatures of the version stand in each state that the reader may see, with the way to them."""
    query = (
        select(ConfidentialityAck.state, func.count(ConfidentialityAck.id))
        .where(ConfidentialityAck.undertaking_id == version.id)
        .group_by(ConfidentialityAck.state)
    )
    counted = dict(db.session.execute(query).all())
    where = {"flt_undertaking_id": version.id}
    return [
        (state, counted[state], list_address("confidentiality_ack", flt_state=state.value, **where))
        for state in AckState
        if state in counted
    ]
