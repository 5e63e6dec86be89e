"""Rows of every entity in every place that a scope tells apart: one's own, the team's, another team's, next door's."""

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import Flask
from sqlalchemy import JSON, Column, Date, DateTime, Integer, Table
from sqlalchemy.orm import Session

from engine import attachments
from engine.acting import SYSTEM, Door, Role, acting, seeing_all
from engine.audit import AuditEntry
from engine.database import db
from engine.gate.bypass import maintenance_write
from engine.packs.adoption import adopt
from engine.permissions import Scope, Sight, matrix
from models.accounts import Account
from models.attachment import Attachment
from models.base import Base, Entity
from models.organisation import Department, Post, Staff, Team
from models.types import Choice
from tests.factories import any_record
from tests.factories import organisation as make
from tests.factories.accounts import account

ABSENT = 987654
NEVER = datetime(2099, 1, 1, tzinfo=UTC)
SPENT = {"undertaking": "replaced"}
"""Published states that ask nothing of anybody: a version in force would be asked of everybody on the walk."""
BEYOND_THE_CHAIN = 700_000


CANARIES: Mapping[str, str] = {
    "staff.phone": "139000100",
    "staff.email": "canaryemail",
    "candidate.name": "canarycandidate",
    "candidate.phone": "137000300",
    "candidate.email": "canarypost",
    "candidate.expected_pay": "canarywish",
    "candidate.offered_pay": "canaryoffer",
    "job_opening.pay": "canarypay",
    "interview.remark": "canaryremark",
    "service_record.customer_name": "canaryname",
    "service_record.customer_contact": "138000200",
    "service_record.customer_details": "canarydetails",
    "account.totp_secret": "CANARYTOTPSECRET",
    "account.recovery_codes": "canaryrecovery",
    "question.guide": "canaryguide",
    "learning_resource.body": "canarylesson",
    "learning_resource.link": "https://canary.example.org/lesson",
    "training_feedback.comment": "canarycomment",
    "group_webhook.address": "https://canary.example.org/hook",
}
"""What begins the content of each field that is not everybody's."""


class Place(StrEnum):
    """Where a row lies, seen from whoever asks for it."""

    OWN = "own"
    TEAM = "own team"
    OTHER = "other team"
    STRANGE = "other department"
    ABSENT = "absent"


@dataclass(frozen=True)
class Holder:
    """Whose the rows of a place are."""

    department: Department
    person: Staff
    team: Team
    account: Account


@dataclass
class World:
    """Two departments; `rows[table][place]` is a row's number."""

    holders: Mapping[Place, Holder]
    rows: dict[str, dict[Place, int]] = field(default_factory=dict)

    @property
    def me(self) -> Holder:
        """Whoever asks."""
        return self.holders[Place.OWN]


FIGURES: Mapping[str, Any] = {
    "month": "2026-05",
    "scores": {"records": 0, "mean": None, "lowest": None, "highest": None},
    "rectification": {"opened": 0, "verified": 0, "in_time": 0, "failed": 0},
    "recurring": 0,
    "trend": [],
    **{name: [] for name in ("by_item", "by_severity", "causes", "by_agent", "by_team", "by_category", "unrated")},
}
BANDS = {"minor": ["1", "3"], "general": ["4", "6"], "severe": ["7", "10"]}
KNOWN: Mapping[str, Any] = {
    "obligation.clause": "ORG-1",
    "qa_report_edition.figures": FIGURES,
    "scorecard.bands": BANDS,
    "import_job.entity": "service_record",
    "import_mapping.entity": "service_record",
    "saved_filter.entity": "staff",
    "saved_filter.query": "",
    "group_webhook.codes": [],
    "import_refusal.reasons": [],
}
"""What a screen cannot do without."""
NO_SCREEN = frozenset({"adoption", "parameter_value"})
"""The rulebook's page shows them as values, not as rows."""


