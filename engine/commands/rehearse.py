"""`flask rehearse`: what the coming weeks would bring if nobody did anything. Writes nothing."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Door, acting, seeing_all
from engine.circumstances import zone_of
from engine.commands.people import json_option
from engine.commands.saying import refusals_said, say
from engine.database import db
from engine.rehearsal import Planned
from engine.rehearsal import rehearse as foresee
from models.organisation import Staff


@click.command()
@click.option("--days", type=click.IntRange(1, 366), default=31, show_default=True, help="How far to look.")
@json_option
@with_appcontext
def rehearse(days: int, *, as_json: bool) -> None:
    """List what opens, is reminded of, escalates and falls overdue in the coming days, and who would be told."""
    session = db.session()
    with acting(SYSTEM, Door.COMMAND), refusals_said(session):
        planned = foresee(db.session.session_factory, clock.now() + timedelta(days=days))
        names = _names(session, {person for each in planned for person in each.told})
        for each in planned:
            _say(session, each, names, as_json=as_json)


def _names(session: Session, people: set[int]) -> dict[int, str]:
    with seeing_all():
        return dict(session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(people))).all())


def _say(session: Session, each: Planned, names: dict[int, str], *, as_json: bool) -> None:
    here = ZoneInfo(zone_of(session, each.department_id))
    at, due = each.at.astimezone(here), each.due_at.astimezone(here)
    told = [names[person] for person in each.told if person in names]
    said: dict[str, Any] = {"at": at.isoformat(), "step": each.step.value, "duty": each.duty, "clause": each.clause}
    said |= {"title": each.title, "due_at": due.isoformat(), "told": told}
    line = f"{at:%Y-%m-%d %H:%M}  {each.step.label}  {each.label} · {each.title}  ({each.clause}, {due:%Y-%m-%d %H:%M})"
    say(f"{line}  → {', '.join(told)}" if told else line, said, as_json=as_json)
