"""`flask permissions`: who may do what to which rows, as `docs/permissions.md` shows it."""

from collections.abc import Iterable, Iterator, Mapping

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from engine.acting import Role
from engine.permissions import Scope, Sight, matrix
from engine.registry import registry
from models.base import Base

PAGE = "docs/permissions.md"
"""What `flask permissions` prints is kept there."""
HEAD = """# Who may do what

Made by `flask permissions > docs/permissions.md` from `policies/permissions.csv`, `policies/fields.csv` and what the
domains grant by themselves. An empty cell means no: whatever is not granted is refused, and the attempt is noted in the
audit. `tests/house/test_routes.py` opens every address as every role and compares what comes back with these grants.

How far a grant reaches: **own**, rows that belong to the person or in which they are involved (who gets a report, who
interviews a candidate); **line**, also those of the people below them in the reporting line; **team**, also those of
their team and, for shift leads, of the teams below them; **department**, all rows of the department; **all**, of every
department.
"""
FIELDS = """## Fields that are not open to all who see the record

**no**: nothing is shown; **masked**: enough to recognise it by; **read**: in full, but not to be changed; **write**: in
full, and to be changed by whoever may edit the record. Other fields are as open as their record.
"""
ELSEWHERE = "Kept by the engine"
NAMES: Mapping[str, str] = {
    "audit_entry": "Audit entry",
    "backup_run": "Backups",
    "clause": "Clause",
    "obligation": "Obligation",
    "notification": "Notice",
}
ACTIONS: Mapping[str, str] = {
    "unmask": "look behind a mask, with a reason",
    "end_sessions": "end sessions",
    "transcript": "see the training record",
    "read_draft": "read before it is published",
}
SIGHTS: Mapping[Sight, str] = {Sight.NONE: "no", Sight.MASKED: "masked", Sight.READ: "read", Sight.WRITE: "write"}


@click.command()
@with_appcontext
def permissions() -> None:
    """Print who may do what as Markdown."""
    click.echo(as_markdown(), nl=False)


def as_markdown() -> str:
    """The whole page, in English."""
    with force_locale("en"):
        return "\n".join([HEAD, *_domains(), FIELDS, *_table(("Record", "Field"), _fields())]) + "\n"


def _domains() -> Iterator[str]:
    """A heading and a table for each group of domains; at the end what no domain brings."""
    left = dict.fromkeys(entity for entity, _action, _role in matrix.grants)
    groups: dict[str, list[str]] = {}
    for domain in registry.domains.values():
        mine = [model.__tablename__ for model in domain.entities if model.__tablename__ in left]
        groups.setdefault(str(domain.label), []).extend(mine)
        left = {name: None for name in left if name not in mine}
    for heading, entities in (groups | {ELSEWHERE: list(left)}).items():
        if entities:
            yield from (f"## {heading}", "", *_table(("Record", "Action"), _grants(entities)), "")


def _grants(entities: Iterable[str]) -> Iterator[list[str]]:
    """A line for each action that anybody may do."""
    for entity in entities:
        actions = dict.fromkeys(action for name, action, _role in matrix.grants if name == entity)
        for action in actions:
            scopes = (matrix.grants.get((entity, action, role)) for role in Role)
            yield [_record(entity), _action(entity, action), *map(_scope, scopes)]


def _fields() -> Iterator[list[str]]:
    for (entity, field), sights in matrix.fields.items():
        yield [_record(entity), field.replace("_", " "), *(SIGHTS[sights.get(role, Sight.NONE)] for role in Role)]


def _table(titles: Iterable[str], rows: Iterable[list[str]]) -> Iterator[str]:
    header = [*titles, *(role.replace("_", " ").replace("hr", "HR").replace("qa", "QA") for role in Role)]
    yield f"| {' | '.join(header)} |"
    yield f"| {' | '.join('---' for _title in header)} |"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _record(entity: str) -> str:
    """What people call the record."""
    model = next((m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == entity), None)
    known = getattr(model, "__entity__", None)
    return str(known.label) if known is not None else NAMES.get(entity, entity)


def _action(entity: str, action: str) -> str:
    """What people call the action: a move by its button."""
    model = registry.entities.get(entity)
    moves = {move.name: str(move.label) for move in registry.transitions_for(model)} if model else {}
    return moves.get(action) or ACTIONS.get(action, action)


def _scope(scope: Scope | None) -> str:
    return scope.name.lower() if scope is not None else ""
