"""One batch of rows through the gate: each ends as taken, already known, or refused with reasons."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tally
from engine.acting import current_act, seeing_all
from engine.errors import PolicyError, Violation
from engine.gate.review import review
from engine.importing.choices import LEFT_OUT
from engine.importing.plan import SEVERAL, Plan, stands_for
from engine.importing.refusing import Reason, because, of_problem, of_violation
from engine.importing.source import name_text
from engine.permissions import covers, matrix
from engine.registry import registry
from engine.tabular.reading import Row
from engine.tabular.rows import parse_row
from models.base import Record
from models.column_names import column_name
from models.import_job import ImportJob
from models.types import Labelled
from models.words import _

LARGEST = 2**31 - 1
"""What a whole number's column holds."""


@dataclass
class Batch:
    """What became of the rows of a batch."""

    taken: int = 0
    same: int = 0
    refused: list[tuple[Row, list[Reason]]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """All of them: none is lost."""
        return self.taken + self.same + len(self.refused)


@dataclass(frozen=True)
class Draft:
    """A row whose cells could all be read: the columns of the record to be."""

    row: Row
    columns: Mapping[str, Any]


def take(session: Session, plan: Plan, job: ImportJob, rows: Sequence[Row], *, dry: bool) -> Batch:
    """Put the rows through the gate; `dry` asks everything and writes nothing. The caller commits."""
    batch = Batch()
    drafts = [draft for row in rows if (draft := _read(plan, row, batch)) is not None]
    fresh = _not_known(session, plan, drafts, batch)
    records = {_record(plan, job, draft): draft.row for draft in fresh}
    _within_scope(session, plan, records, batch)
    (_ask if dry else _write)(session, plan, records, batch)
    return batch


def _read(plan: Plan, row: Row, batch: Batch) -> Draft | None:
    """The row as columns; one that cannot be read, or that repeats an earlier one, is entered in the batch."""
    parsed = parse_row(row, plan.columns)
    reasons = [of_problem(problem) for problem in parsed.problems]
    if row.number in plan.overlong:
        reasons.append(because(_("This row has more cells than the header has columns: its cells may have shifted.")))
    values = {**plan.constants, **parsed.values}
    for name, names in plan.names.items():
        if name in parsed.values and values[name] is not None:
            values[name], reason = _referred(names, values[name], plan.titles[name])
            reasons += [reason] if reason else []
    reasons += _put_in_words(plan, values)
    columns = {} if reasons else plan.importable.compose(values, plan.zone)
    reasons += _too_large(plan, columns)
    if not reasons:
        earlier = plan.repeats.before(row)
        if earlier is None:
            return Draft(row, columns)
        if earlier[1]:
            batch.same += 1
            return None
        says = _("Row %(row)s of this file has the same key and says something else.", row=earlier[0])
        reasons.append(because(says, plan.titles[plan.importable.key]))
    batch.refused.append((row, reasons))
    return None


def _referred(names: Mapping[str, int], text: str, title: str) -> tuple[int | None, Reason | None]:
    found = stands_for(names, text)
    if found is None:
        return None, because(_("This name is not known. Say what it stands for."), title)
    if found == SEVERAL:
        return None, because(_("Several bear this name. Say which of them is meant."), title)
    if found == LEFT_OUT:
        return None, because(_("Rows with this name are left out, as was decided."), title)
    return found, None


def _put_in_words(plan: Plan, values: dict[str, Any]) -> list[Reason]:
    """Turn the cells of fields that are a choice into that choice."""
    reasons = []
    for name, words in plan.importable.words.items():
        text = values.get(name)
        if isinstance(text, str) and not isinstance(text, Labelled):
            values[name] = words.get(name_text(text))
            if values[name] is None:
                reasons.append(because(_("This is none of the words that are known here."), plan.titles.get(name, "")))
    return reasons


def _too_large(plan: Plan, columns: Mapping[str, Any]) -> list[Reason]:
    """What no column could hold: a database would refuse the whole batch for it."""
    reasons = []
    for name, value in columns.items():
        if isinstance(value, str) and len(value) > plan.lengths.get(name, LARGEST):
            reasons.append(
                because(
                    _("This is longer than %(most)s characters.", most=plan.lengths[name]), plan.titles.get(name, "")
                )
            )
        elif isinstance(value, int) and abs(value) > LARGEST:
            reasons.append(because(_("This number is too large."), plan.titles.get(name, "")))
    return reasons


def _not_known(session: Session, plan: Plan, drafts: Sequence[Draft], batch: Batch) -> list[Draft]:
    """Those whose key the database does not know; the others are already known, or say something else than it does."""
    if not drafts:
        return []
    key = plan.importable.key
    stored = _stored(session, plan, [draft.columns[key] for draft in drafts], sorted(drafts[0].columns))
    fresh = []
    for draft in drafts:
        known = stored.get(draft.columns[key])
        if known is None:
            fresh.append(draft)
        elif differing := [
            name
            for name in draft.columns
            if name not in plan.importable.volatile and known[name] != draft.columns[name]
        ]:
            batch.refused.append((draft.row, [_conflict(plan, differing)]))
        else:
            batch.same += 1
    return fresh


def _stored(session: Session, plan: Plan, keys: Sequence[Any], columns: Sequence[str]) -> dict[Any, Mapping[str, Any]]:
    model: Any = plan.importable.entity
    query = select(*[getattr(model, name) for name in columns]).where(
        model.department_id == plan.department_id, getattr(model, plan.importable.key).in_(keys)
    )
    with seeing_all():
        rows = session.execute(query).mappings().all()
    return {row[plan.importable.key]: dict(row) for row in rows}


def _conflict(plan: Plan, differing: Sequence[str]) -> Reason:
    says = _(
        "This record is already there and differs in: %(columns)s. It was not overwritten.",
        columns=[column_name(name) for name in differing],
    )
    return because(says, plan.titles[plan.importable.key])


def _record(plan: Plan, job: ImportJob, draft: Draft) -> Record:
    record = plan.importable.entity(department_id=plan.department_id, **draft.columns)
    plan.importable.complete(record, job)
    return record


def _within_scope(session: Session, plan: Plan, records: dict[Record, Row], batch: Batch) -> None:
    """Take out what the actor's grant to import does not reach, and say so."""
    actor = current_act().actor
    if actor.is_system or not records:
        return
    with seeing_all(), session.no_autoflush:
        for fill in registry.fills_for(plan.importable.entity):
            fill.fill(session, list(records))
    scope = matrix.scope(actor, plan.importable.name, "import")
    for record in [record for record in records if not covers(actor, scope, record)]:
        says = _("You may import rows of your own team only; this one belongs to others.")
        batch.refused.append((records.pop(record), [because(says)]))


def _ask(session: Session, plan: Plan, records: Mapping[Record, Row], batch: Batch) -> None:
    """The gate's answer to each record; nothing is written."""
    session.add_all(records)
    try:
        judged = review(session, only=records)
    finally:
        for record in records:
            session.expunge(record)
    broken = [violation for judgement in judged.values() for violation in judgement.violations]
    _enter(plan, records, broken, batch)


def _write(session: Session, plan: Plan, records: Mapping[Record, Row], batch: Batch) -> None:
    """Write what the gate lets through. What it refuses is counted like any refusal, with this transaction."""
    session.add_all(records)
    broken: Sequence[Violation] = ()
    try:
        session.flush()
    except PolicyError as error:
        if any(violation.record not in records for violation in error.violations):
            raise
        broken = error.violations
        for record in {violation.record for violation in broken}:
            session.expunge(record)
        tally.keep_broken(session)
        session.flush()
    _enter(plan, records, broken, batch)


def _enter(plan: Plan, records: Mapping[Record, Row], broken: Iterable[Violation], batch: Batch) -> None:
    reasons: defaultdict[Record, list[Reason]] = defaultdict(list)
    for violation in broken:
        if violation.record is not None:
            reasons[violation.record].append(of_violation(violation, plan.titles))
    batch.refused += [(row, reasons[record]) for record, row in records.items() if record in reasons]
    batch.taken += len(records) - len(reasons)
