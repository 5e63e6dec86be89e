"""`flask prepare` and `flask serve`."""

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_babel import force_locale

from engine.accounts.setup import setup_secret
from engine.config import Settings, StartUpError
from engine.database import db
from engine.secret_files import Problem
from models.words import Words, _
from server.due import DueWork
from server.migration import to_head
from server.ticker import Ticker
from server.web import web_server

GRACE = 20.0
"""Seconds that running work gets to end after a signal. Everything is one transaction, so what is cut off is undone."""


def init_app(app: Flask) -> None:
    """Add the commands to an application made by `create_app`."""
    app.cli.add_command(prepare)
    app.cli.add_command(serve)


@click.command()
@with_appcontext
def prepare() -> None:
    """Check the settings, make missing keys, bring the database to the newest revision."""
    with force_locale(terminal_language(os.environ)):
        _prepare(_application())


@click.command()
@with_appcontext
def serve() -> None:
    """Prepare, then run the web server and the ticker until a signal comes."""
    with force_locale(terminal_language(os.environ)):
        _serve(_application())


def terminal_language(environment: Mapping[str, str]) -> str:
    """Return the locale of whoever reads the terminal, as the usual variables tell it."""
    named = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh_Hans_CN" if named.startswith("zh") else "en"


def _serve(app: Flask) -> None:
    settings: Settings = app.config["DUTYBOOK"]
    if app.debug:
        raise StartUpError([Problem("D013", _("Debug mode shows the inside of the program: unset FLASK_DEBUG."))])
    _prepare(app)
    server = web_server(app, settings)
    due = DueWork(app)
    ticker = Ticker(due.works(), settings.tick_seconds) if settings.scheduler else None
    if ticker:
        ticker.start()
    with suppress(KeyboardInterrupt):
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, _interrupt)
        _say_setup_key(app, settings)
        _say(_("Dutybook is at %(address)s (Ctrl-C stops it)", address=settings.public_url))
        server.run()
    _say(_("Stopping: work under way may end."))
    server.close()
    due.stop()
    if ticker and not ticker.stop(within=GRACE):
        # The interpreter would wait for the thread for ever; what it has not committed is undone.
        os._exit(1)


def _prepare(app: Flask) -> None:
    # Database, log beside it, attachments: whatever this process makes is its owner's alone.
    os.umask(0o077)
    settings: Settings = app.config["DUTYBOOK"]
    if settings.sqlite_file:
        settings.sqlite_file.touch(mode=0o600)
        settings.sqlite_file.chmod(0o600)
    if not to_head(app, _say):
        _say(_("Database: up to date"))


def _say_setup_key(app: Flask, settings: Settings) -> None:
    """Whoever sees this terminal, and nobody else, may set an empty installation up."""
    with app.app_context():
        key = setup_secret(db.session(), settings.instance_dir)
    if key is not None:
        page = f"{settings.public_url}/setup"
        words = _(
            "There is no department yet. Make it at %(address)s with this set-up key: %(key)s", address=page, key=key
        )
        _say(words)


def _interrupt(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 the signature is Python's
    """Let the server's loop end; the same signal again ends the process at once."""
    signal.signal(signum, signal.SIG_DFL)
    raise KeyboardInterrupt


def _say(words: Words) -> None:
    click.echo(f"==> {words}")


def _application() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001 the documented way past the proxy
