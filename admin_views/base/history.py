"""What happened to a record, in words: who, when, which door, before and after. Hidden fields stay hidden here too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from admin_views.base.titles import titles_of
from admin_views.base.told import Change, Telling
from engine.acting import Door, seeing_all
from engine.database import db
from engine.registry import registry
from models.audit import AuditEntry
from models.organisation import Staff
from models.words import Words, _

SHOWN = 50
"""The newest entries; older ones are in the audit."""

DOORS: Mapping[str, Words] = {
    Door.FORM: _("in a form"),
    Door.INLINE: _("in a row of a form"),
    Door.CELL: _("in the list"),
    Door.BULK: _("for several at once"),
    Door.IMPORT: _("by import"),
    Door.API: _("through the interface for programs"),
    Door.COMMAND: _("by a command"),
    Door.SCHEDULER: _("by the clock"),
}
ACTIONS: Mapping[str, Words] = {
    "create": _("Created"),
    "edit": _("Changed"),
    "delete": _("Deleted"),
    "denied": _("Refused"),
    "overdue": _("Became overdue"),
    "export": _("Exported"),
    "unmask": _("Looked at a masked field"),
    "attach": _("Attached a file"),
    "download": _("Opened an attachment"),
    "logged_in": _("Signed in"),
    "login_failed": _("Failed to sign in"),
    "login_locked": _("Locked after failed tries"),
    "login_unlocked": _("Unlocked"),
    "session_ended": _("Session ended"),
    "password_accepted": _("Gave the right password"),
    "password_changed": _("Password changed"),
    "password_not_confirmed": _("Gave a wrong current password"),
    "invitation_issued": _("Invitation issued"),
    "reset_issued": _("Password reset issued"),
    "two_step_set_up": _("Second step set up"),
    "two_step_removed": _("Second step switched off"),
    "two_step_taken_off": _("Second step taken off by an administrator"),
    "recovery_code_used": _("Signed in with a recovery code"),
    "recovery_codes_made": _("New recovery codes made"),
    "token_made": _("Token for a program made"),
    "token_revoked": _("Token of a program ended"),
    "feed_begun": _("Calendar feed switched on"),
    "feed_ended": _("Calendar feed switched off"),
}


@dataclass(frozen=True)
class Happening:
    """One entry of a record's history."""

    at: datetime
    who: str
    door: Words
    what: Words
    changes: Sequence[Change]
    is_beginning: bool = False


def history_of(view: Any, record: Any) -> list[Happening]:
    """The record's newest entries, newest first."""
    entries = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.entity == view.table, AuditEntry.record_id == record.id, AuditEntry.action != "denied")
        .order_by(AuditEntry.id.desc())
        .limit(SHOWN)
    ).all()
    names = people(entry.actor_id for entry in entries)
    telling = Telling(view, [entry.changes for entry in entries])
    return [
        Happening(
            entry.at,
            names.get(entry.actor_id or 0, str(_("The system"))),
            door(entry.door),
            action(view.table, entry.action),
            telling.changes(entry.changes),
            entry.action == "create",
        )
        for entry in entries
    ]


def people(ids: Any) -> Mapping[int, str]:
    """Who they are, whoever asks: a history without names is none."""
    with seeing_all():
        return titles_of(Staff, ids)


def door(code: str) -> Words:
    """How the write came in."""
    return DOORS.get(code, code)


def action(entity: str, name: str) -> Words:
    """What was done: a transition's own words, else the common ones."""
    model = registry.entities.get(entity)
    moves = {move.name: move.label for move in registry.transitions_for(model)} if model else {}
    return moves.get(name) or ACTIONS.get(name, name)
