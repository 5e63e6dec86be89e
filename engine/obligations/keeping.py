"""Opens, moves, meets and voids obligations as the records themselves change: nobody ticks a duty off."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import current_act, seeing_all
from engine.audit import note
from engine.circumstances import facts_for, zone_of
from engine.errors import NotAllowedError
from engine.obligations.kinds import Kind, Recurring
from engine.obligations.steps import Setting, plan
from engine.packs.parameters import binds, clauses_in_force
from engine.permissions import may_do_to
from engine.rules import Facts
from engine.workdays import calendar_of
from models.base import Record
from models.obligation import UNDONE, Obligation, ObligationState, Reminder, ReminderState


def keep(session: Session, records: Sequence[Record], duties: Sequence[Kind | Recurring]) -> None:
    """Bring the obligations of just written records up to date. `duties` are those declared for their entity."""
    with seeing_all(), session.no_autoflush:
        kinds = [duty for duty in duties if isinstance(duty, Kind)]
        if kinds:
            _keep_subjects(session, records, kinds)
        for duty in duties:
            if isinstance(duty, Recurring):
                _meet_periods(session, records, duty)


def _keep_subjects(session: Session, records: Sequence[Record], kinds: Sequence[Kind]) -> None:
    standing = _standing(session, records)
    facts = facts_for(session, records, needs=[need for kind in kinds for need in kind.needs])
    for record in records:
        clauses = clauses_in_force(session, record.department_id)
        for kind in kinds:
            if binds(kind.clause, clauses):
                _keep_one(session, record, kind, facts[record], standing.get((record.id, kind.name)))


def _standing(session: Session, records: Sequence[Record]) -> dict[tuple[int, str], Obligation]:
    rows = session.scalars(
        select(Obligation)
        .where(
            Obligation.subject_type == records[0].__tablename__,
            Obligation.subject_id.in_([record.id for record in records]),
        )
        # A sweep may be marking the same rows overdue: whoever is second reads what the first one wrote.
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {(row.subject_id, row.kind): row for row in rows if row.subject_id is not None}


def _keep_one(session: Session, record: Record, kind: Kind, facts: Facts, standing: Obligation | None) -> None:
    if kind.met(record):
        if standing is not None:
            meet(session, standing, proof=f"{record.__tablename__}:{record.id}")
    elif kind.owed(record):
        _owe(session, record, kind, facts, standing)
    elif standing is not None and standing.state in UNDONE:
        _close(session, standing, ObligationState.VOID)


def _owe(session: Session, record: Record, kind: Kind, facts: Facts, standing: Obligation | None) -> None:
    due, owner = kind.due(record, facts), kind.owner(record) if kind.owner else None
    if standing is None:
        _open(session, _drafted(record, kind, due, owner))
    elif standing.state in UNDONE:
        if (standing.due_at, standing.owner_id) != (due, owner):
            move(session, standing, due, owner)
    elif standing.state is not ObligationState.WAIVED:
        standing.state, standing.met_at, standing.proof = ObligationState.OPEN, None, None
        move(session, standing, due, owner)


def _drafted(record: Record, kind: Kind, due: datetime, owner: int | None) -> Obligation:
    team = record.__entity__.team
    return Obligation(
        department_id=record.department_id,
        kind=kind.name,
        clause=kind.clause,
        occurrence=f"{record.__tablename__}:{record.id}",
        subject_type=record.__tablename__,
        subject_id=record.id,
        subject_title=record.title[:200],
        owner_id=owner,
        owner_post=kind.post.value if kind.post else None,
        team_id=getattr(record, team) if team else None,
        opened_at=clock.now(),
        due_at=due,
    )


def _open(session: Session, obligation: Obligation) -> None:
    obligation.state, obligation.looked_at_next = ObligationState.OPEN, obligation.due_at
    session.add(obligation)
    # A period that fell due while nothing ran is still told of; a record that is entered after the fact is not.
    catch_up = obligation.period is not None and obligation.due_at <= clock.now()
    session.add_all(plan(session, obligation, _setting(session, obligation), round_=0, catch_up=catch_up))


def open_recurring(session: Session, department_id: int, duty: Recurring, period_name: str, due: datetime) -> None:
    """Open one occurrence of a recurring duty. The caller has made sure that it does not exist yet."""
    _open(session, occurrence(department_id, duty, period_name, due))


def occurrence(department_id: int, duty: Recurring, period_name: str, due: datetime) -> Obligation:
    """One occurrence of a recurring duty, not yet in any session."""
    return Obligation(
        department_id=department_id,
        kind=duty.name,
        clause=duty.clause,
        occurrence=period_name,
        period=period_name,
        owner_post=duty.post.value,
        opened_at=clock.now(),
        due_at=due,
    )


def move(session: Session, obligation: Obligation, due: datetime, owner_id: int | None) -> None:
    """Set another due moment or owner; unsent reminders are planned anew (a new round)."""
    obligation.due_at = obligation.looked_at_next = due
    obligation.owner_id = owner_id
    if due > clock.now():
        obligation.state = ObligationState.OPEN
    rounds = session.scalars(select(Reminder.round).where(Reminder.obligation_id == obligation.id)).all()
    _cancel_reminders(session, obligation)
    session.add_all(plan(session, obligation, _setting(session, obligation), round_=max(rounds, default=-1) + 1))


def meet(session: Session, obligation: Obligation, proof: str) -> None:
    """The records show that it was done; `proof` names the record. Late is late: `met_at` says when."""
    if obligation.state in UNDONE:
        obligation.met_at, obligation.proof = clock.now(), proof
        _close(session, obligation, ObligationState.MET)


def waive(session: Session, obligation: Obligation, reason: str) -> None:
    """Release the owner with a reason, which the audit keeps.

    Raises NotAllowedError when the actor's role does not grant it, ValueError without a reason or when it is done.
    """
    actor = current_act().actor
    if not may_do_to(session, actor, "waive", obligation):
        raise NotAllowedError(obligation.__tablename__, "waive")
    session.refresh(obligation, with_for_update=True)
    if not reason.strip() or obligation.state not in UNDONE:
        msg = "waiving needs a reason and an obligation that is still owed"
        raise ValueError(msg)
    before = obligation.state
    obligation.waived_reason, obligation.waived_by_id = reason.strip(), actor.staff_id
    _close(session, obligation, ObligationState.WAIVED)
    changes = {"state": [before, ObligationState.WAIVED], "waived_reason": [None, reason.strip()]}
    note(
        session, "waive", "obligation", obligation.id, obligation.title, changes, department_id=obligation.department_id
    )


def _close(session: Session, obligation: Obligation, state: ObligationState) -> None:
    obligation.state = state
    if obligation.id is not None:
        _cancel_reminders(session, obligation)


def _cancel_reminders(session: Session, obligation: Obligation) -> None:
    session.execute(
        update(Reminder)
        .where(Reminder.obligation_id == obligation.id, Reminder.state == ReminderState.PENDING)
        .values(state=ReminderState.CANCELLED)
        .execution_options(synchronize_session="fetch")
    )


def _meet_periods(session: Session, records: Sequence[Record], duty: Recurring) -> None:
    proofs: dict[tuple[int, str], str] = defaultdict(str)
    for record in records:
        if duty.met(record):
            for period in duty.period_of(record):
                proofs[record.department_id, period] = f"{record.__tablename__}:{record.id}"
    if not proofs:
        return
    rows = session.scalars(
        select(Obligation).where(Obligation.kind == duty.name, Obligation.period.in_({period for _d, period in proofs}))
    )
    for obligation in rows:
        if proof := proofs.get((obligation.department_id, str(obligation.period))):
            meet(session, obligation, proof)


def _setting(session: Session, obligation: Obligation) -> Setting:
    department: Any = obligation.department_id
    return Setting(zone_of(session, department), calendar_of(session, department), clock.now())
