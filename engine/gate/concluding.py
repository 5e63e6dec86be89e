"""What comes of a write that the gate let through: audit, counts, search index, obligations."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from engine import audit, tally
from engine.gate.diff import for_audit
from engine.gate.review import Judgement
from engine.obligations.keeping import keep
from engine.packs import parameters
from engine.registry import registry
from engine.rules import DELETE
from engine.search.keeping import follow
from engine.transitions.performing import binding_guards
from engine.workdays import forget_calendar
from models.base import Record
from models.calendar import CalendarDay, CalendarYear
from models.policy import Adoption, ParameterValue


def conclude(session: Session, judged: Mapping[Record, Judgement]) -> None:
    """Draw the consequences of records that were just written, in the same transaction."""
    for record, judgement in judged.items():
        _note(session, record, judgement)
        tally.count_kept(session, record, judgement.kept)
    follow(session, ((record, found.moment, found.changes) for record, found in judged.items()))
    _refresh(session, judged)
    _keep_obligations(session, judged)


def _note(session: Session, record: Record, judgement: Judgement) -> None:
    action = judgement.move.name if judgement.move else judgement.moment
    changes = for_audit(record, judgement.changes) | {name: [None, words] for name, words in judgement.words.items()}
    rules = [rule.name for rule in judgement.kept]
    if judgement.move:
        guards = binding_guards(session, record, judgement.move)
        rules += [guard.name for guard in guards]
        tally.count_kept(session, record, guards)
    audit.note_plain(
        session, action, record.__tablename__, record.id, record.title, changes, rules, record.department_id
    )


def _refresh(session: Session, judged: Mapping[Record, Judgement]) -> None:
    if any(isinstance(record, Adoption | ParameterValue) for record in judged):
        parameters.forget(session)
    if any(isinstance(record, CalendarDay | CalendarYear) for record in judged):
        forget_calendar(session)


def _keep_obligations(session: Session, judged: Mapping[Record, Judgement]) -> None:
    by_model: dict[type[Record], list[Record]] = {}
    for record, judgement in judged.items():
        if judgement.moment != DELETE and registry.duties_for(type(record)):
            by_model.setdefault(type(record), []).append(record)
    for model, records in by_model.items():
        keep(session, records, registry.duties_for(model))
