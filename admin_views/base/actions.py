"""One move for several records: first a page that says for each what will happen, then, confirmed, all or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from admin_views.base import access, conflicts
from admin_views.base.asking import answers, ask_fields
from admin_views.base.page import Said, answer, list_arguments, said
from admin_views.base.querying import scope_of
from admin_views.base.saving import Refused, write
from admin_views.base.titles import title_of
from admin_views.base.transitions import against_now
from engine.acting import Door, current_act, through
from engine.database import db
from engine.permissions import Scope, matrix, may, may_do_to
from engine.registry import registry
from engine.transitions.kinds import Transition
from engine.transitions.performing import perform, state_of
from models.base import Record
from models.words import _, ngettext


@dataclass
class BulkRow:
    """One chosen record: what it is called, its state, what speaks against the move."""

    record: Any
    title: str
    state: Any
    version: int
    against: Sequence[Said] = ()


class BulkPages:
    """The page of a bulk action."""

    @expose("/action/", methods=("POST",))
    def action_view(self: Any) -> ResponseReturnValue:
        """The preview; with `confirmed`, the deed."""
        move = self.named_move(request.form.get("action", ""))
        if not may(current_act().actor, self.table, move.name):
            access.deny(self.table, move.name)
        with through(Door.BULK):
            rows = self.bulk_rows(move)
            if not rows:
                flash(_("Choose at least one row first."), "warn")
                return redirect(self.bulk_back(), 303)
            if "confirmed" not in request.form:
                return self.bulk_page(move, rows)
            return self.bulk_deed(move, rows)

    def bulk_rows(self: Any, move: Transition) -> list[BulkRow]:
        """The chosen rows, asked anew through the scope. An id out of reach answers 404 and is noted."""
        keys = {access.row_id(text, self.model) for text in request.form.getlist("rowid")[: self.bulk_cap + 1]}
        if len(keys) > self.bulk_cap:
            flash(_("At most %(most)s rows at once: only the first ones are shown.", most=self.bulk_cap), "warn")
        wanted = sorted(keys)[: self.bulk_cap]
        found = db.session.scalars(select(self.model).where(self.model.id.in_(wanted), *scope_of(self.model))).all()
        if len(found) < len(wanted):
            access.missed(self.model, set(wanted) - {record.id for record in found}, move.name)
        return [self.bulk_row(move, record) for record in found]

    def bulk_row(self: Any, move: Transition, record: Any) -> BulkRow:
        """What will happen to one record."""
        row = BulkRow(record, title_of(record), state_of(record), record.version)
        if not may_do_to(db.session, current_act().actor, move.name, record):
            row.against = [Said(str(_("Your role does not allow this for this row.")))]
        elif move.name in self.one_by_one:
            row.against = [Said(str(_("This is done for one record at a time.")))]
        elif state_of(record) not in move.sources:
            row.against = [
                Said(str(_("It is “%(state)s”: the step does not fit.", state=str(getattr(row.state, "label", "")))))
            ]
        else:
            row.against = against_now(record, move)
        return row

    def bulk_page(
        self: Any, move: Transition, rows: Sequence[BulkRow], errors: Any = None, given: Any = None, status: int = 200
    ) -> ResponseReturnValue:
        """Say for each row what will happen."""
        page = self.render(
            "entity/bulk.html",
            move=move,
            rows=rows,
            able=[r for r in rows if not r.against],
            entity=self.entity,
            fields_asked=ask_fields(move, given or {}, self.ask_fields),
            errors=errors or {},
            back=self.bulk_back(),
        )
        return answer(page, status)

    def bulk_deed(self: Any, move: Transition, rows: Sequence[BulkRow]) -> ResponseReturnValue:
        """Make the move for every row that nothing speaks against; if one fails after all, none is made."""
        given, unreadable = answers(move, self.ask_fields)
        if unreadable:
            return self.bulk_page(move, rows, {n: [Said(t)] for n, t in unreadable.items()}, given, 422)
        stale = [row for row in rows if conflicts.is_stale(row.record, f"version-{row.record.id}")]
        if stale:
            for row in stale:
                row.against = [Said(str(_("Somebody else changed this since you chose it.")))]
            return self.bulk_page(move, rows, given=given, status=409)
        able = [row.record for row in rows if not row.against]
        refused = write(lambda: [perform(db.session(), record, move.name, **given) for record in able])
        if refused is not None:
            return self.bulk_refused(move, rows, given, refused)
        words = ngettext(
            "Done for %(num)s row: %(move)s.", "Done for %(num)s rows: %(move)s.", len(able), move=str(move.label)
        )
        flash(words, "good")
        return redirect(self.bulk_back(), 303)

    def bulk_refused(
        self: Any, move: Transition, rows: Sequence[BulkRow], given: Any, refused: Refused
    ) -> ResponseReturnValue:
        """Nothing was done: say at which row it failed, and at which answer."""
        names, errors = {ask.name for ask in move.asks}, {}
        for violation in refused.violations:
            row = next((one for one in rows if one.record is violation.record), None)
            if violation.field in names or row is None:
                errors.setdefault(violation.field if violation.field in names else "", []).append(said(violation))
            else:
                row.against = [*row.against, said(violation)]
        if refused.sentence:
            errors.setdefault("", []).append(Said(str(refused.sentence)))
        return self.bulk_page(move, rows, errors, given, refused.status)

    def bulk_choices(self: Any) -> list[Transition]:
        """The moves that this person may make for several rows: among others' rows none that is for one's own only."""
        if not issubclass(self.model, Record):
            return []
        actor = current_act().actor
        shows_own = matrix.scope(actor, self.table, "read") is Scope.OWN
        return [
            move
            for move in registry.transitions_for(self.model)
            if not move.by_system
            and move.name not in self.one_by_one
            and may(actor, self.table, move.name)
            and (shows_own or matrix.scope(actor, self.table, move.name) is not Scope.OWN)
        ]

    def bulk_back(self: Any) -> str:
        """The list as it was."""
        return url_for(".index_view", **list_arguments())
