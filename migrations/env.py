"""How Alembic reaches the database: on a connection of its own, past the gate, each revision in one transaction.

Revisions are numbered (`0007_due_at.py`): two branches that both add number 7 collide where everybody sees it.
"""

from pathlib import Path
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrationScript
from flask import current_app
from sqlalchemy import Connection, TypeDecorator

from engine.backup.connecting import own_engine
from engine.backup.schema import CONNECTION
from engine.database import db


def plain_type(kind: str, item: Any, _autogenerate: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 Alembic's signature
    """Write a column type of ours as the plain one beneath it: a revision must outlive the models."""
    return f"sa.{item.impl_instance!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def number(_context: object, _revision: object, directives: list[MigrationScript]) -> None:
    """Give a new revision the next number."""
    used = [int(path.name[:4]) for path in Path(__file__).parent.glob("versions/[0-9]*.py")]
    for directive in directives:
        directive.rev_id = f"{max(used, default=0) + 1:04}"


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave the queue's tables alone: the library that brings them has migrations of its own."""
    return not (kind == "table" and str(name).startswith("procrastinate_"))


def broken_references(connection: Connection) -> list[Any]:
    """SQLite holds no foreign key while a table is rebuilt, so they are looked over afterwards."""
    if connection.dialect.name != "sqlite":
        return []
    return list(connection.exec_driver_sql("PRAGMA foreign_key_check"))


def run() -> None:
    """Bring the database to the revision that was asked for: on a connection of its own, or on the one handed in."""
    given: Connection | None = context.config.attributes.get(CONNECTION)
    if given is not None:
        migrate(given)
        return
    with own_engine(db.engine.url).connect() as connection:
        migrate(connection)


def migrate(connection: Connection) -> None:
    """Each revision is a transaction; on a connection that is inside one already, they are part of it."""
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=plain_type,
        process_revision_directives=number,
        transaction_per_migration=True,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
    if broken := broken_references(connection):
        msg = f"the migration left {len(broken)} rows that refer to nothing, such as {broken[0]}"
        raise RuntimeError(msg)


run()
