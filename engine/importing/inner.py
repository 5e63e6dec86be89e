"""Rows that name other rows of their file: a person whose superior stands in the same list comes after them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute

from engine.importing.choices import Choices
from engine.importing.importable import Importable, Reference
from engine.importing.source import name_text
from engine.tabular.columns import Kind
from engine.tabular.problems import At
from engine.tabular.reading import Row, Table
from engine.tabular.values import is_blank, parse_text

SEVERAL = -1
"""Stands for an id, or a row, where a name is borne by more than one."""


@dataclass
class Inner:
    """How the rows of a file hang together by the reference `field` to their own kind.

    `levels`: positions of rows, each level naming rows of earlier ones only. `circular`: numbers of rows that name each
    other in a circle. `bearers`: the number of the row that bears a name. `learned`: the ids of rows taken so far.
    """

    field: str
    reference: Reference
    levels: tuple[tuple[int, ...], ...]
    circular: frozenset[int]
    bearers: Mapping[str, int]
    decided: frozenset[str]
    learned: dict[str, int] = attribute(default_factory=dict)

    def learn(self, names: Iterable[tuple[str, int]]) -> None:
        """Rows have been taken: whoever comes after them may name them."""
        for name, number in names:
            self.learned[name] = number if self.learned.get(name, number) == number else SEVERAL

    def stands_for(self, known: int | None, name: str) -> int | None:
        """The id that a name stands for, when the database knew it as `known`."""
        learned = None if name in self.decided else self.learned.get(name)
        return known if learned is None else learned if known in {None, learned} else SEVERAL


def own_reference(importable: Importable) -> tuple[str, Reference] | None:
    """The field whose cells name records of the entity itself, where it has one."""
    own = ((name, each) for name, each in importable.references.items() if each.entity is importable.entity)
    return next(own, None)


def find(importable: Importable, choices: Choices, table: Table) -> Inner | None:
    """How this file's rows hang together; None where they cannot name each other."""
    own = own_reference(importable)
    if own is None or own[0] not in choices.columns:
        return None
    name, reference = own
    rows = list(table.rows())
    bearers = _bearers(importable, reference, choices, table, rows)
    positions = {row.number: position for position, row in enumerate(rows)}
    decided = frozenset(choices.resolved.get(name, {}))
    wanted = [_wanted(row, table.header.index(choices.columns[name]), bearers, decided) for row in rows]
    named = [None if number is None else positions[number] for number in wanted]
    depths = _depths(named)
    levels: defaultdict[int, list[int]] = defaultdict(list)
    for position, depth in enumerate(depths):
        levels[depth].append(position)
    return Inner(
        name,
        reference,
        tuple(tuple(levels[depth]) for depth in sorted(levels)),
        frozenset(rows[position].number for position, depth in enumerate(depths) if depth == CIRCLE),
        bearers,
        decided,
    )


def names_in(importable: Importable, choices: Choices, table: Table) -> dict[str, int]:
    """The names that the file's own rows bear, by plain text, with the row's number or SEVERAL."""
    own = own_reference(importable)
    return {} if own is None else _bearers(importable, own[1], choices, table, table.rows())


CIRCLE = -1
"""Stands for the depth of a row that hangs on itself."""


def _bearers(
    importable: Importable, reference: Reference, choices: Choices, table: Table, rows: Iterable[Row]
) -> dict[str, int]:
    """Every name that a row will be known by once it is taken."""
    texts = {
        name: table.header.index(title)
        for name, title in choices.columns.items()
        if title in table.header and _is_plain_text(importable, name)
    }
    found: dict[str, int] = {}
    for row in rows:
        values = {name: _text(row, index) for name, index in texts.items()}
        for each in {name_text(each) for each in reference.names(importable.entity(**values)) if each}:
            found[each] = row.number if found.get(each, row.number) == row.number else SEVERAL
    return found


def _is_plain_text(importable: Importable, name: str) -> bool:
    is_text = importable.field(name).kind is Kind.TEXT
    return is_text and name not in importable.references and name not in importable.words


def _text(row: Row, index: int) -> str | None:
    cell = row.cells[index]
    return None if is_blank(cell) else parse_text(cell, At("", row.number))


def _wanted(row: Row, index: int, bearers: Mapping[str, int], decided: frozenset[str]) -> int | None:
    """The number of the row that this row names; None where it names nobody in the file, or several."""
    text = _text(row, index)
    name = name_text(text) if text is not None else ""
    number = None if name in decided else bearers.get(name)
    return None if number == SEVERAL else number


def _depths(named: Sequence[int | None]) -> list[int]:
    """How many rows lie above each, by position; CIRCLE for those on a circle."""
    depths: dict[int, int] = {}
    for start in range(len(named)):
        line = list(_line(start, named, depths))
        last = named[line[-1]] if line else None
        if last is not None and last in line:
            depths |= dict.fromkeys(line[line.index(last) :], CIRCLE)
        above = -1 if last is None else depths.get(last, -1)
        for position in reversed(line):
            if position not in depths:
                above = depths[position] = max(above, CIRCLE) + 1
    return [depths[position] for position in range(len(named))]


def _line(start: int, named: Sequence[int | None], depths: Mapping[int, int]) -> Iterator[int]:
    """From a row upward as far as nothing is known yet."""
    position: int | None = start
    seen: set[int] = set()
    while position is not None and position not in depths and position not in seen:
        yield position
        seen.add(position)
        position = named[position]
