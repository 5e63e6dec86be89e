"""Other programs that are told of events: who listens to what, and what became of each call."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin_views.base import Computed, EntityView, SeveralField, access
from admin_views.base.history import action as action_words
from admin_views.own_pages import DETAILS, OwnPages
from engine.database import db
from engine.events.carrying import revive
from engine.events.naming import EVERYTHING, patterns
from engine.hooks import hookimpl
from engine.notices.pausing import LEFT_OUT
from engine.registry import registry
from models.event_subscription import CallState, EventCall, EventSubscription
from models.notification import DeliveryReason
from models.obligation import Obligation
from models.words import _

SHOWN = 50


def event_words(pattern: str) -> str:
    """An event, or a group of them, as a person reads it wherever it stands."""
    if pattern == EVERYTHING:
        return str(_("Everything that happens"))
    return str(_("%(entity)s: %(action)s", entity=_heading(pattern), action=_happening(pattern)))


def error_words(call: EventCall) -> str:
    """Why a call did not arrive: what the house decided as a sentence, what a receiver answered as it stands."""
    return str(DeliveryReason.LEFT_OUT.label) if call.error == LEFT_OUT else call.error or ""


def _heading(pattern: str) -> str:
    """The entity in words; none for what belongs to no single one."""
    table = pattern.partition(".")[0]
    if table == EVERYTHING:
        return ""
    return str(
        registry.entities[table].__entity__.plural if table in registry.entities else Obligation.__entity__.plural
    )


def _happening(pattern: str) -> str:
    table, _dot, action = pattern.partition(".")
    return str(_("everything")) if action == EVERYTHING else str(action_words(table, action))


def _choices() -> Sequence[tuple[str, str]]:
    return [(pattern, _happening(pattern) if "." in pattern else event_words(pattern)) for pattern in patterns()]


class EventSubscriptionView(OwnPages, EntityView):
    """Subscriptions with their last calls. Address and key are secrets that a reason unmasks."""

    model = EventSubscription
    category = "system"
    icon = "webhook"
    own = {DETAILS: "event_subscription/details.html"}
    list_columns = ("name", "host", "events", "active")
    form_columns = ("name", "address", "events", "active")
    not_in_form = ("signing_key",)
    detail_columns = ("name", "address", "signing_key", "events", "active")
    computed = {"host": Computed(_("Host"), lambda row: urlsplit(row.address).hostname or "", needs=("address",))}
    formatters = {"events": lambda codes: str(_("; ")).join(event_words(code) for code in codes)}
    fields = {"events": lambda label: SeveralField(label, choices=_choices, heading=_heading)}
    filters = ("active",)
    search = ("name",)
    default_sort = ("name", False)
    labels = {"address": _("Address"), "signing_key": _("Signing key"), "events": _("Which events"), "host": _("Host")}
    help = {
        "address": _("Such as https://example.org/hooks/dutybook. What is sent names records, never their content."),
        "events": _("The program reads what it may see of the record with an access token of its own."),
    }
    empty_hint = _("Another program can be told what happens here as it happens. Begin with its address.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The last calls."""
        query = select(EventCall).where(EventCall.subscription_id == data["record"].id)
        calls = db.session.scalars(query.order_by(EventCall.id.desc()).limit(SHOWN)).all()
        return {
            "calls": calls,
            "event_words": event_words,
            "error_words": error_words,
            "dead": CallState.DEAD,
            "sent": CallState.SENT,
        }

    @expose("/again/", methods=("POST",))
    def again_view(self) -> ResponseReturnValue:
        """Make a call that was given up once more."""
        number = access.row_id(request.form.get("id"), EventSubscription)
        record = access.one(EventSubscription, number, "edit")
        query = select(EventCall).options(joinedload(EventCall.subscription))
        call = db.session.scalar(
            query.where(EventCall.id == request.form.get("call", type=int), EventCall.subscription_id == record.id)
        )
        if call is None or call.state is not CallState.DEAD:
            flash(str(_("It was not given up, or somebody else has decided already.")), "warn")
        else:
            revive(call)
            db.session.commit()
            flash(str(_("It is sent again within a few seconds.")), "good")
        return redirect(url_for(".details_view", id=record.id), 303)


@hookimpl
def views() -> list[EntityView]:
    """The screen of this domain."""
    return [EventSubscriptionView()]
