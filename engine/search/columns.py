"""What may be searched of an entity: declared once, on its model, as `Entity(..., searched=(…))`."""

from typing import Any

from sqlalchemy import String, inspect

from models.base import Record
from models.types import Bilingual, Encrypted

_known: dict[type[Any], tuple[str, ...]] = {}
"""What was declared, looked at once."""


def searched(model: type[Any]) -> tuple[str, ...]:
    """The columns that the index holds; none for what is no policy record.

    Raises ValueError for a name that is no column or rests encrypted, TypeError for one that holds no text.
    """
    if model not in _known:
        _known[model] = _declared(model)
    return _known[model]


def _declared(model: type[Any]) -> tuple[str, ...]:
    names: tuple[str, ...] = model.__entity__.searched if issubclass(model, Record) else ()
    columns = inspect(model).columns
    for name in names:
        if name not in columns or isinstance(columns[name].type, Encrypted):
            msg = f"{model.__name__}.{name} cannot be searched: only stored, unencrypted text can"
            raise ValueError(msg)
        if not isinstance(columns[name].type, String | Bilingual):
            msg = f"{model.__name__}.{name} cannot be searched: it holds no text"
            raise TypeError(msg)
    return names


def signature(model: type[Any]) -> str:
    """What the index holds of the entity, to tell one that was built for other columns."""
    return ",".join(sorted(searched(model)))
