"""SVC: records of what customers brought up — complete, classified, answered, evaluated, archived whole."""

from collections.abc import Sequence

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.packs.schema import Pack
from engine.rules import Fill
from models.organisation import Department, Staff
from models.service_record import ServiceRecord, Topic
from models.types import blind_index
from models.words import _
from plugins.service_record.importing import IMPORTABLE
from plugins.service_record.moves import MOVES
from plugins.service_record.rules import (
    contact_has_happened,
    durations_are_not_negative,
    mandatory_fields_are_filled,
    only_answered_contacts_are_rated,
    record_is_classified,
    satisfaction_is_from_one_to_five,
    topic_is_named_in_both_languages,
)


def _follow_the_agent(session: Session, records: Sequence[ServiceRecord]) -> None:
    """A record belongs to its agent's team, and its contact can be found by its fingerprint."""
    agents = {record.agent_id for record in records}
    teams = dict(session.execute(select(Staff.id, Staff.team_id).where(Staff.id.in_(agents))).all())
    for record in records:
        if record.team_id is None or "agent_id" in inspect(record).committed_state:
            record.team_id = teams.get(record.agent_id)
        record.customer_contact_index = blind_index("service_record.customer_contact", record.customer_contact)


@hookimpl
def adopted(session: Session, department: Department, pack: Pack) -> None:
    """Begin with the pack's list of topics (SVC-2); those that are there stay."""
    known = set(session.scalars(select(Topic.code).where(Topic.department_id == department.id)))
    fresh = [entry for entry in pack.topics if entry.code not in known]
    session.add_all(Topic(department_id=department.id, code=entry.code, name=entry.title.words) for entry in fresh)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="service_record",
        label=_("Service"),
        built=("SVC-1", "SVC-2", "SVC-5", "SVC-6", "DAT-1", "CNF-2"),
        entities=(ServiceRecord, Topic),
        fills=(Fill(ServiceRecord, _follow_the_agent),),
        rules=(
            mandatory_fields_are_filled,
            record_is_classified,
            contact_has_happened,
            satisfaction_is_from_one_to_five,
            only_answered_contacts_are_rated,
            durations_are_not_negative,
            topic_is_named_in_both_languages,
        ),
        transitions=MOVES,
        importables=(IMPORTABLE,),
    )
