"""What people are shown of an entity and what they may type, said once by its screens: other doors offer no more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement

from models.words import Words

OFFERED = "dutybook.api"
"""Key in `app.extensions`: what the interface for programs offers, by table."""
Narrow = Callable[[], Sequence[ColumnElement[bool]]]


@dataclass(frozen=True)
class Surface:
    """One entity as its screens declare it; every name is a stored column or a relation to several records.

    Of the `shown` columns each role sees what `fields.csv` leaves it. `typed` ones may be filled in; everything else
    is filled by rules, moves or jobs. `write_only` ones may be set anew and are never shown. `narrow` says what a link
    may newly be set to. Without `creatable` records come about by themselves.
    """

    model: type[Any]
    shown: tuple[str, ...]
    typed: tuple[str, ...] = ()
    write_only: tuple[str, ...] = ()
    narrow: Mapping[str, Narrow] = field(default_factory=dict)
    labels: Mapping[str, Words] = field(default_factory=dict)
    creatable: bool = True
