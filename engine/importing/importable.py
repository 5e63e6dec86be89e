"""What a domain declares so that files can bring its records: fields, references, and how a row becomes a record."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from engine.rules import Rule
from engine.tabular.columns import Field
from models.base import Record
from models.import_job import ImportJob
from models.types import Labelled
from models.words import Words

Values = Mapping[str, Any]
"""A row's values by field name; a reference is the id of the row that it names."""


@dataclass(frozen=True)
class Asked:
    """Something that has to be said before a missing person, topic or the like is created.

    One of: a row of `entity`, one of `choices`, or a date when neither is given.
    """

    name: str
    label: Words
    entity: type[Record] | None = None
    choices: tuple[Labelled, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Reference:
    """A field whose cells name records of another entity, or of the same: then a row may name a row of its own file.

    `names` answers everything a cell may call such a record by. `make` builds a new one, not yet in the session, from
    the cell's text, the answers to `asks` and the present day; without it, missing ones cannot be created here.
    `circle` is the rule that rows break which name each other in a circle.
    """

    entity: type[Record]
    names: Callable[[Any], Iterable[str | None]]
    make: Callable[[str, Mapping[str, Any], date], Record] | None = None
    asks: tuple[Asked, ...] = ()
    circle: Rule | None = None


def as_it_is(values: Values, zone: ZoneInfo) -> dict[str, Any]:  # noqa: ARG001 other compositions need it
    """The composition of an entity whose fields are its columns."""
    return dict(values)


def nothing_more(record: Any, job: ImportJob) -> None:  # noqa: ANN401 values of any kind pass through here
    """The completion of an entity that owes nothing to having been imported."""


@dataclass(frozen=True)
class Importable:
    """An entity that files can bring.

    `key` names the field by which a row is recognized: the same key is the same record, also in another file. Where it
    is composed of several, `keys` names these fields of the file, the one that every file has first; and `known_by` the
    columns of the record, where none of them is enough.
    `compose` makes columns of a row's values (naive moments are wall-clock time in `zone`); these columns are what a
    known record is compared by, except the `volatile` ones, which live on after the import. `words` lists, for a field
    that is a choice, what each cell may say. `complete` fills in what follows from the columns and the import itself.
    """

    entity: type[Record]
    fields: tuple[Field, ...]
    key: str = "number"
    keys: tuple[str, ...] = ()
    known_by: tuple[str, ...] = ()
    references: Mapping[str, Reference] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Labelled]] = field(default_factory=dict)
    volatile: frozenset[str] = frozenset()
    compose: Callable[[Values, ZoneInfo], dict[str, Any]] = as_it_is
    complete: Callable[[Any, ImportJob], None] = nothing_more

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.entity.__tablename__)

    @property
    def recognized_by(self) -> tuple[str, ...]:
        """The fields of the file by which a row is recognized, the one that every file has first."""
        return self.keys or (self.key,)

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns by which a stored record is recognized."""
        return self.known_by or (self.key,)

    def field(self, name: str) -> Field:
        """A field by its name. Raises KeyError."""
        return self.by_name[name]

    @property
    def by_name(self) -> dict[str, Field]:
        """The fields by their names."""
        return {each.name: each for each in self.fields}
