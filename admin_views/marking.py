"""Files that are taken away bear a mark: who took them, when, and whether they may leave the department (CNF-4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask_babel import format_datetime

from admin_views.base import access
from admin_views.links import address
from engine import clock
from engine.acting import current_act, seeing_all
from engine.answers import Clearance
from engine.clearance import clearances, is_internal
from engine.database import db
from engine.tabular.mark import Mark
from models.organisation import Staff
from models.words import Words, _

SHARE = "share"
"""The argument of an address that names the approval under which a file is taken."""
INSIDE = _("Internal data, not to leave the department")
FOR = _("For %(recipient)s until %(day)s only, under request %(request)s")
ANY = _("For use in the department")


def clearance_asked(entity: str) -> Clearance | None:
    """The approval that the address names. Answers 403, noted in the audit, when it does not cover this."""
    key = request.args.get(SHARE)
    if not key:
        return None
    found = next((each for each in open_clearances(entity) if each.key == key), None)
    return found if found is not None else access.deny(entity, SHARE)


def open_clearances(entity: str) -> list[Clearance]:
    """Under what whoever acts may take the entity's rows out of the department now."""
    return list(clearances(db.session(), entity, current_act().actor))


@dataclass(frozen=True)
class Leaving:
    """How an entity's internal data may leave the department: the reader's approvals, and where to ask for one."""

    clearances: Sequence[Clearance]
    ask_url: str | None


def leaving(entity: str) -> Leaving | None:
    """What the export menu offers beside files for the department; None for what is no internal data."""
    if not is_internal(entity):
        return None
    may_ask = access.allowed("data_share_request", "create")
    asking = {"contents": entity, "contents-shown": "1"}
    return Leaving(open_clearances(entity), address("data_share_request.create_view", **asking) if may_ask else None)


def mark_for(entity: str, clearance: Clearance | None = None) -> Mark:
    """The mark of a file that whoever acts takes now."""
    act = current_act()
    with seeing_all():
        person = db.session.get(Staff, act.actor.staff_id) if act.actor.staff_id is not None else None
    taker, purpose = person.label if person is not None else str(_("Dutybook")), str(_purpose(entity, clearance))
    told = {"purpose": purpose, "who": taker, "when": format_datetime(clock.now(), "short"), "number": act.request_id}
    text = str(_("%(purpose)s · taken by %(who)s, %(when)s · %(number)s", **told))
    return Mark(text, taker, purpose, act.request_id)


def _purpose(entity: str, clearance: Clearance | None) -> Words:
    if clearance is not None:
        told = {"recipient": clearance.recipient, "day": clearance.expires_on, "request": clearance.record_id}
        return str(FOR) % told
    return INSIDE if is_internal(entity) else ANY
