"""How processes are started: `flask prepare`, `serve` on one machine; `web`, `scheduler` and `worker` on many."""

import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_babel import force_locale

from engine.accounts.setup import setup_secret
from engine.acting import SYSTEM, Door, acting
from engine.commands.terminal import terminal_language
from engine.config import Settings, StartUpError
from engine.database import db
from engine.search.rebuilding import catch_up
from engine.secret_files import Problem
from engine.statistics import renew
from models.words import Words, _
from server import health, logs, queue
from server.due import DueWork
from server.embedded import Embedded
from server.migration import is_at_head, to_head
from server.own_keys import refuse_other_keys
from server.ticker import Ticker
from server.web import web_server

GRACE = 20.0
"""Seconds that running work gets to end after a signal. What is not committed by then is undone and done again."""
GUNICORN = Path(__file__).parents[1] / "gunicorn.conf.py"


def init_app(app: Flask) -> None:
    """Add the commands to an application made by `create_app`."""
    for command in (prepare, serve, web, scheduler, worker):
        app.cli.add_command(command)


@click.command()
@with_appcontext
def prepare() -> None:
    """Check the settings, make missing keys, bring the database to the newest revision."""
    _in_own_words(_prepare)


@click.command()
@with_appcontext
def serve() -> None:
    """Everything in one process: prepare, then web server, ticker and long work until a signal comes."""
    _in_own_words(_serve)


@click.command()
@with_appcontext
def web() -> None:
    """Web processes alone (gunicorn). Any number, on any number of machines, beside a scheduler."""
    _in_own_words(_web)


@click.command()
@with_appcontext
def scheduler() -> None:
    """The ticker alone; with embedded work, that too. Any number: a second one takes over when the first is gone."""
    _in_own_words(_scheduler)


@click.command()
@with_appcontext
def worker() -> None:
    """Long work alone, as the queue tells it (DUTYBOOK_JOBS=queue). Any number, on any number of machines."""
    _in_own_words(_worker)


def _in_own_words(start: Callable[[Flask, Settings], None]) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 the documented way past the proxy
    # Database, log beside it, attachments: whatever this process makes is its owner's alone.
    os.umask(0o077)
    # The application lives as long as the process: a large file took a quarter longer while it was looked through.
    gc.freeze()
    with force_locale(terminal_language(os.environ)):
        start(app, app.config["DUTYBOOK"])


def _prepare(app: Flask, settings: Settings) -> None:
    if settings.sqlite_file:
        settings.sqlite_file.touch(mode=0o600)
        settings.sqlite_file.chmod(0o600)
    steps = to_head(app, _say)
    with acting(SYSTEM, Door.COMMAND):
        steps += catch_up(db.session())
    renew(db.engine)
    if settings.jobs == "queue":
        steps += queue.prepare(db.engine)
    refuse_other_keys(db.session(), settings)
    if not steps:
        _say(_("Database: up to date"))


def _serve(app: Flask, settings: Settings) -> None:
    _refuse_debug(app)
    _prepare(app, settings)
    logs.to_standard_error(settings)
    server = web_server(app, settings)
    background = Background(app, settings) if settings.scheduler else None
    app.extensions[health.TICKS_HERE] = background is not None
    if background:
        background.start()
    with suppress(KeyboardInterrupt):
        _interrupted_by_signals()
        _say_setup_key(app, settings)
        _say(_("Dutybook is at %(address)s (Ctrl-C stops it)", address=settings.public_url))
        server.run()
    _say(_("Stopping: work under way may end."))
    server.close()
    if background and not background.stop():
        _leave()


def _web(app: Flask, settings: Settings) -> None:
    """Gunicorn takes this process over: it starts, watches and replaces the others."""
    _refuse_debug(app)
    _refuse_unprepared(app)
    _say_setup_key(app, settings)
    db.engine.dispose()
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "--config", str(GUNICORN)])  # noqa: S606 our own server in our own place


def _scheduler(app: Flask, settings: Settings) -> None:
    _refuse_debug(app)
    _refuse_unprepared(app)
    logs.to_standard_error(settings)
    background = Background(app, settings)
    background.start()
    with suppress(KeyboardInterrupt):
        _interrupted_by_signals()
        _say(_("The scheduler is at work (Ctrl-C stops it)"))
        while True:
            signal.pause()
    _say(_("Stopping: work under way may end."))
    if not background.stop():
        _leave()


def _worker(app: Flask, settings: Settings) -> None:
    _refuse_debug(app)
    if settings.jobs != "queue":
        sentence = _(
            "`flask worker` is told by the queue: set DUTYBOOK_JOBS=queue here, for the web and the scheduler."
        )
        raise StartUpError([Problem("D025", sentence)])
    _refuse_unprepared(app)
    logs.to_standard_error(settings)
    _say(_("The worker is at work (Ctrl-C stops it)"))
    at_work = queue.QueueWorker(app, DueWork(app).show_life)
    if not at_work.run(GRACE):
        _leave()
    _say(_("Stopped."))


class Background:
    """The ticker, and beside it the threads that do long work unless a queue brings it to others."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        """Nothing runs yet."""
        self._due = DueWork(app)
        self._ticker = Ticker(self._due.works(), settings.tick_seconds)
        self._embedded = Embedded(app, settings.job_threads) if settings.jobs == "embedded" else None

    def start(self) -> None:
        """Begin."""
        self._ticker.start()
        if self._embedded:
            self._embedded.start()

    def stop(self) -> bool:
        """Begin nothing more, give what runs its grace. Answers whether all of it ended."""
        self._due.stop()
        rested = self._embedded.stop(within=GRACE) if self._embedded else True
        return self._ticker.stop(within=GRACE) and rested


def _refuse_debug(app: Flask) -> None:
    if app.debug:
        raise StartUpError([Problem("D013", _("Debug mode shows the inside of the program: unset FLASK_DEBUG."))])


def _refuse_unprepared(app: Flask) -> None:
    """Of many processes none changes the schema: `flask prepare` does, once, before they start."""
    if not is_at_head(app):
        raise StartUpError([Problem("D043", _("The database is not at this program's revision: run `flask prepare`."))])
    refuse_other_keys(db.session(), app.config["DUTYBOOK"])


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


def _interrupted_by_signals() -> None:
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, _interrupt)


def _interrupt(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 the signature is Python's
    """Let the server's loop end; the same signal again ends the process at once."""
    signal.signal(signum, signal.SIG_DFL)
    raise KeyboardInterrupt


def _leave() -> None:
    """The interpreter would wait for the threads for ever; what they have not committed is undone and done again."""
    os._exit(1)


def _say(words: Words) -> None:
    click.echo(f"==> {words}")
