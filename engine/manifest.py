"""What a domain brings, on one screen: entities, rules, transitions, obligations, notices, grants."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.importing.importable import Importable
from engine.obligations.kinds import Kind, Recurring
from engine.rules import Fill, Rule
from engine.transitions.kinds import Transition
from models.base import Record
from models.words import Words


@dataclass(frozen=True)
class Notice:
    """A sentence that people are sent: `code` is stored, the words are looked up when it is read."""

    code: str
    subject: Words
    text: Words


@dataclass(frozen=True)
class Domain:
    """The manifest of one domain.

    `name` is the file stem in every folder. `built` lists the clauses that the domain claims to enforce or drive;
    a test fails when one of them has no rule, obligation or record, or no test. `grants` are permission rows in the
    form of the matrix file, for domains that come from outside and cannot edit it. `fills` run before rules look at a
    batch; `afters` run before the commit with what was created, and as `After` with what was edited in columns that
    they name. `importables` say what files may bring (DAT-1).
    """

    name: str
    label: Words
    built: tuple[str, ...] = ()
    entities: tuple[type[Record], ...] = ()
    fills: tuple[Fill, ...] = ()
    afters: tuple[Fill, ...] = ()
    rules: tuple[Rule, ...] = ()
    transitions: tuple[Transition, ...] = ()
    obligations: tuple[Kind | Recurring, ...] = ()
    notices: tuple[Notice, ...] = ()
    importables: tuple[Importable, ...] = ()
    grants: tuple[Mapping[str, str], ...] = field(default_factory=tuple)
