"""CNF-1: every member signs the undertaking in force; until then customers' data stays masked for them.

- `signing`: digests and seals of texts and signatures
- `owing`: who has to sign what
- `rules`, `moves`: what may be written, and what leads where
- `checking`: the command that looks at every signature
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.answers import Impediment
from engine.circumstances import today_in, zone_of
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.obligations.kinds import Kind
from engine.packs.parameters import binds, clauses_in_force
from engine.packs.schema import Pack
from engine.packs.texts import load_text
from engine.rules import After, Fill, last_editor
from engine.transitions.kinds import Transition
from engine.transitions.performing import perform
from models.base import Record
from models.confidentiality_ack import AckState, ConfidentialityAck, Undertaking, UndertakingState
from models.organisation import Department, Staff
from models.words import _
from plugins.confidentiality_ack.checking import verify_signatures
from plugins.confidentiality_ack.moves import DRAFT, MOVES, REMINDED
from plugins.confidentiality_ack.owing import CLAUSE, TO_SIGN, open_for
from plugins.confidentiality_ack.rules import (
    number_versions,
    signature_is_asked_for_by_its_cause,
    text_stands_in_both_languages,
)

UNSIGNED = _("The confidentiality undertaking has not been signed.")


def ask_of_joiners(session: Session, people: Sequence[Staff]) -> None:
    """Whoever is taken into the department, or comes back, signs: in the same transaction."""
    by_department: defaultdict[int, list[Staff]] = defaultdict(list)
    for person in people:
        by_department[person.department_id].append(person)
    for department_id, joined in by_department.items():
        open_for(session, department_id, joined)


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """A published version is asked of everybody."""
    if isinstance(record, Undertaking) and transition.name == "publish":
        if record.effective_on <= today_in(session, record.department_id):
            perform(session, record, "take_effect")
        open_for(session, record.department_id)


@hookimpl
def left(session: Session, person: Staff) -> None:
    """Whoever leaves is released from what they have not signed."""
    owed = select(ConfidentialityAck).where(
        ConfidentialityAck.staff_id == person.id, ConfidentialityAck.state == AckState.OWED
    )
    for ack in session.scalars(owed).all():
        perform(session, ack, "release")


@hookimpl
def due(session: Session, now: datetime) -> int:
    """Published versions take effect on their day; terms that end are opened again; nobody is forgotten."""
    waiting = session.scalars(select(Undertaking).where(Undertaking.state == UndertakingState.PUBLISHED)).all()
    effective = [version for version in waiting if version.effective_on <= today_in(session, version.department_id)]
    for version in effective:
        perform(session, version, "take_effect")
    departments = session.scalars(
        select(Undertaking.department_id).where(Undertaking.state == UndertakingState.IN_FORCE).distinct()
    ).all()
    return len(effective) + sum(open_for(session, department) for department in departments)


@hookimpl
def withheld(session: Session, staff_id: int) -> bool:
    """Whether the person's signature is lacking by now, in a department that the clause binds."""
    query = select(ConfidentialityAck.department_id).where(
        ConfidentialityAck.staff_id == staff_id,
        ConfidentialityAck.state == AckState.OWED,
        ConfidentialityAck.masks_from <= clock.now(),
    )
    department = session.scalar(query.limit(1))
    return department is not None and binds(CLAUSE, clauses_in_force(session, department))


@hookimpl
def impediments(session: Session, people: Sequence[Staff], on: date) -> Sequence[Impediment]:
    """Nobody stands on post whose undertaking is unsigned on that day."""
    query = select(ConfidentialityAck.staff_id, ConfidentialityAck.masks_from, ConfidentialityAck.department_id).where(
        ConfidentialityAck.staff_id.in_([person.id for person in people]), ConfidentialityAck.state == AckState.OWED
    )
    lacking = {
        row.staff_id: None
        for row in session.execute(query)
        if clock.day_in(zone_of(session, row.department_id), row.masks_from) <= on
    }
    return [Impediment(person, "confidentiality_ack.is_signed", CLAUSE, UNSIGNED) for person in lacking]


@hookimpl
def adopted(session: Session, department: Department, pack: Pack) -> None:
    """A department without an undertaking begins with a draft of one, for HR to look through and publish."""
    known = select(Undertaking.id).where(Undertaking.department_id == department.id).limit(1)
    if CLAUSE not in pack.clauses or session.scalar(known) is not None:
        return
    text = load_text("undertaking")
    session.add(
        Undertaking(
            department_id=department.id,
            name=text["name"],
            text_zh=text["zh"],
            text_en=text["en"],
            effective_on=today_in(session, department.id),
        )
    )


@hookimpl
def commands() -> Sequence[click.Command]:
    """Anybody at a terminal can check every signature."""
    return (verify_signatures,)


SIGN = Kind(
    "confidentiality_ack",
    CLAUSE,
    ConfidentialityAck,
    _("Sign the confidentiality undertaking"),
    owed=lambda ack: ack.state is AckState.OWED,
    met=lambda ack: ack.state is AckState.SIGNED,
    due=lambda ack, facts: ack.due_at,
    owner=lambda ack: ack.staff_id,
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="confidentiality_ack",
        label=_("Confidentiality"),
        built=(CLAUSE,),
        entities=(Undertaking, ConfidentialityAck),
        fills=(Fill(Undertaking, number_versions), last_editor(Undertaking, "drafted_by_id", DRAFT)),
        afters=(After(Staff, ask_of_joiners, changed=("status",)),),
        rules=(text_stands_in_both_languages, signature_is_asked_for_by_its_cause),
        transitions=MOVES,
        obligations=(SIGN,),
        notices=(
            Notice(
                TO_SIGN,
                _("Please sign the confidentiality undertaking"),
                _(
                    "Please read and sign the confidentiality undertaking by %(due_at)s (%(cause)s). "
                    "Until it is signed, customers' data stays masked for you."
                ),
            ),
            Notice(
                REMINDED,
                _("Reminder: sign the confidentiality undertaking"),
                _("Your signature of the confidentiality undertaking is still missing; it was due by %(due_at)s."),
            ),
        ),
    )
