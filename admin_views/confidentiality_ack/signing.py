"""Signing on one page; who has not signed, how late, one press to remind; a signature checked, and its copy as PDF."""

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import get_locale, get_timezone
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from admin_views import paper, taking
from admin_views.base import access
from admin_views.base.saving import write
from admin_views.base.titles import titles_of
from admin_views.base.view import EntityView
from admin_views.own_pages import DETAILS, LIST, MOVE, OwnPages
from engine import clock
from engine.acting import current_act
from engine.database import db
from engine.permissions import may, may_do_to
from engine.transitions.performing import perform
from models.confidentiality_ack import AckState, ConfidentialityAck
from models.organisation import Department, Team
from models.words import _, ngettext
from plugins.confidentiality_ack.rules import APART
from plugins.confidentiality_ack.signing import LANGUAGES, doubts

MOST_SHOWN = 500
FEW = 12
"""Up to so many stand open; of more each team is opened by whoever wants to see it."""
MIDNIGHT = timedelta(seconds=1)
"""A signature that is valid until midnight is valid to the day before."""


class ConfidentialityAckView(OwnPages, EntityView):
    """Signatures come from joining, new versions and ended terms; nobody adds one by hand."""

    model = ConfidentialityAck
    category = "confidentiality"
    own = {
        LIST: "confidentiality/acks.html",
        DETAILS: "confidentiality/ack.html",
        MOVE: "confidentiality/sign.html",
    }
    list_columns = ("staff_id", "team_id", "undertaking_id", "cause", "due_at", "reminded_at", "signed_at", "state")
    form_columns = ()
    not_in_form = (
        "undertaking_id",
        "staff_id",
        "team_id",
        "cause",
        "occasion",
        "due_at",
        "masks_from",
        "reminded_at",
        "signed_name",
        "signed_at",
        "language",
        "digest",
        "seal",
        "valid_until",
    )
    detail_columns = (
        "staff_id",
        "team_id",
        "undertaking_id",
        "cause",
        "due_at",
        "masks_from",
        "reminded_at",
        "signed_name",
        "signed_at",
        "valid_until",
    )
    filters = ("state", "staff_id", "team_id", "undertaking_id", "cause", "due_at", "signed_at")
    default_sort = ("due_at", True)
    empty_hint = _("Once an undertaking is published, everybody's signature is asked for by itself.")
    can_create = False
    # Signed is what was read, one text at a time.
    one_by_one = frozenset({"sign"})

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """What each of the three pages shows beside the base's data."""
        if template == LIST:
            return outstanding()
        ack: ConfidentialityAck = data["record"]
        return signing_data(ack, data) | {"is_sign": template == MOVE and data["move"].name == "sign"}

    @expose("/remind/", methods=("POST",))
    def remind_view(self) -> ResponseReturnValue:
        """Remind one (`id`) or everybody who has not signed, as far as whoever presses may."""
        if request.form.get("id"):
            acks: Sequence[ConfidentialityAck] = [
                access.one(ConfidentialityAck, access.row_id(request.form.get("id"), ConfidentialityAck), "remind")
            ]
        elif not may(current_act().actor, self.table, "remind"):
            access.deny(self.table, "remind")
        else:
            acks = db.session.scalars(owed_query()).all()
        due = [ack for ack in acks if ack.state is AckState.OWED and may_be_reminded(ack)]
        write(lambda: [perform(db.session(), ack, "remind") for ack in due])
        flash(
            ngettext("%(num)s person was reminded.", "%(num)s people were reminded.", len(due))
            if due
            else _("Everybody was reminded in the last twelve hours already."),
            "good" if due else "info",
        )
        return redirect(url_for(".index_view"), 303)

    @expose("/copy/")
    def copy_view(self) -> ResponseReturnValue:
        """The signed copy as PDF, noted in the audit."""
        ack: ConfidentialityAck = access.one(ConfidentialityAck, access.requested_id(ConfidentialityAck))
        if ack.state is not AckState.SIGNED:
            flash(_("There is no copy yet: it has not been signed."), "info")
            return redirect(url_for(".details_view", id=ack.id), 303)
        try:
            content = copy_of(ack)
        except paper.PaperError as error:
            flash(str(error.sentence), "warn")
            return redirect(url_for(".details_view", id=ack.id), 303)
        number, title, home = ack.id, ack.title, ack.department_id
        taking.noted(self.table, number, title, {"format": [None, "pdf"]}, department_id=home)
        return send_file(
            io.BytesIO(content), "application/pdf", as_attachment=True, download_name=f"undertaking_{number}.pdf"
        )


