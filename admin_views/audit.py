"""Who did what, when and through which door: read by the auditor and the administrator, changed by nobody."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, g
from markupsafe import Markup
from sqlalchemy import ColumnElement

from admin_views.base import EntityView
from admin_views.base.columns import Computed, shown_column
from admin_views.base.filters import Box, Filter
from admin_views.base.history import ACTIONS, DOORS, action, door
from admin_views.base.titles import titled
from admin_views.base.told import Telling
from admin_views.formats import NOTHING, words
from admin_views.links import address, entity_label, record_address
from admin_views.rulebook import label_of, rule_sentences
from engine.hooks import hookimpl
from engine.registry import registry
from engine.titles import title_of
from models.audit import AuditEntry
from models.base import Entity, Record
from models.policy import ParameterValue
from models.words import Words, _

VALUES = ParameterValue.__tablename__
LABELS: Mapping[str, Words] = {
    "at": _("When"),
    "actor_id": _("Who"),
    "action": _("What was done"),
    "entity": _("Kind of record"),
    "door": _("How"),
    "record_title": _("Record"),
    "rules": _("Rules that were asked"),
    "request_id": _("Number of the request"),
}


@dataclass(frozen=True)
class Bare:
    """Stands in for the view of an entity that has no screen: its columns by their common words."""

    table: str
    model: type[Any]
    labels: Mapping[str, Words] = field(default_factory=dict)
    formatters: Mapping[str, Any] = field(default_factory=dict)
    write_only: Sequence[str] = ()


def _view_of(entity: str) -> Any:
    """The screen of an entity, or what stands in for it: it knows how its values are read."""
    views = {view.table: view for view in current_app.extensions["admin"][0]._views if isinstance(view, EntityView)}  # noqa: SLF001 Flask-Admin keeps its views there
    return views.get(entity) or Bare(entity, registry.entities.get(entity, AuditEntry))


def _told(entry: AuditEntry) -> str:
    """Before and after, field by field, as they were recorded (encrypted fields were not) and as the reader may see."""
    lines = [
        Markup("<li>{}{}{} → {}</li>").format(change.label, str(_(": ")), change.before, change.after)
        for change in Telling(_view_of(entry.entity), [entry.changes]).changes(entry.changes)
    ]
    return Markup('<ul class="list-plain">{}</ul>').format(Markup().join(lines)) if lines else NOTHING


def _record(entry: AuditEntry) -> str:
    """What the record was called, with the way to it for whoever may go there."""
    if entry.entity == VALUES:
        name = words(label_of(entry.record_title))
        url = address("rulebook.value", code=entry.record_title)
    else:
        name = _present_names(entry.entity).get(entry.record_id) or entry.record_title or NOTHING
        url = record_address(entry.entity, entry.record_id)
    return Markup('<a href="{}">{}</a>').format(url, name) if url else name


def _present_names(entity: str) -> Mapping[int | None, str]:
    """The names of records whose title is a code; such lists are short, and each is read once a request."""
    known: dict[str, dict[int | None, str]] = g.setdefault("names_of_codes", {})
    model = registry.entities.get(entity)
    if entity not in known:
        coded = model is not None and issubclass(model, Record) and model.__entity__.title == "code"
        known[entity] = {row.id: title_of(row) for row in titled(model)} if coded and model is not None else {}
    return known[entity]


def _sentences(names: Sequence[str]) -> str:
    """The rules that were asked, as sentences, each once."""
    known = rule_sentences()
    lines = [Markup("<li>{}</li>").format(text) for text in dict.fromkeys(known.get(name, name) for name in names)]
    return Markup('<ul class="list-plain">{}</ul>').format(Markup().join(lines)) if lines else NOTHING


def _actions() -> dict[str, Words]:
    """Everything that can have been done: the common acts, and every entity's own steps."""
    moves = [move for model in registry.entities.values() for move in registry.transitions_for(model)]
    return {**{move.name: move.label for move in moves}, **ACTIONS}


def _entities() -> dict[str, Words]:
    return {table: model.__entity__.label for table, model in registry.entities.items()}


def _one_of(name: str, choices: Callable[[], Mapping[str, Words]]) -> Filter:
    """A filter by a code that is chosen by its words."""

    def condition(values: Mapping[str, str], _column: Any) -> ColumnElement[bool]:
        if values[""] not in choices():
            raise ValueError(name)
        found: ColumnElement[bool] = getattr(AuditEntry, name) == values[""]
        return found

    def boxes(one: Filter, given: Mapping[str, str]) -> list[Box]:
        named = sorted((str(label), code) for code, label in choices().items())
        options = [(code, label, code == given.get("")) for label, code in named]
        start = ("", str(_("All")), "" not in given)
        return [Box(one.argument(""), str(one.column.label), "choice", given.get("", ""), [start, *options])]

    return Filter(name, shown_column(AuditEntry, name, LABELS, {}), ("",), condition, boxes)


class AuditView(EntityView):
    """The audit."""

    model = AuditEntry
    entity = Entity(_("Audit entry"), _("Audit"), (), icon="scroll-text")
    category = "system"
    list_columns = ("at", "actor_id", "action_words", "what", "record", "door")
    detail_columns = ("at", "actor_id", "action_words", "what", "record", "door", "told", "rules", "request_id")
    filters = (
        "at",
        "actor_id",
        _one_of("action", _actions),
        _one_of("entity", _entities),
        _one_of("door", lambda: DOORS),
    )
    default_sort = ("id", True)
    labels = LABELS
    computed = {
        "action_words": Computed(
            _("What was done"), lambda entry: action(entry.entity, entry.action), needs=("entity", "action")
        ),
        "told": Computed(_("Before and after"), _told, needs=("entity", "changes")),
        "what": Computed(_("Kind of record"), lambda entry: entity_label(entry.entity) or "—", needs=("entity",)),
        "record": Computed(_("Record"), _record, needs=("entity", "record_id", "record_title")),
    }
    formatters = {"door": lambda code: str(door(code)), "rules": _sentences}


@hookimpl
def views() -> list[EntityView]:
    """The screen of the audit."""
    return [AuditView()]
