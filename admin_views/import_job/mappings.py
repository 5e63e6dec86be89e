"""Remembered mappings: how columns were read before, to be called by a name, used for another file, or thrown away."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy.orm import Session

from admin_views.base.access import allowed, one, requested_id
from admin_views.base.saving import write
from admin_views.import_job.forms import label_of
from admin_views.import_job.people import authors_of
from admin_views.pages import Page
from engine.acting import current_act
from engine.database import db
from engine.importing import jobs, mapping
from engine.importing.choices import Choices
from engine.permissions import may_do_to
from engine.registry import registry
from models.import_job import ImportMapping
from models.words import _


class MappingPages(Page):
    """The mappings that the reader may see; everybody changes their own, whoever answers for all changes all."""

    needs = ("import_mapping", "read")
    icon = "shuffle"

    def is_visible(self) -> bool:
        """The page of the imports leads here; the menu need not."""
        return False

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """Every mapping: what it brings, from which columns, whose it is."""
        rows = [row for row in mapping.mappings(db.session()) if row.entity in registry.importables]
        importable = {each.name for each in jobs.importables_for(current_act().actor)}
        return self.render(
            "import/mappings.html",
            rows=[(row, _columns(row)) for row in rows],
            authors=authors_of(rows),
            usable={row.id for row in rows if row.entity in importable},
            own={row.id: _may(db.session(), row) for row in rows},
            longest=mapping.LONGEST_NAME,
            imports=url_for("import_job.index_view") if allowed("import_job", "read") else None,
        )

    @expose("/rename/", methods=("POST",))
    def rename_view(self) -> ResponseReturnValue:
        """Call a mapping something else."""
        found: ImportMapping = one(ImportMapping, requested_id(ImportMapping), "edit")
        try:
            mapping.rename(found, request.form.get("name", ""))
        except ValueError:
            flash(str(_("A name has 1 to %(most)s characters.", most=mapping.LONGEST_NAME)), "bad")
        else:
            _save(lambda: None, _("It is called “%(name)s” now.", name=found.name))
        return redirect(url_for(".index_view"), 303)

    @expose("/forget/", methods=("POST",))
    def forget_view(self) -> ResponseReturnValue:
        """Throw a mapping away; what was imported with it stays."""
        found: ImportMapping = one(ImportMapping, requested_id(ImportMapping), "delete")
        _save(lambda: db.session.delete(found), _("“%(name)s” is forgotten.", name=found.name))
        return redirect(url_for(".index_view"), 303)


def _save(work: Any, done: Any) -> None:
    refused = write(work)
    if refused is None:
        flash(str(done), "good")
    else:
        flash(refused.text, "bad")


def _columns(row: ImportMapping) -> list[tuple[str, str]]:
    """Each field that the mapping fills, in the reader's words, with the title of its column."""
    known = registry.importable(row.entity).by_name
    chosen = Choices.of(row.choices).columns
    return [(label_of(known[name]), title) for name, title in chosen.items() if name in known]


def _may(session: Session, row: ImportMapping) -> dict[str, bool]:
    actor = current_act().actor
    return {action: may_do_to(session, actor, action, row) for action in ("edit", "delete")}
