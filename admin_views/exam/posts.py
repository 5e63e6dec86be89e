"""Who may stand on which channel on a day, and why not: the one answer of engine/on_post.py, cell by cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from admin_views.base.page import clause_address
from admin_views.links import address, list_address, record_address
from admin_views.pages import Page
from engine.acting import current_act
from engine.answers import Impediment
from engine.circumstances import today_in
from engine.database import db
from engine.on_post import impediments
from engine.permissions import Scope, matrix
from models.organisation import Channel, Staff, StaffStatus, Team

SHOWN = (StaffStatus.TRAINEE, StaffStatus.ON_POST, StaffStatus.SUSPENDED)
WHERE_TO_GO = {"exam_result": "exam_sitting"}
"""Where the records are by which an impediment is settled, when they are not those that it is named after."""


@dataclass(frozen=True)
class Reason:
    """Why somebody may not stand there, and where it can be settled."""

    text: str
    clause: str
    clause_url: str | None
    url: str | None


@dataclass(frozen=True)
class Row:
    """A person and, for each channel of the team, what speaks against it; nothing: they may stand there."""

    person: Staff
    general: Sequence[Reason]
    cells: Sequence[Sequence[Reason]]

    @property
    def is_free(self) -> bool:
        """Whether nothing keeps them from any channel."""
        return not self.general and not any(self.cells)


@dataclass(frozen=True)
class TeamTable:
    """A team with its channels and people."""

    team: Team | None
    channels: Sequence[Channel]
    rows: list[Row] = field(default_factory=list)

    @property
    def free(self) -> int:
        """How many may stand on every channel."""
        return sum(row.is_free for row in self.rows)


class OnPost(Page):
    """People by channels, team by team; for whoever leads nobody, their own line."""

    needs = ("enrolment", "read")
    icon = "user-check"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The day's standing; another day by `?day=`."""
        today = today_in(db.session(), current_act().actor.department_id)
        day = _day(today)
        tables = tables_of(day)
        return self.render(
            "exam/on_post.html",
            tables=tables,
            day=day,
            today=today,
            own=_reach() is Scope.OWN,
            only="only" in request.args,
        )


def _day(today: date) -> date:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today


def _reach() -> Scope:
    """How far the reader sees: as far as they see enrolments."""
    return matrix.scope(current_act().actor, "enrolment", "read") or Scope.OWN


def _in_reach() -> list[ColumnElement[bool]]:
    actor, reach = current_act().actor, _reach()
    if reach is Scope.OWN:
        return [Staff.id == actor.staff_id]
    if reach is Scope.TEAM:
        return [(Staff.id == actor.staff_id) | Staff.team_id.in_(sorted(actor.team_ids))]
    return [] if reach is Scope.ALL else [Staff.department_id == actor.department_id]


def tables_of(day: date) -> list[TeamTable]:
    """Everybody in reach who works in a team; for whoever leads nobody, their own line."""
    wanted = [Staff.status.in_(SHOWN), *_in_reach()]
    people = db.session.scalars(
        select(Staff)
        .where(*wanted)
        .options(joinedload(Staff.team).selectinload(Team.channels))
        .order_by(Staff.team_id, Staff.number)
    ).all()
    alone = _reach() is Scope.OWN
    shown = [person for person in people if person.team is not None or alone]
    found = impediments(db.session(), shown, day)
    tables: dict[int | None, TeamTable] = {}
    for person in shown:
        channels = sorted(
            (each for each in person.team.channels if each.active) if person.team else (), key=lambda each: each.code
        )
        table = tables.setdefault(person.team_id, TeamTable(person.team, channels))
        table.rows.append(_row(person, table.channels, found.get(person.id, ())))
    return list(tables.values())


def _row(person: Staff, channels: Sequence[Channel], against: Sequence[Impediment]) -> Row:
    general = [reason_of(each) for each in against if each.channel_id is None]
    cells = [[reason_of(each) for each in against if each.channel_id == channel.id] for channel in channels]
    return Row(person, general, cells)


def reason_of(impediment: Impediment) -> Reason:
    """The sentence in the reader's language, with its clause and the way to what settles it."""
    values: Mapping[str, object] = impediment.values
    text = str(impediment.says) % dict(values) if values else str(impediment.says)
    table = impediment.name.partition(".")[0]
    url = _own_way(impediment) or _way(WHERE_TO_GO.get(table, table), impediment.person_id)
    return Reason(text, impediment.clause, clause_address(impediment.clause), url)


def _way(table: str, person: int) -> str | None:
    """To the person themselves, or to their rows of what has to be settled."""
    return record_address(table, person) if table == "staff" else list_address(table, flt_staff_id=person)


def _own_way(impediment: Impediment) -> str | None:
    """Candidates go to their own exams."""
    is_own = impediment.person_id == current_act().actor.staff_id
    return address("my_exams.index") if is_own and impediment.name.startswith("exam_result.") else None
