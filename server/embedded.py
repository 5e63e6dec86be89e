"""Long work done by threads of this process, straight from its rows: one machine needs no queue beside the database."""

import logging
import threading
import time

from flask import Flask
from sqlalchemy.exc import OperationalError

from models.job import Lane
from server.bench import Bench

IDLE = 1.0
"""Seconds between two looks when nothing was due."""

log = logging.getLogger(__name__)


class Embedded:
    """One thread for quick work, `threads` more for everything: minutes of import never hold up a mail."""

    def __init__(self, app: Flask, threads: int) -> None:
        """Nothing runs yet. `app` is made by `create_app`."""
        self._bench = Bench(app)
        lanes = [(Lane.QUICK,), *[tuple(Lane)] * threads]
        self._threads = [
            threading.Thread(target=self._work, args=(wanted,), name=f"work-{number}", daemon=True)
            for number, wanted in enumerate(lanes)
        ]

    def start(self) -> None:
        """Begin to look for work."""
        self._bench.__enter__()
        for thread in self._threads:
            thread.start()

    def stop(self, within: float) -> bool:
        """Begin nothing more and wait up to `within` seconds for what runs. Answers whether all of it ended."""
        self._bench.stop()
        until = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self, lanes: tuple[Lane, ...]) -> None:
        while self._bench.goes_on:
            if not self._step(lanes):
                self._bench.wait(IDLE)

    def _step(self, lanes: tuple[Lane, ...]) -> bool:
        try:
            return self._bench.do_next(lanes)
        except OperationalError:
            log.info("the database is busy or away; looking for work again soon")
        except Exception:
            # A worker that ends because of one row would leave all others undone.
            log.exception("a worker failed outside of a task")
        return False
