"""procrastinate's tables and functions in the installation's own PostgreSQL, kept up to date by its own migrations.

Alembic knows nothing of them (their names begin with `procrastinate_`); which of the library's migrations have run
stands in `procrastinate_applied`, beside them.
"""

from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, inspect, text

APPLIED = "procrastinate_applied"


def bring_up(connection: Connection) -> int:
    """Make what is missing inside the caller's transaction; how many steps that took. PostgreSQL only."""
    if not inspect(connection).has_table("procrastinate_jobs"):
        _run(connection, SchemaManager.get_schema())
        connection.execute(text(f"CREATE TABLE IF NOT EXISTS {APPLIED} (name text PRIMARY KEY)"))
        _note(connection, [path.name for path in _migrations()])
        return 1
    known = set(connection.scalars(text(f"SELECT name FROM {APPLIED}")))  # noqa: S608 a name of ours
    missing = [path for path in _migrations() if path.name not in known]
    for path in missing:
        _run(connection, path.read_text(encoding="utf-8"))
        _note(connection, [path.name])
    return len(missing)


def _migrations() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _note(connection: Connection, names: list[str]) -> None:
    rows = [{"name": name} for name in names]
    connection.execute(text(f"INSERT INTO {APPLIED} (name) VALUES (:name)"), rows)  # noqa: S608 a name of ours


def _run(connection: Connection, script: str) -> None:
    """Several statements at once: the driver takes them as they are only past SQLAlchemy's parameters."""
    connection.connection.driver_connection.execute(script)  # type: ignore[union-attr]  # psycopg's connection
