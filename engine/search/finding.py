"""Finds the rows whose text holds a word, with the index where there is one: the answer is the same without it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, column, false, literal, literal_column, or_, select, table
from sqlalchemy.orm import Session

from engine.search.columns import searched, signature
from engine.search.grams import TABLE_BITS, grams_of, mark_of
from models.search import WORDS_TABLE, Grams, SearchEntry, SearchState, word
from models.types import Bilingual

FULL_TEXT = table(WORDS_TABLE, column("rowid"), column(WORDS_TABLE))
_reading_through: ContextVar[bool] = ContextVar("reading_through", default=False)


@contextmanager
def reading_through() -> Iterator[None]:
    """No index narrows inside the block: what very many rows hold is met soonest by walking the rows in their order."""
    token = _reading_through.set(True)
    try:
        yield
    finally:
        _reading_through.reset(token)


def holds(session: Session, model: type[Any], names: Sequence[str], text: str) -> ColumnElement[bool]:
    """Rows of which one of the columns holds the text, whatever its case, taken literally.

    The caller names only columns that its reader may read in full. Where an index stands and the text is long enough
    for it, it narrows what is looked at; each row found is compared once more with what it says now.
    """
    said = or_(false(), *(contains(getattr(model, name), text) for name in names))
    within = None if _reading_through.get() else _narrowed(session, model, names, text)
    return said if within is None else and_(model.id.in_(within), said)


def contains(attribute: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401 a column of any model
    """Whether a text holds the word, taken literally; of a name in two languages, either."""
    if isinstance(attribute.property.columns[0].type, Bilingual):
        return or_(*(attribute[language].as_string().icontains(text, autoescape=True) for language in ("zh", "en")))
    found: ColumnElement[bool] = attribute.icontains(text, autoescape=True)
    return found


def _narrowed(session: Session, model: type[Any], names: Sequence[str], text: str) -> Select[Any] | None:
    """The ids of candidates; None where the index cannot tell: short texts, a column it does not hold, no index."""
    if not names or not set(names) <= set(searched(model)):
        return None
    wanted = [grams_of(f"{model.__tablename__}.{name}", text) for name in names]
    if not wanted[0] or not _stands(session, model):
        return None
    if session.get_bind().dialect.name == "sqlite":
        return _by_full_text(model.__tablename__, wanted)
    return _by_arrays(model.__tablename__, wanted)


def _stands(session: Session, model: type[Any]) -> bool:
    """Whether the index holds every row of the entity, by the columns that are declared now."""
    built = session.scalar(select(SearchState.columns).where(SearchState.entity == model.__tablename__))
    return built == signature(model)


def _by_arrays(name: str, wanted: Sequence[set[int]]) -> Select[Any]:
    matching = or_(*(SearchEntry.grams.op("@>")(literal(frozenset(numbers), Grams)) for numbers in wanted))
    return _records_of(name, SearchEntry.id, matching)


def _by_full_text(name: str, wanted: Sequence[set[int]]) -> Select[Any]:
    columns = ("(" + " AND ".join(f'"{word(number)}"' for number in sorted(numbers)) + ")" for numbers in wanted)
    return _records_of(name, FULL_TEXT.c.rowid, FULL_TEXT.c[WORDS_TABLE].op("MATCH")(" OR ".join(columns)))


def _records_of(name: str, key: Any, matching: ColumnElement[bool]) -> Select[Any]:  # noqa: ANN401 a column of either kind
    own = key.op("&")((1 << TABLE_BITS) - 1) == mark_of(name)
    return select(key.op(">>")(literal_column(str(TABLE_BITS)))).where(matching, own)
