"""`flask packs …`: policy packs and the values that a department runs by."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import SYSTEM, Door, acting
from engine.circumstances import today_in
from engine.commands.adopt import department_of
from engine.commands.people import DATE, department_option, json_option
from engine.commands.saying import refusals_said, say
from engine.database import db
from engine.packs import adoption, parameters
from engine.packs.loader import load_pack, load_packs
from models.policy import Adoption
from models.words import _


@click.group()
def packs() -> None:
    """Policy packs and the values in force."""


@packs.command("list")
@department_option
@json_option
@with_appcontext
def list_packs(department_id: int | None, *, as_json: bool) -> None:
    """List the packs that come with Dutybook, and which of them the department has adopted."""
    session = db.session()
    with acting(SYSTEM, Door.COMMAND), refusals_said(session):
        department = department_of(session, department_id)
        query = select(Adoption).where(Adoption.department_id == department.id)
        held = {adopted.pack: adopted for adopted in session.scalars(query)}
        for code, pack in load_packs().items():
            mine = held.get(code)
            said = {"pack": code, "version": pack.version, "clauses": len(pack.clauses)}
            said |= {"adopted": mine.pack_version if mine else None, "rank": mine.rank if mine else None}
            state = f"{mine.pack_version} (rank {mine.rank})" if mine else "-"
            say(f"{code:<4} {pack.version:<8} {len(pack.clauses):>4} clauses  {state}", said, as_json=as_json)


@packs.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def check(file: Path) -> None:
    """Read a pack's FILE and name every fault with its line. Exit code 1 when there is one. Writes nothing."""
    with refusals_said():
        pack = load_pack(file)
    click.echo(
        _(
            "%(file)s: pack %(pack)s, version %(version)s, %(clauses)s clauses, no fault.",
            file=file.name,
            pack=pack.code,
            version=pack.version,
            clauses=len(pack.clauses),
        )
    )


@packs.command()
@click.argument("name", required=False)
@click.option("--on", "on", type=DATE, help="In force on that day. Default: today.")
@click.option("--history", is_flag=True, help="Every value that NAME ever had.")
@department_option
@json_option
@with_appcontext
def values(name: str | None, on: datetime | None, department_id: int | None, *, history: bool, as_json: bool) -> None:
    """List the values in force, or those whose name begins with NAME."""
    session = db.session()
    with acting(SYSTEM, Door.COMMAND), refusals_said(session):
        number = department_of(session, department_id).id
        day = on.date() if on else today_in(session, number)
        for known in parameters.known(session, number):
            if known.startswith(name or ""):
                for value in _values(session, number, known, day, history=history):
                    _say_value(value, as_json=as_json)


def _values(session: Session, number: int, name: str, day: date, *, history: bool) -> list[parameters.InForce]:
    if history:
        return list(parameters.history(session, number, name))
    return [parameters.in_force(session, number, name, day)]


def _say_value(value: parameters.InForce, *, as_json: bool) -> None:
    said = {"name": value.name, "clause": value.clause, "value": value.value, "from": value.valid_from.isoformat()}
    said |= {"pack": value.pack, "reason": value.reason}
    written = json.dumps(value.value, ensure_ascii=False)
    say(f"{value.name} = {written}  ({value.clause}, {value.pack or '*'}, {value.valid_from})", said, as_json=as_json)


@packs.command("set")
@click.argument("name")
@click.argument("value")
@click.option("--from", "valid_from", type=DATE, help="First day in force. Default: today.")
@click.option("--because", required=True, help="The reason, as the history keeps it.")
@department_option
@with_appcontext
def set_value(name: str, value: str, valid_from: datetime | None, because: str, department_id: int | None) -> None:
    """Let the parameter NAME have VALUE (JSON: 80, "18:00", [1, 2]) from a day on."""
    session = db.session()
    with acting(SYSTEM, Door.COMMAND), refusals_said(session):
        number = department_of(session, department_id).id
        day = valid_from.date() if valid_from else today_in(session, number)
        adoption.set_value(session, number, name, _read(value), day, because)
        session.commit()
    click.echo(_("%(name)s is %(value)s from %(day)s on.", name=name, value=value, day=day))


def _read(text: str) -> Any:  # noqa: ANN401 numbers, tables, lists
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise click.BadParameter(
            str(_('VALUE is written as JSON, such as 80, "18:00" or [1, 2].')), param_hint="VALUE"
        ) from error
