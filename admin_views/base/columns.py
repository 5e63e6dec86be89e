"""What a named column of an entity is: its kind, its words, what must be loaded to show it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, Numeric, String, inspect
from sqlalchemy.orm import InstrumentedAttribute, RelationshipProperty

from models.base import Base
from models.column_names import COLUMN_NAMES
from models.organisation import Staff
from models.types import Bilingual, Choice, Encrypted, UTCDateTime
from models.words import Words

LONG_TEXT = 255
"""A text column of more characters than this is written in a box of several lines."""
BOOKKEEPING = frozenset({"id", "version", "department_id", "created_at", "created_by_id", "updated_at"})
"""Columns that the gate fills by itself."""
PEOPLE = frozenset({"actor_id", "created_by_id", "decided_by_id", "issued_by_id", "waived_by_id"})
"""Columns that hold a person's id without a foreign key: what was done stays told when the person is gone."""
IMPOSSIBLE = frozenset(
    {
        "meta",
        "process",
        "data",
        "errors",
        "validate",
        "populate_obj",
        "form_errors",
        "csrf_token",
        "version",
        "id",
        "hidden_tag",
    }
)
"""Names that a form has for itself: a field of that name would break it."""


class Kind(StrEnum):
    """How a column is shown, written, sorted and filtered."""

    TEXT = "text"
    AREA = "area"
    WHOLE = "whole"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DAY = "day"
    MOMENT = "moment"
    CHOICE = "choice"
    BILINGUAL = "bilingual"
    JSON = "json"
    LINK = "link"
    LINKS = "links"
    COMPUTED = "computed"
    OTHER = "other"


@dataclass(frozen=True)
class Computed:
    """A listed column that is worked out of others: `needs` are the attributes that must be loaded for it."""

    label: Words
    show: Callable[[Any], Any]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """One column as a screen knows it. `attribute` is None for a computed one; `target` is what a link leads to."""

    name: str
    label: Words
    kind: Kind
    attribute: InstrumentedAttribute[Any] | None = None
    target: type[Any] | None = None
    show: Callable[[Any], Any] | None = None
    needs: tuple[str, ...] = ()
    secret: bool = False

    @property
    def sortable(self) -> bool:
        """Whether a list may be ordered by it: plain, stored, not encrypted."""
        unordered = {Kind.OTHER, Kind.JSON, Kind.BILINGUAL, Kind.LINK, Kind.LINKS, Kind.COMPUTED, Kind.AREA}
        return self.kind not in unordered and not self.secret

    @property
    def nullable(self) -> bool:
        """Whether a row may hold nothing here."""
        return bool(self.attribute is not None and getattr(self.attribute.property, "columns", [None])[0].nullable)


def shown_column(model: type[Any], name: str, labels: Mapping[str, Words], computed: Mapping[str, Computed]) -> Shown:
    """Look a column up by its name. Raises ValueError for a name that the model does not have."""
    if name in computed:
        made = computed[name]
        return Shown(name, made.label, Kind.COMPUTED, show=made.show, needs=made.needs)
    mapper = inspect(model)
    if name not in mapper.all_orm_descriptors.keys():  # noqa: SIM118 a mapper's collection has no membership of its own
        msg = f"{model.__name__} has no column {name}"
        raise ValueError(msg)
    attribute = getattr(model, name)
    label = label_of(name, labels)
    if name in mapper.relationships:
        relation: RelationshipProperty[Any] = mapper.relationships[name]
        kind = Kind.LINKS if relation.uselist else Kind.LINK
        return Shown(name, label, kind, attribute, relation.mapper.class_)
    column = mapper.columns[name]
    secret = isinstance(column.type, Encrypted)
    return Shown(name, label, kind_of(column), attribute, target_of(column), secret=secret)


def label_of(name: str, labels: Mapping[str, Words]) -> Words:
    """The column's words: the view's own, else the common ones, else its name made readable."""
    found = labels.get(name) or COLUMN_NAMES.get(name)
    return found or name.removesuffix("_id").replace("_", " ").capitalize()


def has_label(name: str, labels: Mapping[str, Words]) -> bool:
    """Whether somebody gave the column words that can be translated."""
    return name in labels or name in COLUMN_NAMES


def kind_of(column: Column[Any]) -> Kind:
    """How a stored column behaves, by its type."""
    kinds: tuple[tuple[Any, Kind], ...] = (
        (Choice, Kind.CHOICE),
        (UTCDateTime, Kind.MOMENT),
        (Bilingual, Kind.BILINGUAL),
        (Boolean, Kind.BOOLEAN),
        (Date, Kind.DAY),
        (JSON, Kind.JSON),
        ((Numeric, Float), Kind.DECIMAL),
    )
    if target_of(column) is not None:
        return Kind.LINK
    for type_, kind in kinds:
        if isinstance(column.type, type_):
            return kind
    if isinstance(column.type, Integer):
        return Kind.WHOLE
    if isinstance(column.type, Encrypted):
        return Kind.AREA if column.type.long else Kind.TEXT
    if not isinstance(column.type, String):
        return Kind.OTHER
    return Kind.AREA if (column.type.length or LONG_TEXT + 1) > LONG_TEXT else Kind.TEXT


def target_of(column: Column[Any]) -> type[Any] | None:
    """The model that a foreign key column points to."""
    keys = list(column.foreign_keys)
    if not keys:
        return Staff if column.name in PEOPLE else None
    return model_of_table(keys[0].column.table.name)


@cache
def model_of_table(name: str) -> type[Any] | None:
    """The model of a table; None for a plain linking table."""
    return next((m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == name), None)


def stored_columns(model: type[Any]) -> Iterable[str]:
    """The names of the model's own columns that somebody has to fill: all but the gate's."""
    return [attribute.key for attribute in inspect(model).column_attrs if attribute.key not in BOOKKEEPING]
