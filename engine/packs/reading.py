"""YAML with line numbers, and nothing of YAML that could run, repeat or swell.

A pack file may hold mappings, lists and scalars. Anchors, aliases and tags are refused, so a small file can not unfold
into a large one and no object is ever constructed. Scalars follow YAML 1.2: `no` is a word and `09:00` is text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from engine.packs.errors import PackError, PackRefused
from models.words import Words, _

MAX_BYTES = 512 * 1024
MAX_DEPTH = 12

Scalar = str | int | Decimal | bool | None
Place = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where it is built in; both are safe
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a file: what it holds, the line it begins on, and for a mapping the line of each key."""

    value: "Scalar | list[Node] | dict[str, Node]"
    line: int
    keys: dict[str, int]


class _Stop(Exception):  # noqa: N818 - carries a fault up to where the file is read
    def __init__(self, line: int, reason: Words) -> None:
        self.line, self.reason = line, reason


def read_file(path: Path) -> str:
    """The text of the file at `path`. Raises PackRefused when it is missing, too large, or not UTF-8."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise PackRefused([PackError(path.name, 1, _("The file can not be read."))]) from error
    if len(data) > MAX_BYTES:
        reason = _("The file is larger than %(limit)s KB.", limit=MAX_BYTES // 1024)
        raise PackRefused([PackError(path.name, 1, reason)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PackRefused([PackError(path.name, line, _("The file is not UTF-8 text."))]) from error


def compose(text: str, file: str) -> Node:
    """The tree of the YAML in `text`. Raises PackRefused, naming `file`, at the first thing it can not read."""
    unwritable = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if unwritable is not None:
        line = text.count("\n", 0, unwritable.start()) + 1
        raise PackRefused([PackError(file, line, _("There is a character that YAML does not allow."))])
    try:
        return _Composer(yaml.parse(text, Loader=_LOADER)).document()
    except _Stop as stop:
        raise PackRefused([PackError(file, stop.line, stop.reason)]) from stop
    except yaml.YAMLError as error:
        reason = _("This is not valid YAML: %(problem)s.", problem=getattr(error, "problem", None) or str(error))
        raise PackRefused([PackError(file, _faulty_line(error), reason)]) from error


def plain(node: Node) -> Any:  # noqa: ANN401 - any shape that YAML can write
    """The node's content as plain values: dicts, tuples, text, whole numbers, decimals, booleans and None."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return tuple(plain(child) for child in node.value)
    return node.value


def find(root: Node, path: Place) -> tuple[Node | None, int]:
    """The node at `path` below `root`, or None, with its line or that of the last node on the way to it."""
    node, line = root, root.line
    for step in path:
        if isinstance(node.value, dict) and isinstance(step, str) and step in node.value:
            line, node = node.keys[step], node.value[step]
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.line
        else:
            return None, line
    return node, line


class _Composer:
    """Builds nodes from the parser's events, so that nothing refused is ever built."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events

    def document(self) -> Node:
        """The one document of the stream."""
        next(self._events)  # the stream's start
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            raise _Stop(1, _("The file is empty."))
        root = self._node(next(self._events), 1)
        next(self._events)  # the document's end
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise _Stop(_line(after), _("The file holds more than one document."))
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line = _line(event)
        _refuse_what_is_unsafe(event, depth, line)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(line, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(line, depth)
        if isinstance(event, yaml.ScalarEvent):
            return Node(_scalar(event), line, {})
        raise _Stop(line, _("This can not be read here."))

    def _sequence(self, line: int, depth: int) -> Node:
        children = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            children.append(self._node(event, depth + 1))
        return Node(children, line, {})

    def _mapping(self, line: int, depth: int) -> Node:
        children: dict[str, Node] = {}
        keys: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key_line = _line(event)
            _refuse_what_is_unsafe(event, depth, key_line)
            if not isinstance(event, yaml.ScalarEvent):
                raise _Stop(key_line, _("A key should be a plain word."))
            if event.value in keys:
                raise _Stop(key_line, _("The key %(key)s is written twice.", key=event.value))
            keys[event.value] = key_line
            children[event.value] = self._node(next(self._events), depth + 1)
        return Node(children, line, keys)


def _refuse_what_is_unsafe(event: yaml.Event, depth: int, line: int) -> None:
    if getattr(event, "anchor", None) is not None:  # an alias event carries the anchor it points at
        raise _Stop(line, _("Anchors and aliases are not allowed: write the value out."))
    if getattr(event, "tag", None) is not None:
        raise _Stop(line, _("Tags are not allowed: write a plain value."))
    if depth > MAX_DEPTH:
        raise _Stop(line, _("The file is nested too deeply."))


def _faulty_line(error: yaml.YAMLError) -> int:
    """Where the parser stumbled; for a bracket or quotation left open, where it was opened, which may be far above."""
    left_open = re.search("flow|quoted", getattr(error, "context", None) or "")
    mark = getattr(error, "context_mark" if left_open else "problem_mark", None)
    return mark.line + 1 if mark else 1


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    text: str = event.value
    if not event.implicit[0]:  # quoted or block text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text
