"""What the pages of an entity have in common: what a template is given, sentences with their clause, safe ways back."""

from dataclasses import dataclass
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from admin_views.base.saving import Refused
from admin_views.links import address
from engine.errors import Violation
from engine.packs.loader import load_clauses
from engine.registry import registry
from models.words import in_language

LIST_ARGUMENTS = ("search", "sort", "desc", "after", "before", "page")


@dataclass(frozen=True)
class Said:
    """A sentence to a person, with the clause that it comes from."""

    text: str
    clause: str = ""

    def __str__(self) -> str:
        """The sentence."""
        return self.text

    @property
    def url(self) -> str | None:
        """Where the clause is read in full."""
        return clause_address(self.clause)


def said(violation: Violation) -> Said:
    """A broken clause in the reader's words; the clause apart, so that it can be a link."""
    return Said(violation.text.removesuffix(f" ({violation.clause})"), violation.clause)


def sayings_of(refused: Refused | None) -> list[Said]:
    """Everything that speaks against what was to be saved; nothing when it was saved."""
    if refused is None:
        return []
    return [*map(said, refused.violations), *([Said(str(refused.sentence))] if refused.sentence else [])]


def clause_address(clause: str) -> str | None:
    """Where the rulebook shows the clause."""
    page = address("rulebook.index") or address("rulebook.index_view")
    return f"{page or '/rulebook/'}#{clause}" if clause else None


@dataclass(frozen=True)
class Rule:
    """A clause that has a say about a field."""

    id: str
    title: str
    url: str | None


def clauses_about(model: type[Any], field: str) -> list[Rule]:
    """The clauses whose rules concern a field, for the line under it."""
    ids = dict.fromkeys(rule.clause for rule in registry.rules_for(model) if rule.field == field and rule.clause)
    known = load_clauses()
    language = str(get_locale())
    return [
        Rule(i, in_language(known[i].title.model_dump(), language) if i in known else i, clause_address(i)) for i in ids
    ]


def list_arguments() -> dict[str, list[str]]:
    """Those parts of the address that say which rows a list shows, and nothing else."""
    return {
        name: request.args.getlist(name) for name in request.args if name in LIST_ARGUMENTS or name.startswith("flt_")
    }


def answer(page: str, status: int = 200) -> ResponseReturnValue:
    """A page with its status."""
    return page, status