def owed_query() -> Any:
    """What is owed and visible to the reader, the latest first."""
    return (
        select(ConfidentialityAck)
        .where(ConfidentialityAck.state == AckState.OWED)
        .options(joinedload(ConfidentialityAck.staff), joinedload(ConfidentialityAck.undertaking))
        .order_by(ConfidentialityAck.due_at, ConfidentialityAck.id)
    )


def may_be_reminded(ack: ConfidentialityAck) -> bool:
    """Whether this person may remind of it, and nobody did a moment ago."""
    fresh = ack.reminded_at is not None and clock.now() - ack.reminded_at < APART
    return not fresh and may_do_to(db.session(), current_act().actor, "remind", ack)


def outstanding() -> Mapping[str, Any]:
    """Who has not signed, team by team, for whoever sees more than themselves; who is latest comes first."""
    actor = current_act().actor
    if not may(actor, ConfidentialityAck.__tablename__, "remind"):
        return {"may_remind": False}
    owed = db.session.scalars(owed_query().limit(MOST_SHOWN)).all()
    names, now = titles_of(Team, [ack.team_id for ack in owed]), clock.now()
    teams: defaultdict[str, list[tuple[ConfidentialityAck, bool, bool]]] = defaultdict(list)
    for ack in owed:
        row = (ack, ack.due_at <= now, may_be_reminded(ack))
        teams[names.get(ack.team_id or 0) or str(_("Without a team"))].append(row)
    count = select(func.count(ConfidentialityAck.id)).where(ConfidentialityAck.state == AckState.OWED)
    return {
        "teams": [(name, rows, [ack.due_at for ack, is_late, _may in rows if is_late]) for name, rows in teams.items()],
        "is_short": len(owed) <= FEW,
        "owed_count": db.session.scalar(count) or 0,
        "late": db.session.scalar(count.where(ConfidentialityAck.due_at <= now)) or 0,
        "may_remind": True,
    }


def signing_data(ack: ConfidentialityAck, data: Mapping[str, Any]) -> dict[str, Any]:
    """The text to read, in the language asked for, and who is to sign it; of a signature, whether it holds."""
    wanted = request.args.get("language") or ack.language or str(get_locale())[:2]
    language = wanted if wanted in LANGUAGES else LANGUAGES[0]
    signed = ack.state is AckState.SIGNED
    return {
        "text_language": language,
        "text_languages": LANGUAGES,
        "version": ack.undertaking,
        "text": ack.undertaking.text(language),
        "digest": ack.undertaking.digest(language),
        "is_mine": ack.staff_id == current_act().actor.staff_id,
        "is_owed": ack.state is AckState.OWED,
        "doubts": doubts(ack) if signed else [],
        "moves": [offer for offer in data.get("moves", ()) if offer.move.name != "sign"],
        "typed": (data.get("fields_asked") or {}).get("signed_name"),
        "wrong": data.get("errors") or {},
    }


def copy_of(ack: ConfidentialityAck) -> bytes:
    """The signed copy. Raises PaperError."""
    return paper.pdf_of(
        "confidentiality/paper.html",
        ack=ack,
        version=ack.undertaking,
        text=ack.undertaking.text(ack.language or ""),
        department=db.session.get(Department, ack.department_id),
        doubts=doubts(ack),
        last_day=ack.valid_until and (ack.valid_until - MIDNIGHT).astimezone(get_timezone()).date(),
    )
