"""`flask adopt`: take a policy pack into a department."""

from datetime import date, datetime

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.acting import SYSTEM, Door, acting
from engine.circumstances import today_in
from engine.commands.saying import refusals_said
from engine.database import db
from engine.packs import adoption
from models.organisation import Department
from models.policy import Adoption, ParameterValue
from models.words import _


@click.command()
@click.argument("pack")
@click.option("--department", "department_id", type=int, help="Its id; not needed where there is one department.")
@click.option("--rank", type=int, help="Of two packs that set a value the higher rank wins. Default: above the others.")
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="First day in force. Default: today.")
@with_appcontext
def adopt(pack: str, department_id: int | None, rank: int | None, valid_from: datetime | None) -> None:
    """Adopt PACK (B, C, D, I, Q or a department's own) from a day on, or its newer version."""
    session = db.session()
    with acting(SYSTEM, Door.COMMAND), refusals_said(session):
        department = department_of(session, department_id)
        day = valid_from.date() if valid_from else today_in(session, department.id)
        adopted = adoption.adopt(session, department, pack, rank=_rank(session, department, pack, rank), valid_from=day)
        number = _values(session, department, adopted, day)
        session.commit()
    click.echo(
        _(
            "%(department)s runs by pack %(pack)s, version %(version)s, from %(day)s: %(number)s values.",
            department=department.name,
            pack=pack,
            version=adopted.pack_version,
            day=day,
            number=number,
        )
    )


def department_of(session: Session, department_id: int | None) -> Department:
    """The department of that id, or the only one there is."""
    if department_id is not None:
        found = session.get(Department, department_id)
        if found is None:
            raise click.ClickException(str(_("There is no department %(id)s.", id=department_id)))
        return found
    all_of_them = session.scalars(select(Department).limit(2)).all()
    if len(all_of_them) != 1:
        raise click.ClickException(str(_("Say which department with --department: there is none yet, or several.")))
    return all_of_them[0]


def _rank(session: Session, department: Department, pack: str, rank: int | None) -> int:
    """An adopted pack keeps its rank; another comes above those that are there."""
    if rank is not None:
        return rank
    held = dict(
        session.execute(select(Adoption.pack, Adoption.rank).where(Adoption.department_id == department.id)).all()
    )
    return held.get(pack, max(held.values(), default=0) + 1)


def _values(session: Session, department: Department, adopted: Adoption, day: date) -> int:
    rows = select(func.count()).select_from(ParameterValue)
    return (
        session.scalar(
            rows.where(
                ParameterValue.department_id == department.id,
                ParameterValue.pack == adopted.pack,
                ParameterValue.pack_version == adopted.pack_version,
                ParameterValue.valid_from == day,
            )
        )
        or 0
    )
