"""One batch of rows through the gate: each ends as taken, already known, or refused with reasons."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tally
from engine.acting import current_act, seeing_all
from engine.errors import PolicyError, Violation
from engine.gate import fresh
from engine.gate.review import complete, judge
from engine.importing.choices import LEFT_OUT
from engine.importing.inner import SEVERAL, Inner
from engine.importing.plan import Plan, stands_for
from engine.importing.refusing import Reason, because, of_problem, of_violation
from engine.importing.source import name_text
from engine.permissions import covers, matrix
from engine.rules import CREATE
from engine.tabular.reading import Row
from engine.tabular.rows import parse_row
from models.base import Record
from models.column_names import column_name
from models.import_job import ImportJob
from models.types import Labelled
from models.words import Words, _

AMBIGUOUS = _("Several bear this name. Say which of them is meant.")
LARGEST = 2**31 - 1
"""What a whole number's column holds."""


@dataclass(frozen=True)
class Draft:
    """A row whose cells could all be read: the columns of the record to be."""

    row: Row
    columns: Mapping[str, Any]


@dataclass
class Reading:
    """Rows as they were read, before anybody has asked the database about them."""

    rows: Sequence[Row] = ()
    drafts: list[Draft] = field(default_factory=list)
    same: int = 0
    refused: list[tuple[Row, list[Reason]]] = field(default_factory=list)


@dataclass
class Batch:
    """What became of the rows of a batch."""

    taken: int = 0
    same: int = 0
    refused: list[tuple[Row, list[Reason]]] = field(default_factory=list)
    learned: list[tuple[str, int]] = field(default_factory=list)
    """Names that rows to come may use from now on, with their ids."""

    @property
    def rows(self) -> int:
        """All of them: none is lost."""
        return self.taken + self.same + len(self.refused)


def read(plan: Plan, rows: Sequence[Row]) -> Reading:
    """Make columns of cells; the database is not needed for it."""
    reading = Reading(rows)
    for row in rows:
        _read(plan, row, reading)
    return reading


def take(session: Session, plan: Plan, job: ImportJob, reading: Reading, *, dry: bool) -> Batch:
    """Put what was read through the gate; `dry` asks everything and writes nothing. The caller commits."""
    batch = Batch(same=reading.same, refused=list(reading.refused))
    unknown = _not_known(session, plan, reading.drafts, batch)
    records = {_record(plan, job, draft): draft.row for draft in unknown}
    complete(session, dict.fromkeys(records, CREATE))
    _within_scope(plan, records, batch)
    (_ask if dry else _write)(session, plan, records, batch)
    return batch


def _read(plan: Plan, row: Row, reading: Reading) -> None:
    """Enter the row as columns, as the same as an earlier one, or with what keeps it from being read."""
    parsed = parse_row(row, plan.columns)
    reasons = [of_problem(problem) for problem in parsed.problems]
    if row.number in plan.overlong:
        reasons.append(because(_("This row has more cells than the header has columns: its cells may have shifted.")))
    values = {**plan.constants, **parsed.values}
    for name in plan.names:
        if name in parsed.values and values[name] is not None:
            values[name], reason = _referred(plan, name, values[name], row)
            reasons += [reason] if reason else []
    reasons += _put_in_words(plan, values)
    columns = {} if reasons else plan.importable.compose(values, plan.zone)
    reasons += _too_large(plan, columns)
    if not reasons:
        earlier = plan.repeats.before(row)
        if earlier is None:
            reading.drafts.append(Draft(row, columns))
            return
        if earlier[1]:
            reading.same += 1
            return
        says = _("Row %(row)s of this file has the same key and says something else.", row=earlier[0])
        reasons.append(because(says, plan.titles[plan.importable.recognized_by[0]]))
    reading.refused.append((row, reasons))


def _referred(plan: Plan, field: str, text: str, row: Row) -> tuple[int | None, Reason | None]:
    title = plan.titles[field]
    if (circle := _circle(plan, field, row, title)) is not None:
        return None, circle
    found = stands_for(plan, field, text)
    if found is None:
        return None, because(_unknown(plan, field, text), title)
    if found == SEVERAL:
        return None, because(AMBIGUOUS, title)
    if found == LEFT_OUT:
        return None, because(_("Rows with this name are left out, as was decided."), title)
    return found, None


def _circle(plan: Plan, field: str, row: Row, title: str) -> Reason | None:
    """The clause that a row breaks which, by way of others, names itself."""
    inner = plan.inner
    if inner is None or inner.field != field or row.number not in inner.circular:
        return None
    rule = inner.reference.circle
    words = rule.says if rule else _("These rows name each other in a circle.")
    return because(words, title, rule.clause if rule else "")


