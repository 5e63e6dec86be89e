"""Which entities there are, and of each the columns that whoever calls may see, fill in, filter and sort by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from flask import current_app
from sqlalchemy import inspect

from api.columns import Column, column_of
from engine.acting import Actor, current_act
from engine.permissions import Scope, Sight, matrix, may
from engine.registry import registry
from engine.surface import OFFERED, Surface
from engine.transitions.kinds import Transition
from models.base import Entity, Record
from models.import_job import ImportJob
from models.notification import Notification
from models.obligation import Obligation
from models.policy import Adoption, ParameterValue
from models.saved_filter import SavedFilter

OWN_PAGES = (
    Surface(Adoption, ("pack", "pack_version", "rank", "adopted_on")),
    Surface(ParameterValue, ("name", "clause", "value", "valid_from", "pack", "pack_version", "reason")),
    Surface(SavedFilter, ("staff_id", "entity", "name", "query"), ("entity", "name", "query")),
    Surface(
        ImportJob,
        ("entity", "filename", "state", "rows_total", "rows_taken", "rows_same", "rows_refused", "finished_at"),
    ),
    Surface(
        Obligation,
        (
            *("kind", "clause", "subject_type", "subject_id", "subject_title", "period", "owner_id", "owner_post"),
            *("team_id", "opened_at", "due_at", "state", "met_at", "proof", "waived_reason", "waived_by_id", "step"),
        ),
    ),
    Surface(Notification, ("recipient_id", "code", "data", "subject_type", "subject_id", "created_at", "read_at")),
)
"""What pages that are no lists of records show: the rulebook, the ledger, the inbox, imports, filters of a list."""
SHOWN_BESIDE: Mapping[str, tuple[str, ...]] = {
    "qa_appeal": ("answer", "revised"),
    "rectification_task": ("finding_id", "verdict"),
    "qa_report_edition": ("figures",),
    "audit_entry": ("action", "entity", "record_id", "changes"),
}
"""What a record's page shows in a way of its own, beside its columns."""
ALWAYS = ("id", "version", "department_id", "created_at", "created_by_id", "updated_at")


def catalogue(surfaces: Mapping[str, Surface]) -> dict[str, "Resource"]:
    """Every entity by its name. Only what some page shows is offered: deny by default."""
    known = {surface.model.__tablename__: surface for surface in OWN_PAGES} | dict(surfaces)
    return {name: Resource(name, _completed(name, surface)) for name, surface in sorted(known.items())}


def _completed(name: str, surface: Surface) -> Surface:
    columns = inspect(surface.model).column_attrs
    state = getattr(entity_of(surface.model), "state", None)
    first = [each for each in (*ALWAYS, state) if each is not None and each in columns]
    shown = (*first, *surface.shown, *SHOWN_BESIDE.get(name, ()))
    hidden = set(surface.write_only)
    return replace(surface, shown=tuple(dict.fromkeys(each for each in shown if each not in hidden)))


def entity_of(model: type[Any]) -> Entity | None:
    """What the whole product knows of the entity; None for the few tables that are shown without it."""
    return getattr(model, "__entity__", None)


@dataclass(frozen=True)
class Resource:
    """One entity as this interface offers it, before rights."""

    name: str
    surface: Surface

    @property
    def model(self) -> type[Any]:
        """Its model."""
        return self.surface.model

    @property
    def is_record(self) -> bool:
        """Whether it has versions, a gate and moves; the engine's own tables are only read."""
        return issubclass(self.model, Record) and self.name in registry.entities

    @property
    def title(self) -> str:
        """What one of them is called."""
        entity = entity_of(self.model)
        return str(entity.label) if entity else self.name.replace("_", " ").capitalize()

    @property
    def plural(self) -> str:
        """What several of them are called."""
        entity = entity_of(self.model)
        return str(entity.plural) if entity else self.title

    @property
    def settled(self) -> frozenset[str]:
        """The columns that no change may name."""
        entity = entity_of(self.model)
        return entity.settled if entity else frozenset()

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Every column that can be shown or filled in, by name."""
        names = dict.fromkeys((*self.surface.shown, *self.surface.typed))
        return {name: column_of(self.model, name, self.surface.labels) for name in names}

    def moves(self) -> list[Transition]:
        """The moves that somebody may make."""
        return [m for m in registry.transitions_for(self.model) if not m.by_system] if self.is_record else []

    @property
    def deletable(self) -> bool:
        """Whether the permission matrix lets anybody delete."""
        return self.is_record and any(key[:2] == (self.name, "delete") for key in matrix.grants)

    def offered(self) -> "Offered":
        """The entity as whoever calls may use it."""
        return Offered(self, current_act().actor)


@dataclass(frozen=True)
class Offered:
    """One entity as one caller may use it."""

    resource: Resource
    actor: Actor
    sights: dict[str, Sight] = field(default_factory=dict)

    def sight(self, name: str) -> Sight:
        """What the caller may do with a column."""
        if name not in self.sights:
            self.sights[name] = matrix.sight(self.actor, self.resource.name, name)
        return self.sights[name]

    @property
    def shown(self) -> dict[str, Column]:
        """Columns of which anything is shown: in full, or masked."""
        return {n: self.resource.columns[n] for n in self.resource.surface.shown if self.sight(n) is not Sight.NONE}

    @property
    def readable(self) -> dict[str, Column]:
        """Columns to filter and sort by: only those that are read in full, or the answer would tell what is hidden."""
        return {name: column for name, column in self.shown.items() if self.sight(name) is not Sight.MASKED}

    @property
    def masked(self) -> frozenset[str]:
        """Columns that are shown masked."""
        return frozenset(name for name in self.shown if self.sight(name) is Sight.MASKED)

    @property
    def writable(self) -> dict[str, Column]:
        """Columns that the caller may fill in."""
        return dict(self._writable())

    def _writable(self) -> Iterator[tuple[str, Column]]:
        for name in self.resource.surface.typed:
            column, seen = self.resource.columns[name], self.sight(name)
            secret = name in self.resource.surface.write_only and seen is Sight.MASKED
            if (seen is Sight.WRITE or secret) and column.is_settable:
                yield name, column

    def may(self, action: str) -> bool:
        """Whether the caller may do `action` to any of them."""
        return may(self.actor, self.resource.name, action)

    @property
    def creatable(self) -> bool:
        """Whether records come about by being written at all."""
        return self.resource.is_record and self.resource.surface.creatable and bool(self.resource.surface.typed)

    @property
    def editable(self) -> bool:
        """Whether anything of a record can be changed by writing it."""
        return self.resource.is_record and bool(self.resource.surface.typed)

    def reaches_all(self) -> bool:
        """Whether no row is out of the caller's reach."""
        return self.actor.is_system or matrix.scope(self.actor, self.resource.name, "read") is Scope.ALL


def entities() -> Mapping[str, Resource]:
    """Every entity by its name."""
    found: Mapping[str, Resource] = current_app.extensions[OFFERED]
    return found
