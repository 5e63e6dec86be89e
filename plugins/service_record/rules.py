"""What a service record must be, at every write and before each move."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import CREATE, GUARD, Facts, Verdict, need, rule
from models.column_names import column_name
from models.organisation import Post, Staff, StaffStatus, Team
from models.service_record import Origin, ServiceRecord, Topic
from models.words import _

WHOLE = ("question", "handling", "result", "feedback")
"""What an archived record holds (SVC-6)."""
LOWEST, HIGHEST = 1, 5


@rule("SVC-1", ServiceRecord, says=_("“%(label)s” may not be empty."))
def mandatory_fields_are_filled(record: ServiceRecord, facts: Facts) -> Verdict:
    """Nothing mandatory may be empty; another system's export owes only what it can know."""
    names: list[str] = facts.parameter(
        "mandatory_fields_imported" if record.origin is Origin.IMPORTED else "mandatory_fields"
    )
    return [{"field": name, "label": column_name(name)} for name in names if getattr(record, name) in {None, ""}]


@rule(
    "SVC-2", ServiceRecord, field="topic_id", changed=("topic_id", "state"), says=_("Choose what the record is about.")
)
def record_is_classified(record: ServiceRecord, facts: Facts) -> Verdict:
    """Records are classified on intake."""
    return record.topic_id is not None


@rule(
    "SVC-1",
    ServiceRecord,
    field="occurred_at",
    changed=("occurred_at",),
    says=_("The contact cannot lie in the future."),
)
def contact_has_happened(record: ServiceRecord, facts: Facts) -> Verdict:
    """A record tells what happened."""
    return record.occurred_at <= facts.now


@rule(
    "SVC-5",
    ServiceRecord,
    field="satisfaction",
    changed=("satisfaction",),
    says=_("Satisfaction is a whole number from 1 to 5; %(value)s is not."),
)
def satisfaction_is_from_one_to_five(record: ServiceRecord, facts: Facts) -> Verdict:
    """The scale on which customers rate."""
    value = record.satisfaction
    return value is None or LOWEST <= value <= HIGHEST or {"value": value}


@rule(
    "SVC-5",
    ServiceRecord,
    field="satisfaction",
    changed=("satisfaction", "answered"),
    says=_("A contact that nobody answered has no satisfaction rating."),
)
def only_answered_contacts_are_rated(record: ServiceRecord, facts: Facts) -> Verdict:
    """There was nobody to be satisfied with."""
    return record.answered or record.satisfaction is None


@rule("DAT-1", ServiceRecord, changed=("answer_seconds", "talk_seconds"), says=_("“%(label)s” cannot be negative."))
def durations_are_not_negative(record: ServiceRecord, facts: Facts) -> Verdict:
    """A figure from another system is taken only when it can be true."""
    return [
        {"field": name, "label": column_name(name)}
        for name in ("answer_seconds", "talk_seconds")
        if (getattr(record, name) or 0) < 0
    ]


@need()
def channel_users(session: Session, records: Sequence[ServiceRecord]) -> Mapping[ServiceRecord, Mapping[int, Any]]:
    """For each record, every team with its tier, its channels and its lead."""
    teams = session.scalars(select(Team).where(Team.department_id.in_({r.department_id for r in records}))).all()
    leads: dict[int | None, int] = {}
    for person in session.scalars(
        select(Staff).where(Staff.team_id.in_([t.id for t in teams]), Staff.status == StaffStatus.ON_POST)
    ):
        if person.team_id not in leads or person.post is Post.SHIFT_LEAD:
            leads[person.team_id] = person.id
    told = {t.id: {"tier": t.tier, "channels": {c.id for c in t.channels}, "lead": leads.get(t.id)} for t in teams}
    return dict.fromkeys(records, told)


@rule(
    "ORG-2",
    ServiceRecord,
    field="to_team",
    on=GUARD,
    needs=(channel_users,),
    says=_("A record is transferred upward only, to a team that exists, serves its channel and has somebody on post."),
)
def transfer_goes_up_to_a_serving_team(record: ServiceRecord, facts: Facts) -> Verdict:
    """From the front line to technicians to experts, never sideways or into the void."""
    teams = facts.loaded(channel_users) or {}
    target, here = teams.get(record_id(facts.given.get("to_team"))), teams.get(record.team_id)
    if target is None or target["lead"] is None or record.channel_id not in target["channels"]:
        return False
    return here is None or target["tier"].value > here["tier"].value


@rule("SVC-6", ServiceRecord, on=GUARD, says=_("“%(label)s” is missing: a record is archived whole."))
def record_is_whole(record: ServiceRecord, facts: Facts) -> Verdict:
    """Question, handling, result and feedback; an imported call is as whole as its system delivered it."""
    if record.origin is Origin.IMPORTED:
        return True
    return [{"field": name, "label": column_name(name)} for name in WHOLE if not getattr(record, name)]


@rule(
    "SVC-2",
    Topic,
    field="name",
    on=frozenset({CREATE, "edit"}),
    says=_("A topic has a name in Chinese and in English."),
)
def topic_is_named_in_both_languages(topic: Topic, facts: Facts) -> Verdict:
    """Every word that a person sees exists in both."""
    return bool(topic.name and topic.name.get("zh") and topic.name.get("en"))


def record_id(value: Any) -> int | None:  # noqa: ANN401 a form gives text, a program a number
    """The id that somebody answered, or None for anything that is none."""
    return int(value) if value is not None and str(value).isdigit() else None
