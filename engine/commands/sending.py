"""`flask sending`: whether messages leave the house, and how to stop and release them."""

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select

from engine.acting import SYSTEM, Door, acting
from engine.database import db, only_reading
from engine.notices.pausing import pause_of, pause_sending, release_sending
from models.notification import Delivery, DeliveryState, PauseReason
from models.words import _


@click.group(invoke_without_command=True)
@click.pass_context
@with_appcontext
def sending(context: click.Context) -> None:
    """Say whether mail and group messages leave; `pause` and `release` stop them and let them go."""
    if context.invoked_subcommand is None:
        _say_state()


@sending.command()
@click.option("--note", default="", help="Why, for whoever reads the page.")
@with_appcontext
def pause(note: str) -> None:
    """Hold back everything that would leave, until it is released."""
    with acting(SYSTEM, Door.COMMAND):
        pause_sending(db.session(), PauseReason.BY_HAND, note)
        db.session.commit()
    _say_state()


@sending.command()
@click.option("--leave-out", is_flag=True, help="Do not send what waits now: it may have been sent before.")
@with_appcontext
def release(leave_out: bool) -> None:  # noqa: FBT001 click passes options by name
    """Let messages leave again."""
    with acting(SYSTEM, Door.COMMAND):
        left = release_sending(db.session(), leave_out=leave_out)
        db.session.commit()
    if left:
        click.echo(_("%(count)s messages were left out.", count=left))
    _say_state()


def _say_state() -> None:
    with only_reading():
        session = db.session()
        waiting = session.scalar(select(func.count(Delivery.id)).where(Delivery.state == DeliveryState.PENDING)) or 0
        pause = pause_of(session)
    if pause is None:
        click.echo(_("Messages leave; %(waiting)s wait for their moment.", waiting=waiting))
        return
    since = f"{pause.since:%Y-%m-%d %H:%M} UTC"
    why = f"{pause.reason.label} {pause.note}".strip()
    click.echo(_("Sending is paused since %(since)s: %(why)s", since=since, why=why))
    click.echo(_("%(waiting)s messages wait. Release them with `flask sending release`.", waiting=waiting))