def _unknown(plan: Plan, field: str, text: str) -> Words:
    bearer = plan.inner.bearers.get(name_text(text)) if plan.inner and plan.inner.field == field else None
    if bearer is None:
        return _("This name is not known. Say what it stands for.")
    if bearer == SEVERAL:
        return AMBIGUOUS
    return _("Row %(row)s, which this names, was not taken.", row=bearer)


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
    stored = _stored(session, plan, drafts)
    unknown = []
    for draft in drafts:
        known = stored.get(_identity(plan, draft.columns))
        if known is None:
            unknown.append(draft)
        elif differing := [
            name for name in draft.columns if name not in plan.uncompared and known[name] != draft.columns[name]
        ]:
            batch.refused.append((draft.row, [_conflict(plan, differing)]))
        else:
            batch.same += 1
    return unknown


def _stored(session: Session, plan: Plan, drafts: Sequence[Draft]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    model: Any = plan.importable.entity
    alike = [getattr(model, name).in_({draft.columns[name] for draft in drafts}) for name in plan.importable.identity]
    query = select(*[getattr(model, name) for name in sorted(drafts[0].columns)])
    with seeing_all():
        rows = session.execute(query.where(model.department_id == plan.department_id, *alike)).mappings().all()
    return {_identity(plan, found): found for found in map(dict[str, Any], rows)}


def _identity(plan: Plan, columns: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(columns[name] for name in plan.importable.identity)


def _conflict(plan: Plan, differing: Sequence[str]) -> Reason:
    says = _(
        "This record is already there and differs in: %(columns)s. It was not overwritten.",
        columns=[column_name(name) for name in differing],
    )
    return because(says, plan.titles[plan.importable.recognized_by[0]])


def _record(plan: Plan, job: ImportJob, draft: Draft) -> Record:
    record = plan.importable.entity(department_id=plan.department_id, **draft.columns)
    plan.importable.complete(record, job)
    return record


def _within_scope(plan: Plan, records: dict[Record, Row], batch: Batch) -> None:
    """Take out what the actor's grant to import does not reach, and say so."""
    actor = current_act().actor
    if actor.is_system:
        return
    scope = matrix.scope(actor, plan.importable.name, "import")
    for record in [record for record in records if not covers(actor, scope, record)]:
        says = _("You may import rows of your own team only; this one belongs to others.")
        batch.refused.append((records.pop(record), [because(says)]))


def _ask(session: Session, plan: Plan, records: Mapping[Record, Row], batch: Batch) -> None:
    """The gate's answer to each record; nothing is written."""
    judged = judge(session, dict.fromkeys(records, CREATE))
    broken = [violation for judgement in judged.values() for violation in judgement.violations]
    _enter(plan, records, broken, batch)


def _write(session: Session, plan: Plan, records: Mapping[Record, Row], batch: Batch) -> None:
    """Write what the gate lets through. What it refuses is counted like any refusal, with this transaction."""
    at_once = fresh.goes_at_once(plan.importable.entity)
    broken = fresh.write(session, list(records)) if at_once else _flush(session, records)
    _enter(plan, records, broken, batch)


def _flush(session: Session, records: Mapping[Record, Row]) -> Sequence[Violation]:
    """Write record by record, for an entity of whose records more comes than a row."""
    session.add_all(records)
    try:
        session.flush()
    except PolicyError as error:
        if any(violation.record not in records for violation in error.violations):
            raise
        for record in {violation.record for violation in error.violations}:
            session.expunge(record)
        tally.keep_broken(session)
        session.flush()
        return error.violations
    return ()


def _enter(plan: Plan, records: Mapping[Record, Row], broken: Iterable[Violation], batch: Batch) -> None:
    reasons: defaultdict[Record, list[Reason]] = defaultdict(list)
    for violation in broken:
        if violation.record is not None:
            reasons[violation.record].append(of_violation(violation, plan.titles))
    batch.refused += [(row, reasons[record]) for record, row in records.items() if record in reasons]
    batch.taken += len(records) - len(reasons)
    if plan.inner is not None:
        batch.learned += _names(plan.inner, {each: row for each, row in records.items() if each not in reasons})


def _names(inner: Inner, taken: Mapping[Record, Row]) -> Iterator[tuple[str, int]]:
    """What the taken records are called; in a trial, which gives them no id, a number that no record has."""
    for record, row in taken.items():
        for name in inner.reference.names(record):
            if name:
                yield name_text(name), record.id or -1 - row.number
