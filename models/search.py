"""What finds a piece of text wherever it stands in a long table: for each record, the small pieces that it holds."""

from typing import Any

from sqlalchemy import ARRAY, DDL, Integer, String, Text, TypeDecorator, event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from models.audit import LongId
from models.base import Base

WORDS_TABLE = "search_word"
"""SQLite's full-text table over `search_entry`."""
GRAMS_INDEX = "ix_search_entry_grams"
"""PostgreSQL's inverted index in its place."""


class Grams(TypeDecorator[frozenset[int]]):
    """A set of numbers that the database can search by: an array on PostgreSQL, words of hex digits on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Arrays where there are any."""
        return dialect.type_descriptor(ARRAY(Integer()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: frozenset[int] | None, dialect: Dialect) -> list[int] | str | None:
        """In one order, so that the same text makes the same row."""
        if value is None:
            return None
        numbers = sorted(value)
        return numbers if dialect.name == "postgresql" else " ".join(map(word, numbers))

    def process_result_value(self, value: list[int] | str | None, dialect: Dialect) -> frozenset[int] | None:  # noqa: ARG002 the signature is SQLAlchemy's
        """The set again."""
        if value is None:
            return None
        return frozenset(int(part, 16) for part in value.split()) if isinstance(value, str) else frozenset(value)


def word(number: int) -> str:
    """A number as SQLite's full-text table holds it."""
    return f"{number:x}"


class SearchEntry(Base):
    """The pieces of one record's searched columns, as numbers; kept by the gate, rebuilt at any time.

    `id` is the record's, with its table's mark in the lowest bits: no second column, no second index.
    """

    __tablename__ = "search_entry"

    id: Mapped[int] = mapped_column(LongId, primary_key=True, autoincrement=False)
    grams: Mapped[frozenset[int]] = mapped_column(Grams)


class SearchState(Base):
    """Which entities' rows all stand in the index, and of which columns: what is missing here is read through."""

    __tablename__ = "search_state"

    entity: Mapped[str] = mapped_column(String(64), primary_key=True)
    columns: Mapped[str] = mapped_column(String(1000))


FULL_TEXT = (
    """CREATE VIRTUAL TABLE search_word USING fts5(
        grams, content='search_entry', content_rowid='id', detail='none', columnsize=0, tokenize='ascii')""",
    """CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN
        INSERT INTO search_word(rowid, grams) VALUES (new.id, new.grams);
    END""",
    """CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN
        INSERT INTO search_word(search_word, rowid, grams) VALUES ('delete', old.id, old.grams);
    END""",
    """CREATE TRIGGER search_entry_changed AFTER UPDATE ON search_entry BEGIN
        INSERT INTO search_word(search_word, rowid, grams) VALUES ('delete', old.id, old.grams);
        INSERT INTO search_word(rowid, grams) VALUES (new.id, new.grams);
    END""",
)
"""What stands beside the table on SQLite."""

INVERTED = f"CREATE INDEX {GRAMS_INDEX} ON search_entry USING gin (grams)"


def _beside(moment: str, statement: str, dialect: str) -> None:
    ddl = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy ships it without types
    event.listen(SearchEntry.__table__, moment, ddl.execute_if(dialect=dialect))


for part in FULL_TEXT:
    _beside("after_create", part, "sqlite")
_beside("after_create", INVERTED, "postgresql")
_beside("before_drop", f"DROP TABLE IF EXISTS {WORDS_TABLE}", "sqlite")


def is_described(name: str | None, kind: str, parents: object) -> bool:  # noqa: ARG001 Alembic's signature
    """Whether Alembic is to compare it: what one database alone has, no model describes."""
    return not (kind in {"table", "index"} and name is not None and name.startswith((WORDS_TABLE, GRAMS_INDEX)))
