"""Finds the rows whose text holds a word, with the index where there is one: the answer is the same without it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, column, false, literal, or_, select, table
from sqlalchemy.orm import Session

from engine.search.columns import searched, signature
from engine.search.grams import grams_of
from models.search import WORDS_TABLE, Grams, SearchEntry, SearchState, word
from models.types import Bilingual


def holds(session: Session, model: type[Any], names: Sequence[str], text: str) -> ColumnElement[bool]:
    """Rows of which one of the columns holds the text, whatever its case, taken literally.

    The caller names only columns that its reader may read in full. Where an index stands and the text is long enough
    for it, it narrows what is looked at; each row found is compared once more with what it says now.
    """
    said = or_(false(), *(contains(getattr(model, name), text) for name in names))
    within = _narrowed(session, model, names, text)
    return said if within is None else and_(model.id.in_(within), said)


def contains(attribute: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401 a column of any model
    """Whether a text holds the word, taken literally; of a name in two languages, either."""
    if isinstance(attribute.property.columns[0].type, Bilingual):
        return or_(*(attribute[language].as_string().icontains(text, autoescape=True) for language in ("zh", "en")))
    found: ColumnElement[bool] = attribute.icontains(text, autoescape=True)
    return found


def _narrowed(session: Session, model: type[Any], names: Sequence[str], text: str) -> Select[Any] | None:
    """The ids of candidates; None where the index cannot tell: one character, a column it does not hold, no index."""
    if not set(names) <= set(searched(model)) or not names:
        return None
    wanted = [grams_of(f"{model.__tablename__}.{name}", text) for name in names]
    if not wanted[0] or not _stands(session, model):
        return None
    matching = (_fts if session.get_bind().dialect.name == "sqlite" else _gin)(wanted)
    return select(SearchEntry.record_id).where(SearchEntry.entity == model.__tablename__, matching)


def _gin(wanted: Sequence[set[int]]) -> ColumnElement[bool]:
    return or_(*(SearchEntry.grams.op("@>")(literal(frozenset(numbers), Grams)) for numbers in wanted))


def _fts(wanted: Sequence[set[int]]) -> ColumnElement[bool]:
    full_text = table(WORDS_TABLE, column("rowid"), column(WORDS_TABLE))
    query = " OR ".join(
        "(" + " AND ".join(f'"{word(number)}"' for number in sorted(numbers)) + ")" for numbers in wanted
    )
    return SearchEntry.id.in_(select(full_text.c.rowid).where(full_text.c[WORDS_TABLE].op("MATCH")(query)))


def _stands(session: Session, model: type[Any]) -> bool:
    """Whether the index holds every row of the entity, by the columns that are declared now."""
    built = session.scalar(select(SearchState.columns).where(SearchState.entity == model.__tablename__))
    return built == signature(model)