def world(session: Session, role: Role) -> World:
    """Everybody and everything for one role; committed."""
    home, next_door = make.department(session), make.department(session, "另一个部门")
    for department in (home, next_door):
        adopt(session, department, "Q", rank=0, valid_from=any_record.DAY)
    mine, theirs, strange = (
        make.team(session, home, "一组"),
        make.team(session, home, "二组"),
        make.team(session, next_door),
    )
    boss, boss_there = make.staff(session, home, Post.MANAGER), make.staff(session, next_door, Post.MANAGER)
    # Nobody reports to whoever asks: a lead's line would reach further than the places tell.
    people = {
        Place.OWN: (home, make.staff(session, home, of=mine, superior=boss), mine, role),
        Place.TEAM: (home, make.staff(session, home, of=mine, superior=boss), mine, Role.AGENT),
        Place.OTHER: (home, make.staff(session, home, of=theirs, superior=boss), theirs, Role.AGENT),
        Place.STRANGE: (
            next_door,
            make.staff(session, next_door, of=strange, superior=boss_there),
            strange,
            Role.AGENT,
        ),
    }
    found = {
        place: Holder(department, person, team, account(session, person, its_role))
        for place, (department, person, team, its_role) in people.items()
    }
    for place, holder in found.items():
        holder.person.phone, holder.person.email = canary("staff.phone", place), canary("staff.email", place)
        # Managers and others owe a second step; this one is set up.
        holder.account.totp_secret = canary("account.totp_secret", place)
        holder.account.recovery_codes = json.dumps([canary("account.recovery_codes", place)])
    session.flush()
    made = World(found)
    for place, holder in found.items():
        kept = {"staff": holder.person.id, "team": holder.team.id, "account": holder.account.id}
        builder = Builder(session, holder, place, {**kept, "department": holder.department.id})
        for name in filter(_has_pages, sorted(Base.metadata.tables)):
            made.rows.setdefault(name, {})[place] = builder.row(name)
        builder.give_file()
    _nothing_withheld(session)
    session.commit()
    return made


def _nothing_withheld(session: Session) -> None:
    """No signature is late: what is masked here is what the matrix masks."""
    acks = Base.metadata.tables["confidentiality_ack"]
    with maintenance_write(session.connection()) as connection:
        connection.execute(acks.update().values(masks_from=NEVER))


def detached_world(app: Flask, role: Role) -> World:
    """Everybody and everything, detached."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        made = world(session, role)
        for holder in made.holders.values():
            for row in (holder.person, holder.team, holder.account, holder.department):
                session.refresh(row)
        session.expunge_all()
        _files(app, made, session)
    return made


def _files(app: Flask, made: World, session: Any) -> None:
    with seeing_all():
        for number in made.rows["attachment"].values():
            path = attachments.path_of(
                app.config["DUTYBOOK"].instance_dir / "attachments", session.get(Attachment, number)
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("kept")


def canary(field: str, place: Place) -> str:
    """The content of a field in this place, and nowhere else; under its mask it reads like that of the other places."""
    return f"{CANARIES[field]}{list(Place).index(place) + 71}00"


def hidden_from(role: Role) -> dict[str, list[str]]:
    """Contents, by their field, that may stand in nothing that the role is answered."""
    known = {f"{entity}.{field}": sights for (entity, field), sights in matrix.fields.items()}
    shut = [field for field in CANARIES if known[field].get(role) not in {Sight.READ, Sight.WRITE}]
    return {field: [canary(field, place) for place in Place] for field in shut}


def _has_pages(name: str) -> bool:
    """Tables that are records or are shown like some."""
    return name == AuditEntry.__tablename__ or (entity_of(name) is not None and name not in NO_SCREEN)


def entity_of(table: str) -> Entity | None:
    """What is known of an entity by its table."""
    model = next((m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == table), None)
    return getattr(model, "__entity__", None)


def reaches(scope: Scope | None, place: Place, table: str) -> bool:
    """Whether a grant of this scope reaches a row in this place: said once more, apart from the engine's own words."""
    entity = entity_of(table)
    owner, team = (entity.owner, entity.team) if entity else (None, None)
    match scope:
        case None:
            return False
        case Scope.ALL:
            return place is not Place.ABSENT
        case Scope.DEPARTMENT:
            return place in {Place.OWN, Place.TEAM, Place.OTHER}
        case Scope.TEAM:
            return (place is Place.OWN and bool(owner or team)) or (place is Place.TEAM and bool(team))
        case Scope.OWN | Scope.LINE:
            # Nobody reports to whoever asks. Who is involved in a row is found by the rows that name its holder.
            return place is Place.OWN and bool(owner or (entity and entity.involved))


