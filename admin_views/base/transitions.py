"""State changes as buttons: those that fit state and role; what speaks against one is said before it is pressed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import inspect

from admin_views.base import access, conflicts
from admin_views.base.asking import answers, ask_fields
from admin_views.base.masking import readable
from admin_views.base.page import Said, answer, said
from admin_views.base.saving import Refused, write
from engine.acting import current_act
from engine.database import db
from engine.permissions import may_do_to
from engine.registry import registry
from engine.transitions.kinds import Transition
from engine.transitions.performing import objections, perform, state_of
from models.base import Record
from models.words import _


@dataclass(frozen=True)
class Offered:
    """A button: the move, and what speaks against it now."""

    move: Transition
    against: Sequence[Said]

    @property
    def is_direct(self) -> bool:
        """Whether one press does it: nothing to say, nothing to confirm."""
        return not self.move.asks and not self.against


class MovePages:
    """The page of one move, and the buttons on the record's page."""

    @expose("/move/<step>/", methods=("GET", "POST"))
    def move_view(self: Any, step: str) -> ResponseReturnValue:
        """What the move asks and what speaks against it; posted: the move."""
        move = self.named_move(step)
        record = access.one(self.model, access.requested_id(self.model))
        if not may_do_to(db.session, current_act().actor, move.name, record):
            access.deny(self.table, move.name, record.id)
        if request.method == "GET":
            return self.move_page(record, move)
        return self.make_move(record, move)

    def make_move(self: Any, record: Any, move: Transition) -> ResponseReturnValue:
        """Do it, or show what speaks against it with the answers kept."""
        given, unreadable = answers(move, self.ask_fields)
        if unreadable:
            return self.move_page(record, move, given, {n: [Said(text)] for n, text in unreadable.items()}, status=422)
        if conflicts.is_stale(record):
            refused: Refused | None = Refused(
                sentence=_("Somebody else changed this since you opened it. Please look again."), is_conflict=True
            )
        else:
            refused = write(lambda: perform(db.session(), record, move.name, **given))
        if refused is not None:
            return self.refused_move(record, move, given, refused)
        flash(
            _(
                "Done: %(move)s. Now: %(state)s.",
                move=str(move.label),
                state=str(getattr(state_of(record), "label", "")),
            ),
            "good",
        )
        return redirect(url_for(".details_view", id=record.id), 303)

    def refused_move(
        self: Any, record: Any, move: Transition, given: Mapping[str, Any], refused: Refused
    ) -> ResponseReturnValue:
        """The page again, each objection at the answer that it concerns."""
        names = {ask.name for ask in move.asks}
        errors: dict[str, list[Said]] = {}
        for violation in refused.violations:
            errors.setdefault(violation.field if violation.field in names else "", []).append(said(violation))
        if refused.sentence:
            for name in names & set(refused.fields) or {""}:
                errors.setdefault(name, []).append(Said(str(refused.sentence)))
        return self.move_page(record, move, given, errors, status=refused.status)

    def move_page(
        self: Any,
        record: Any,
        move: Transition,
        given: Mapping[str, Any] | None = None,
        errors: Mapping[str, Sequence[Said]] | None = None,
        *,
        status: int = 200,
    ) -> ResponseReturnValue:
        """What is asked, what speaks against it."""
        fits = state_of(record) in move.sources
        against = against_now(record, move) if fits and errors is None else (errors or {}).get("", ())
        page = self.render(
            "entity/move.html",
            record=record,
            move=move,
            entity=self.entity,
            against=against,
            fits=fits,
            fields_asked=ask_fields(move, present(record, move) if given is None else given, self.ask_fields),
            errors=errors or {},
            state=state_of(record),
        )
        return answer(page, status)

    def named_move(self: Any, name: str) -> Transition:
        """A move with a button. Anything else, the moves of the clock included, is not there."""
        move = next((m for m in registry.transitions_for(self.model) if m.name == name and not m.by_system), None)
        if move is None:
            abort(404)
        return move

    def offered(self: Any, record: Any) -> list[Offered]:
        """The buttons for this record and this person."""
        if not isinstance(record, Record):
            return []
        actor, state = current_act().actor, state_of(record)
        moves = registry.transitions_for(self.model)
        fitting = [m for m in moves if not m.by_system and state in m.sources and m.concerns(record)]
        found = [Offered(m, against_now(record, m)) for m in fitting if may_do_to(db.session, actor, m.name, record)]
        return [each for each in found if not (each.against and _is_anothers(record, each.move))]


def present(record: Any, move: Transition) -> dict[str, Any]:
    """What the record holds already of what is asked, where the move leaves its state: it is changed, not said anew."""
    columns = inspect(type(record)).columns
    asked = [ask.name for ask in move.asks if ask.name in columns] if move.target in move.sources else ()
    return {name: getattr(record, name) for name in asked if readable(record.__tablename__, name)}


def _is_anothers(record: Any, move: Transition) -> bool:
    """Whether somebody else is to make the move: why the reader cannot is no news to them."""
    return move.awaited_of is not None and getattr(record, move.awaited_of) != current_act().actor.staff_id


def against_now(record: Any, move: Transition) -> list[Said]:
    """What speaks against the move whatever is answered: objections about an answer are left for the form."""
    asked = {ask.name for ask in move.asks}
    return [said(v) for v in objections(db.session(), record, move, {}) if v.field not in asked or v.field is None]
