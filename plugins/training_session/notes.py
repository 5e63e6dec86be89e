"""TRN-10: what participants note, for themselves and their trainer."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import CREATE, Facts, Verdict, need, rule
from models.training_session import Enrolment, TrainingNote
from models.words import _


@need(default=False)
def takes_part(session: Session, notes: Sequence[TrainingNote]) -> Mapping[TrainingNote, bool]:
    """Whether whoever notes is enrolled in the session."""
    rows = session.execute(
        select(Enrolment.session_id, Enrolment.staff_id).where(Enrolment.session_id.in_({n.session_id for n in notes}))
    ).all()
    there = {(row.session_id, row.staff_id) for row in rows}
    return {note: (note.session_id, note.staff_id) in there for note in notes}


@rule(
    "TRN-10",
    TrainingNote,
    field="session_id",
    on=frozenset({CREATE}),
    needs=(takes_part,),
    says=_("Notes are kept by whoever takes part in the session."),
)
def note_taker_takes_part(note: TrainingNote, facts: Facts) -> Verdict:
    """Trainees keep notes."""
    return bool(facts.loaded(takes_part))


@rule("TRN-10", TrainingNote, field="body", changed=("body",), says=_("Write something down."))
def note_says_something(note: TrainingNote, facts: Facts) -> Verdict:
    """An empty note is none."""
    return bool((note.body or "").strip())


@rule("TRN-10", TrainingNote, field="body", says=_("Everybody writes their own notes; the trainer reads them."))
def note_is_ones_own(note: TrainingNote, facts: Facts) -> Verdict:
    """What somebody took away is theirs to say."""
    return facts.actor.is_system or facts.actor.staff_id == note.staff_id


NOTE_RULES = (note_taker_takes_part, note_says_something, note_is_ones_own)
