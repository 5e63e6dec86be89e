"""What the ticker calls: the sweep, the outboxes, the queue's lost messages, files; each in a thread of its own.

Nothing here takes long or waits for another machine: what does is asked for as long work.
"""

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flask import Flask

from engine import attachments, clock, prepared
from engine.acting import SYSTEM, Door, acting
from engine.backup import scheduling
from engine.commands.installation import migrations, place_here, plan_of
from engine.database import db, only_reading
from engine.jobs.tending import forget_old
from engine.statistics import renew_now_and_then
from engine.sweep import sweep
from server import queue, sending

if TYPE_CHECKING:
    from engine.config import Settings


class DueWork:
    """The pieces of work by name. After `stop()` each ends with the batch that is under way."""

    def __init__(self, app: Flask) -> None:
        """`app` is made by `create_app`."""
        self._app = app
        self._settings: Settings = app.config["DUTYBOOK"]
        self._stopping = threading.Event()

    def works(self) -> Mapping[str, Callable[[], object]]:
        """What to call every few seconds."""
        works: dict[str, Callable[[], object]] = {"sweep": self.sweep, "send": self.send, "tidy": self.tidy}
        if not self._settings.demo:
            works["backups"] = self.back_up
        if self._settings.jobs == "queue":
            works["queue"] = self.announce
        return works

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping.set()

    def sweep(self) -> None:
        """Do what has become due."""
        with self._app.app_context():
            sweep(db.session(), go_on=self._goes_on)
        self.show_life()

    def send(self) -> None:
        """Have what waits to leave sent."""
        with self._app.app_context(), acting(SYSTEM, Door.SCHEDULER):
            sending.ask_for_due(db.session(), clock.now())
            db.session.commit()

    def back_up(self) -> None:
        """Make the backup that is due, and the drill. In a thread of its own it may take its time."""
        with self._app.app_context(), acting(SYSTEM, Door.SCHEDULER):
            scheduling.tick(db.session(), plan_of(self._settings), place_here(), migrations)
            db.session.rollback()

    def announce(self) -> None:
        """Tell the queue again of due work that nobody has taken up."""
        with self._app.app_context(), acting(SYSTEM, Door.SCHEDULER):
            queue.carry_what_lies(db.session(), clock.now())
            db.session.commit()

    def tidy(self) -> None:
        """Remove attachments that no record names (a process ended between file and commit), and rows long over."""
        with self._app.app_context():
            renew_now_and_then(db.engine)
            with only_reading():
                attachments.sweep(db.session(), self._settings.instance_dir / "attachments")
                db.session.rollback()
            with acting(SYSTEM, Door.SCHEDULER):
                forget_old(db.session(), clock.now())
                prepared.forget_old(db.session(), clock.now())
                db.session.commit()

    def show_life(self) -> None:
        """Touch the file that a supervisor watches, where the settings name one."""
        if self._settings.alive_file:
            self._settings.alive_file.touch()

    def _goes_on(self) -> bool:
        return not self._stopping.is_set()
