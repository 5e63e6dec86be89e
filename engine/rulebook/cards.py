"""One card a clause: what it says, what holds it, its values in force, and how it was kept in a month."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import today_in, zone_of
from engine.obligations.kinds import Duty
from engine.packs import parameters
from engine.packs.parameters import InForce
from engine.packs.schema import Chapter
from engine.rulebook.evidence import Figure, became, first_and_last, moments
from engine.rulebook.holding import Holding, holdings
from engine.rules import Rule
from engine.transitions.kinds import Transition
from models.audit import RuleTally
from models.base import Record
from models.obligation import Obligation

Counts = dict[str, Counter[Figure]]


@dataclass(frozen=True)
class ClauseCard:
    """A clause as its page shows it. Words are `{"zh": …, "en": …}`; `counts` holds every figure of the month.

    `binds` says whether a pack with this clause is adopted; before any is, every clause binds.
    """

    id: str
    chapter: Chapter
    title: Mapping[str, str]
    sentence: Mapping[str, str]
    sources: tuple[str, ...]
    built: bool
    binds: bool
    rules: tuple[Rule, ...]
    moves: tuple[Transition, ...]
    obligations: tuple[Duty, ...]
    parameters: tuple[InForce, ...]
    records: tuple[type[Record], ...]
    counts: Counter[Figure] = field(default_factory=Counter)

    @property
    def kept(self) -> int:
        """How often a rule of the clause let a write through."""
        return self.counts[Figure.KEPT]

    @property
    def broken(self) -> int:
        """How often a rule of the clause refused."""
        return self.counts[Figure.BROKEN]

    @property
    def met(self) -> int:
        """Obligations due this month that were met in time."""
        return self.counts[Figure.MET]

    @property
    def late(self) -> int:
        """Obligations due this month that were met after their time."""
        return self.counts[Figure.LATE]

    @property
    def overdue(self) -> int:
        """Obligations due this month whose time has passed unmet."""
        return self.counts[Figure.OVERDUE]

    @property
    def open(self) -> int:
        """Obligations due this month whose time is still ahead."""
        return self.counts[Figure.OPEN]


def clause_cards(session: Session, department_id: int, month: str) -> list[ClauseCard]:
    """A card for every clause of the rulebook, in its order; `month` such as `2026-11`.

    Figures count what the reader may see, as the evidence behind them does. Values are those in force at the month's
    end, or today while it lasts. A few queries, whatever there is. Raises ValueError for a month that is none.
    """
    counts = _counted(session, department_id, month)
    values = _values(session, department_id, min(first_and_last(month)[1], today_in(session, department_id)))
    clauses = parameters.clauses_in_force(session, department_id)
    return [
        _card(held, parameters.binds(name, clauses), values.get(name, []), counts.get(name, Counter()))
        for name, held in holdings().items()
    ]


def _card(held: Holding, binds: bool, values: list[InForce], counts: Counter[Figure]) -> ClauseCard:  # noqa: FBT001 a fact beside others
    clause = held.clause
    return ClauseCard(
        id=clause.id,
        chapter=held.chapter,
        title=clause.title.words,
        sentence=clause.sentence.words,
        sources=clause.sources,
        built=held.built,
        binds=binds,
        rules=tuple(held.rules),
        moves=tuple(held.moves),
        obligations=tuple(held.obligations),
        parameters=tuple(values),
        records=tuple(held.records),
        counts=counts,
    )


def _values(session: Session, department_id: int, on: date) -> dict[str, list[InForce]]:
    found: dict[str, list[InForce]] = {}
    for name in parameters.known(session, department_id):
        value = parameters.in_force(session, department_id, name, on)
        found.setdefault(value.clause, []).append(value)
    return found


def _counted(session: Session, department_id: int, month: str) -> Counts:
    counts: Counts = {}
    first, last = first_and_last(month)
    tallies = (
        select(RuleTally.clause, func.sum(RuleTally.kept).label("kept"), func.sum(RuleTally.broken).label("broken"))
        .where(RuleTally.department_id == department_id, RuleTally.day.between(first, last))
        .group_by(RuleTally.clause)
    )
    for row in session.execute(tallies):
        counts[row.clause] = Counter({Figure.KEPT: row.kept, Figure.BROKEN: row.broken})
    for clause, figure, number in _duties(session, department_id, month):
        counts.setdefault(clause, Counter())[figure] += number
    return counts


def _duties(session: Session, department_id: int, month: str) -> list[tuple[str, Figure, int]]:
    begins, ends = moments(month, zone_of(session, department_id))
    now = clock.now()
    outcomes = (Figure.MET, Figure.LATE, Figure.OVERDUE, Figure.OPEN)
    sums = [func.sum(case((became(figure, now), 1), else_=0)).label(figure.value) for figure in outcomes]
    query = (
        select(Obligation.clause, *sums)
        .where(Obligation.department_id == department_id, Obligation.due_at > begins, Obligation.due_at <= ends)
        .group_by(Obligation.clause)
    )
    return [(row.clause, figure, getattr(row, figure.value)) for row in session.execute(query) for figure in outcomes]
