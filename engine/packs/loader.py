"""Reads the rulebook's clauses and the policy packs. A file with any fault is refused whole, with all its faults."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from pydantic import BaseModel, Field

from engine.packs.checks import check_pack, check_unique
from engine.packs.document import Document
from engine.packs.errors import PackError, PackRefused
from engine.packs.reading import compose, read_file
from engine.packs.schema import Chapter, Clause, Pack, Piece
from models.words import _

FOLDER = Path(__file__).resolve().parents[2] / "policies"
RULEBOOK = "clauses.yaml"

M = TypeVar("M", bound=BaseModel)


class Rulebook(Piece):
    """The chapters and their clauses, in the order of the file."""

    chapters: tuple[Chapter, ...] = Field(min_length=1)
    clauses: tuple[Clause, ...] = Field(min_length=1)


def load_rulebook(path: Path) -> Rulebook:
    """The rulebook in the file at `path`. Raises PackRefused with all its faults."""
    document = _open(path)
    rulebook = document.read(Rulebook)
    _check_rulebook(document)
    return _sound(document, rulebook)


def load_pack(path: Path) -> Pack:
    """The pack in the file at `path`, one of ours or a department's own. Raises PackRefused with all its faults."""
    document = _open(path)
    pack = document.read(Pack)
    check_pack(document, load_clauses())
    return _sound(document, pack)


@cache
def load_clauses() -> Mapping[str, Clause]:
    """The rulebook's clauses by id, in its order; read once. Raises PackRefused."""
    return MappingProxyType({clause.id: clause for clause in _rulebook().clauses})


@cache
def load_chapters() -> Mapping[str, Chapter]:
    """The rulebook's chapters by id, in its order; read once. Raises PackRefused."""
    return MappingProxyType({chapter.id: chapter for chapter in _rulebook().chapters})


@cache
def load_packs() -> Mapping[str, Pack]:
    """The packs that come with Dutybook, by code; read once. Raises PackRefused with the faults of all files."""
    return load_folder(FOLDER)


def load_folder(folder: Path) -> Mapping[str, Pack]:
    """The packs of every YAML file in `folder` but the rulebook, by code. Raises PackRefused with the faults of all."""
    packs: dict[str, Pack] = {}
    errors: list[PackError] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name == RULEBOOK:
            continue
        try:
            pack = load_pack(path)
        except PackRefused as refused:
            errors.extend(refused.errors)
            continue
        if pack.code in packs:
            errors.append(PackError(path.name, 1, _("Another file already holds pack %(pack)s.", pack=pack.code)))
        packs[pack.code] = pack
    if errors:
        raise PackRefused(errors)
    return MappingProxyType(packs)


@cache
def _rulebook() -> Rulebook:
    return load_rulebook(FOLDER / RULEBOOK)


def _open(path: Path) -> Document:
    return Document(path.name, compose(read_file(path), path.name))


def _sound(document: Document, model: M | None) -> M:
    if document.errors or model is None:
        raise PackRefused(document.errors)
    return model


def _check_rulebook(document: Document) -> None:
    chapters = document.pieces(("chapters",), Chapter).located
    clauses = document.pieces(("clauses",), Clause).located
    check_unique(document, (((*place, "id"), chapter.id) for place, chapter in chapters))
    check_unique(document, (((*place, "id"), clause.id) for place, clause in clauses))
    known = {chapter.id for _place, chapter in chapters}
    for place, clause in clauses:
        if clause.chapter not in known:
            document.refuse((*place, "chapter"), _("There is no chapter %(chapter)s.", chapter=clause.chapter))
