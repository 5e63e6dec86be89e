"""Where long work is done, whoever brought it: a thread of this process, or the queue's worker.

A thread beside the work renews the leases of everything under way. When the process dies they run out.
"""

import logging
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from flask import Flask
from sqlalchemy.exc import OperationalError

from engine import clock
from engine.acting import SYSTEM, Door, acting, tied_to
from engine.database import db, only_reading
from engine.jobs.claiming import LEASE, Claimed, claim, is_due, renew
from engine.jobs.running import work_on
from engine.registry import registry
from models.job import Lane

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)


class Bench:
    """Does one piece of work at a time in each thread that calls it. Use as a context: it renews leases inside."""

    def __init__(self, app: Flask) -> None:
        """`app` is made by `create_app`."""
        self._app = app
        self._stopping = threading.Event()
        self._held: dict[str, datetime] = {}
        self._guard = threading.Lock()
        self._renewing = threading.Thread(target=self._renew, name="leases", daemon=True)

    def __enter__(self) -> Self:
        """Begin to renew."""
        self._renewing.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Renew no more: what is still under way is another worker's soon."""
        self.stop()

    def stop(self) -> None:
        """Begin nothing more, and ask what is under way to stop at its next commit."""
        self._stopping.set()

    @property
    def goes_on(self) -> bool:
        """Whether nobody has said stop."""
        return not self._stopping.is_set()

    def wait(self, seconds: float) -> None:
        """Rest, unless somebody says stop."""
        self._stopping.wait(seconds)

    def do_next(self, lanes: Collection[Lane]) -> bool:
        """Do the piece that is due first; whether there was one."""
        with self._app.app_context(), acting(SYSTEM, Door.SCHEDULER):
            with only_reading():
                found = is_due(db.session(), lanes, clock.now())
                db.session.rollback()
            return found and self._do(lanes, None)

    def do(self, job_id: int) -> bool:
        """Do this one piece, unless it is done, not due or in other hands; whether it was done here."""
        with self._app.app_context(), acting(SYSTEM, Door.SCHEDULER):
            return self._do(tuple(Lane), job_id)

    def _do(self, lanes: Collection[Lane], job_id: int | None) -> bool:
        session = db.session()
        claimed = claim(session, lanes, clock.now(), job_id)
        session.commit()
        if claimed is None or not self.goes_on:
            return False
        with self._kept(claimed), tied_to(claimed.request_id):
            started = clock.now()
            work_on(session, claimed, lambda: self.goes_on)
            seconds = (clock.now() - started).total_seconds()
            log.info("task %s", claimed.task, extra={"job": claimed.id, "seconds": round(seconds, 3)})
        return True

    @contextmanager
    def _kept(self, claimed: Claimed) -> Iterator[None]:
        """Renew the lease inside the block, but no longer than the task may take: it is held to be stuck then."""
        task = registry.tasks.get(claimed.task)
        with self._guard:
            self._held[claimed.holder] = claimed.at + (task.longest if task else LEASE)
        try:
            yield
        finally:
            with self._guard:
                del self._held[claimed.holder]

    def _renew(self) -> None:
        """Ends with the process: what runs on after `stop` keeps its lease until it has come to its commit."""
        while True:
            threading.Event().wait(LEASE.total_seconds() / 3)
            now = clock.now()
            with self._guard:
                held = sorted(holder for holder, until in self._held.items() if now < until)
            if not held and not self.goes_on:
                return
            if held:
                self._renew_these(held)

    def _renew_these(self, held: list[str]) -> None:
        try:
            with self._app.app_context(), acting(SYSTEM, Door.SCHEDULER):
                renew(db.session(), held, clock.now())
                db.session.commit()
        except OperationalError:
            log.warning("leases could not be renewed: the database is busy or away")
