"""What a stored column is for programs: its kind, and what can be asked and said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from inspect import get_annotations
from typing import Any, get_args

from pydantic import TypeAdapter
from sqlalchemy import JSON, BigInteger, Boolean, Date, Integer, Numeric, String, Time, inspect
from sqlalchemy.orm import InstrumentedAttribute, Mapped

from models.base import Base
from models.column_names import COLUMN_NAMES
from models.organisation import Staff
from models.types import Bilingual, Choice, Encrypted, Labelled, UTCDateTime
from models.words import Words

SMALL, LARGE = 2**31 - 1, 2**63 - 1
LONGEST, LONGEST_NAME, LONGEST_SORTED = 20_000, 400, 255
"""Characters of a text without a limit of its own, of a name in one language, and of what a list may be sorted by."""
MOST_LINKS = 500
PEOPLE = frozenset({"actor_id", "created_by_id", "waived_by_id"})
"""Columns that hold a person's id without a foreign key."""


class Kind(StrEnum):
    """How a column reads and writes."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DAY = "day"
    MOMENT = "moment"
    CLOCK = "clock"
    CHOICE = "choice"
    BILINGUAL = "bilingual"
    JSON = "json"
    LINK = "link"
    LINKS = "links"


@dataclass(frozen=True)
class Column:
    """One column: `target` is what a link leads to, `shape` what a JSON column holds (None: anything)."""

    name: str
    label: Words
    kind: Kind
    attribute: InstrumentedAttribute[Any]
    target: type[Any] | None = None
    choices: type[Labelled] | None = None
    nullable: bool = False
    has_default: bool = False
    length: int | None = None
    large: bool = False
    digits: tuple[int, int] | None = None
    shape: TypeAdapter[Any] | None = None
    secret: bool = False

    @property
    def is_needed(self) -> bool:
        """Whether a new record must say it."""
        return not (self.nullable or self.has_default or self.kind is Kind.LINKS)

    @property
    def is_settable(self) -> bool:
        """Whether its values can be checked before rules see them."""
        return self.kind is not Kind.JSON or self.shape is not None

    @property
    def operators(self) -> tuple[str, ...]:
        """What lists can be narrowed by."""
        if self.secret:
            return ()
        ordered: tuple[str, ...] = ("gt", "gte", "lt", "lte")
        own: Mapping[Kind, tuple[str, ...]] = {
            Kind.TEXT: ("eq", "ne", "in", "contains"),
            Kind.BILINGUAL: ("contains",),
            Kind.CHOICE: ("eq", "ne", "in"),
            Kind.LINK: ("eq", "ne", "in"),
            Kind.LINKS: ("eq",),
            Kind.BOOLEAN: ("eq", "ne"),
            **dict.fromkeys((Kind.WHOLE, Kind.DECIMAL, Kind.DAY, Kind.MOMENT), ("eq", "ne", "in", *ordered)),
        }
        found = own.get(self.kind, ())
        return (*found, "null") if self.nullable and found and self.kind is not Kind.LINKS else found

    @property
    def sortable(self) -> bool:
        """Whether a list can be ordered by it."""
        short = self.kind is not Kind.TEXT or (self.length or LONGEST) <= LONGEST_SORTED
        return not self.secret and short and self.kind in SORTED


SORTED = frozenset({Kind.TEXT, Kind.WHOLE, Kind.DECIMAL, Kind.BOOLEAN, Kind.DAY, Kind.MOMENT, Kind.CHOICE})


def column_of(model: type[Any], name: str, labels: Mapping[str, Words]) -> Column:
    """A column, or a relation to several records, by its name. Raises KeyError."""
    mapper, attribute = inspect(model), getattr(model, name)
    label = labels.get(name) or COLUMN_NAMES.get(name) or name.removesuffix("_id").replace("_", " ").capitalize()
    if name in mapper.relationships:
        return Column(name, label, Kind.LINKS, attribute, mapper.relationships[name].mapper.class_)
    column = mapper.columns[name]
    kind, type_ = kind_of(model, name), column.type
    return Column(
        name,
        label,
        kind,
        attribute,
        target=target_of(model, name),
        choices=getattr(type_, "choices", None),
        nullable=bool(column.nullable),
        has_default=column.default is not None,
        length=LONGEST if isinstance(type_, Encrypted) else getattr(type_, "length", None),
        large=isinstance(type_, BigInteger),
        digits=_digits(type_),
        shape=_shape(model, name) if kind is Kind.JSON else None,
        secret=isinstance(type_, Encrypted),
    )


def kind_of(model: type[Any], name: str) -> Kind:
    """How a stored column behaves, by its type. Raises KeyError for bytes, which have no JSON."""
    kinds: tuple[tuple[Any, Kind], ...] = (
        (Choice, Kind.CHOICE),
        (UTCDateTime, Kind.MOMENT),
        (Bilingual, Kind.BILINGUAL),
        (Encrypted, Kind.TEXT),
        (Boolean, Kind.BOOLEAN),
        (Date, Kind.DAY),
        (Time, Kind.CLOCK),
        (JSON, Kind.JSON),
        (Numeric, Kind.DECIMAL),
        (Integer, Kind.WHOLE),
        (String, Kind.TEXT),
    )
    if target_of(model, name) is not None:
        return Kind.LINK
    type_ = inspect(model).columns[name].type
    found = next((kind for base, kind in kinds if isinstance(getattr(type_, "impl_instance", type_), base)), None)
    own = next((kind for base, kind in kinds if isinstance(type_, base)), found)
    if own is None:
        raise KeyError(name)
    return own


def target_of(model: type[Any], name: str) -> type[Any] | None:
    """The model that a foreign key column points to."""
    keys = list(inspect(model).columns[name].foreign_keys)
    if not keys:
        return Staff if name in PEOPLE else None
    return model_of_table(keys[0].column.table.name)


@cache
def model_of_table(name: str) -> type[Any] | None:
    """The model of a table; None for a plain linking table."""
    return next((m.class_ for m in Base.registry.mappers if getattr(m.class_, "__tablename__", "") == name), None)


def _digits(type_: Any) -> tuple[int, int] | None:
    precision, scale = getattr(type_, "precision", None), getattr(type_, "scale", None)
    return (precision, scale) if isinstance(type_, Numeric) and precision and scale is not None else None


def _shape(model: type[Any], name: str) -> TypeAdapter[Any] | None:
    """What the column's `info` says it holds, else its annotation; None where neither says more than "JSON"."""
    shape = inspect(model).columns[name].info.get("shape")
    if shape is None:
        own = next((found for base in model.__mro__ if name in (found := get_annotations(base))), {})
        shape = next(iter(get_args(own.get(name, Mapped[Any]))), Any)
    return None if "Any" in str(shape) else TypeAdapter(shape)
