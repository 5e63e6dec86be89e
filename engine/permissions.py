"""Who may do what to which rows: the matrix of `policies/permissions.csv`, deny by default.

A cell names the scope in which a role may act: `own` (rows whose owner is the actor, or in which they are involved),
`line` (those of the people below them as well), `team`, `department` or `all`.
An empty cell denies. Whoever may `read_draft` reads, within that scope, also what is not published yet: without it an
entity with `published` states is there for nobody before. `policies/fields.csv` says which fields a role may not
read, sees masked, or may not write.
"""

import csv
from collections.abc import Collection, Iterable, Mapping
from enum import IntEnum, StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from engine.acting import Actor, Role

FOLDER = Path(__file__).parent.parent / "policies"
READ_DRAFT = "read_draft"
"""The action that a grant of the same reach must name for rows that are not published."""


class Scope(IntEnum):
    """How far a grant reaches; a greater one includes the smaller.

    Beside one another stand only `line` and `team`: the matrix gives an entity's rows by the one or by the other.
    """

    OWN = 1
    LINE = 2
    TEAM = 3
    DEPARTMENT = 4
    ALL = 5


class Sight(StrEnum):
    """What a role may do with a field."""

    NONE = "none"
    MASKED = "masked"
    READ = "read"
    WRITE = "write"


Cell = tuple[str, str, Role]
"""An entity, an action, a role."""


class Grants(dict[Cell, Scope]):
    """Cells and how far each reaches. What was worked out from them holds as long as `state` is the same object."""

    def __init__(self, cells: Mapping[Cell, Scope] = MappingProxyType({})) -> None:
        """Take over the cells."""
        super().__init__(cells)
        self.state = object()

    def __setitem__(self, cell: Cell, scope: Scope) -> None:
        """Grant."""
        super().__setitem__(cell, scope)
        self.state = object()

    def __delitem__(self, cell: Cell) -> None:
        """Take back."""
        super().__delitem__(cell)
        self.state = object()


class Matrix:
    """The grants and field rules in force, as read from the reviewed files and from outside plugins."""

    def __init__(self) -> None:
        """Start empty: everything is denied."""
        self.grants = Grants()
        self.fields: dict[tuple[str, str], dict[Role, Sight]] = {}
        self.customers: set[tuple[str, str]] = set()

    def read_files(self, folder: Path = FOLDER) -> None:
        """Read `permissions.csv` and `fields.csv` of a folder. Raises ValueError naming a cell that is no scope."""
        self.add_grants(_rows(folder / "permissions.csv"))
        for row in _rows(folder / "fields.csv"):
            sights = {role: Sight(row[role]) for role in Role if row.get(role)}
            self.fields[row["entity"], row["field"]] = sights

    def add_grants(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Add rows of the form `entity, action, <role>: <scope>, …`."""
        for row in rows:
            for role in Role:
                if cell := (row.get(role) or "").strip():
                    self.grants[row["entity"], row["action"], role] = _scope(cell, row)

    def add_customers(self, entity: str, fields: Iterable[str]) -> None:
        """Note which fields of an entity hold customers' data."""
        self.customers.update((entity, field) for field in fields)

    def scope(self, actor: Actor, entity: str, action: str) -> Scope | None:
        """The widest scope in which any of the actor's roles may do `action`; None: not at all."""
        reach = [self.grants[entity, action, role] for role in actor.roles if (entity, action, role) in self.grants]
        return max(reach, default=None)

    def sight(self, actor: Actor, entity: str, field: str) -> Sight:
        """The best sight any role gives of a field; a field without a row is as open as its record."""
        rule = self.fields.get((entity, field))
        if rule is None or actor.is_system:
            return Sight.WRITE
        order = list(Sight)
        best = max((rule.get(role, Sight.NONE) for role in actor.roles), key=order.index, default=Sight.NONE)
        return min(best, Sight.MASKED, key=order.index) if self.is_withheld(actor, entity, field) else best

    def is_withheld(self, actor: Actor, entity: str, field: str) -> bool:
        """Whether a field holds customers' data that the actor is kept from, whatever their roles show (CNF-1)."""
        return not actor.sees_customers and (entity, field) in self.customers


matrix = Matrix()


def _scope(cell: str, row: Mapping[str, str]) -> Scope:
    if cell.upper() not in Scope.__members__:
        msg = f"{row['entity']}, {row['action']}: {cell!r} is no scope"
        raise ValueError(msg)
    return Scope[cell.upper()]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row.get("entity")]


def may(actor: Actor, entity: str, action: str) -> bool:
    """Whether the actor may do `action` to at least some rows of `entity` (a table's name)."""
    return actor.is_system or matrix.scope(actor, entity, action) is not None


def may_do_to(session: Session, actor: Actor, action: str, record: Any) -> bool:  # noqa: ANN401, ARG001 any scoped model; a scope may come to need the database
    """Whether the actor may do `action` to this very row."""
    if actor.is_system:
        return True
    return covers(actor, matrix.scope(actor, record.__tablename__, action), record)


def covers(actor: Actor, scope: Scope | None, record: Any) -> bool:  # noqa: ANN401 any scoped model
    """Whether a grant of this scope reaches the row; of a draft, only for whoever may read it."""
    if not _reaches(actor, scope, record):
        return False
    entity = record.__entity__
    if entity.published is None or getattr(record, entity.state) in entity.published:
        return True
    return _reaches(actor, matrix.scope(actor, record.__tablename__, READ_DRAFT), record)


def _reaches(actor: Actor, scope: Scope | None, record: Any) -> bool:  # noqa: ANN401 any scoped model
    if scope is None:
        return False
    if scope is Scope.ALL:
        return True
    if record.department_id not in {None, actor.department_id}:
        return False
    if scope is Scope.DEPARTMENT:
        return True
    entity = record.__entity__
    own = actor.staff_id is not None and actor.staff_id in owners_of(record)
    line = entity.owner is not None and getattr(record, entity.owner) in actor.line_ids
    team = entity.team is not None and getattr(record, entity.team) in actor.team_ids
    return {Scope.TEAM: team or own, Scope.LINE: line or own, Scope.OWN: own}[scope]


def owners_of(record: Any) -> set[int | None]:  # noqa: ANN401 any scoped model
    """The staff ids of whoever counts as an owner of the row: its owner and those involved in it."""
    entity = record.__entity__
    found = {getattr(record, entity.owner)} if entity.owner is not None else set()
    for path in entity.involved:
        name, _dot, column = path.partition(".")
        value = getattr(record, name)
        if column:
            rows = value if isinstance(value, Collection) else [value] if value is not None else []
            found |= {getattr(row, column) for row in rows}
        else:
            found.add(value)
    return found
