"""Every value of the rulebook with its history, as a table to take away."""

from collections.abc import Iterator
from typing import Any

from flask.typing import ResponseReturnValue
from flask_admin import expose

from admin_views.base.access import allowed, deny
from admin_views.formats import today, words
from admin_views.rulebook.setting import department_id, staff_by_id
from admin_views.rulebook.words import label_of
from admin_views.taking import file_of
from admin_views.values import shown_value
from engine.database import db
from engine.packs import parameters
from models.words import _

HEADER = (_("Clause"), _("Value"), _("Set to"), _("From"), _("In force"), _("Pack"), _("Set by"), _("Reason"))


class ValuesFile:
    """The file, mixed into the rulebook."""

    @expose("/export/")
    def values_file(self) -> ResponseReturnValue:
        """All values, each as often as it was set."""
        if not allowed("parameter_value", "export"):
            deny("parameter_value", "export")
        return file_of("parameter_value", [str(title) for title in HEADER], list(_lines(department_id())))


def _lines(department: int) -> Iterator[list[Any]]:
    session = db.session()
    histories = {name: parameters.history(session, department, name) for name in parameters.known(session, department)}
    people = staff_by_id({value.set_by_id for history in histories.values() for value in history})
    for name, history in histories.items():
        current = parameters.in_force(session, department, name, today())
        for value in history:
            setter = people.get(value.set_by_id or 0)
            yield [
                value.clause,
                words(label_of(name)),
                shown_value(name, value.value),
                value.valid_from,
                str(_("Yes")) if value == current else "",
                f"{value.pack} {value.pack_version}" if value.pack else "",
                setter.name if setter and not value.pack else "",
                value.reason or "",
            ]