@dataclass
class Builder:
    """Inserts one row a table past the gate, as if long there; rows of one holder refer to one another."""

    session: Session
    holder: Holder
    place: Place
    made: dict[str, int]

    def row(self, name: str) -> int:
        """The holder's row of the table."""
        if name not in self.made:
            table = Base.metadata.tables[name]
            values = dict(self.values(table))
            with maintenance_write(self.session.connection()) as connection:
                self.made[name] = connection.execute(table.insert().values(values)).inserted_primary_key[0]
        return self.made[name]

    def give_file(self) -> None:
        """The holder's file belongs to their service record."""
        files = Base.metadata.tables["attachment"]
        with maintenance_write(self.session.connection()) as connection:
            of_record = files.update().where(files.c.id == self.row("attachment"))
            connection.execute(of_record.values(entity="service_record", record_id=self.row("service_record")))

    def values(self, table: Table) -> Iterator[tuple[str, Any]]:
        """What the row must have, and whose it is."""
        entity = entity_of(table.name)
        told = {entity.owner, entity.team, entity.state} if entity else set()
        for column in table.columns:
            if str(column) in CANARIES:
                yield column.name, canary(str(column), self.place)
            elif column.name == "created_by_id":
                yield column.name, self.holder.person.id
            elif entity and entity.published and column.name == entity.state:
                yield column.name, SPENT.get(table.name, min(entity.published))
            elif _is_left_out(column, told):
                continue
            elif column.foreign_keys or column.name in UNBOUND:
                yield column.name, self.row(_target(column))
            else:
                yield column.name, _plausible(column)


def _target(column: Column[Any]) -> str:
    return next((key.column.table.name for key in column.foreign_keys), None) or UNBOUND[column.name]


UNBOUND = {"department_id": "department", "team_id": "team"}
"""What these name, also where no foreign key says so."""


def _is_left_out(column: Column[Any], told: set[str | None]) -> bool:
    """The database numbers rows by itself; what need not be there is not."""
    if column.primary_key:
        return not (column.foreign_keys or column.table.name == "audit_entry")
    return bool(column.nullable) and column.name not in told | {"department_id"}


def _plausible(column: Column[Any]) -> Any:
    number = next(_numbers)
    if str(column) in KNOWN:
        return KNOWN[str(column)]
    if str(column) == "audit_entry.id":
        return BEYOND_THE_CHAIN + number
    if column.name == "month":
        month = next(_months)
        return f"{2000 + month // 12:04}-{month % 12 + 1:02}"
    if column.default is not None:
        return column.default.arg(None) if column.default.is_callable else column.default.arg
    return _by_kind(column, number)


def _by_kind(column: Column[Any], number: int) -> Any:
    kind = getattr(column.type, "impl_instance", column.type)
    if isinstance(column.type, Choice):
        return next(iter(column.type.choices))
    if isinstance(kind, JSON) and column.name in {"rules", "strata", "sample", "recipients"}:
        return []
    differing: Mapping[type, Any] = {
        Integer: number,
        Date: any_record.DAY + timedelta(days=number),
        DateTime: any_record.MOMENT + timedelta(minutes=number),
    }
    found = next((value for base, value in differing.items() if isinstance(kind, base)), None)
    return found if found is not None and _is_unique(column) else any_record._plausible(column)


def _is_unique(column: Column[Any]) -> bool:
    parts = [*column.table.constraints, *column.table.indexes]
    return any(
        column.name in part.columns for part in parts if getattr(part, "unique", True) and hasattr(part, "columns")
    )


_numbers, _months = itertools.count(1000), itertools.count()
