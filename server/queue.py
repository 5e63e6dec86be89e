"""procrastinate as the carrier of long work: a row is written, and in the same transaction a message says "look at it".

The row is the truth. A message that comes twice finds the row done or in other hands; one that is lost (a worker died,
an installation came from embedded work) is sent again by the scheduler. So messages need no retry, lock or end of
their own and are deleted as soon as they were looked at.
"""

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status
from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session

from engine.config import Settings
from engine.jobs.carrying import Carriage, Turn, turn_name
from engine.jobs.tending import lying
from models.job import Lane
from server.bench import Bench
from server.migration import LOCK
from server.queue_schema import bring_up

TASK = "dutybook.look"
GRACE = timedelta(seconds=15)
"""How long a due row may lie before the scheduler sends its message again."""
STALLED = 30.0
"""Seconds without a sign of life after which a worker counts as dead; its messages go, its rows are sent again."""

WAITS = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :name AND status = 'todo'")


def init_app(app: Flask) -> None:
    """Have rows announced to the queue, where the settings say so."""
    settings: Settings = app.config["DUTYBOOK"]
    if settings.jobs == "queue":
        messages = queue_of(settings)
        Carriage.carry = staticmethod(lambda session, turn: carry(messages, session, turn))
    else:
        Carriage.carry = staticmethod(Carriage.nobody)


def prepare(engine: Engine) -> int:
    """Bring the queue's own tables up to date, one process at a time; how many steps that took."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        return bring_up(connection)


def queue_of(settings: Settings) -> App:
    """The queue on the installation's own database; not connected yet."""
    address = make_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return App(connector=PsycopgConnector(conninfo=address, min_size=1, max_size=4))


def carry(messages: App, session: Session, turn: Turn) -> None:
    """Send the message of a turn on the connection of the transaction that writes the row."""
    raw: Any = session.connection().connection.driver_connection
    configured = messages.configure_task(
        TASK, queue=turn.lane, schedule_at=turn.at, queueing_lock=turn.name, connection=raw
    )
    configured.defer(job_id=turn.job_id)


def carry_what_lies(session: Session, now: datetime) -> int:
    """Announce due rows of which nobody seems to know any more; how many. The caller commits."""
    sent = 0
    for job in lying(session, now, GRACE):
        turn = Turn(job.id, job.lane, now, turn_name(job.id, job.asked, job.attempts))
        if session.connection().execute(WAITS, {"name": turn.name}).first() is None:
            sent += _carry_apart(session, turn)
    return sent


def _carry_apart(session: Session, turn: Turn) -> int:
    """Another scheduler may send the same message at this moment; that must not spoil the transaction."""
    try:
        with session.connection().begin_nested():
            Carriage.carry(session, turn)
    except AlreadyEnqueued:
        return 0
    return 1


class QueueWorker:
    """Looks at rows as messages tell it to, until a signal comes: quick work never waits behind long work."""

    def __init__(self, app: Flask, alive: Callable[[], None]) -> None:
        """`alive` is called every few seconds while the worker is well."""
        settings: Settings = app.config["DUTYBOOK"]
        self._threads = settings.job_threads
        self._messages = queue_of(settings)
        self._bench = Bench(app)
        self._alive = alive
        self._messages.task(name=TASK)(self._look)

    def run(self, grace: float) -> bool:
        """Work until SIGTERM or SIGINT, then give what runs `grace` seconds. Answers whether all of it ended."""
        with self._bench:
            return asyncio.run(self._run(grace))

    def _look(self, job_id: int) -> None:
        self._bench.do(job_id)

    async def _run(self, grace: float) -> bool:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self._threads + 2, thread_name_prefix="work"))
        stop = asyncio.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stop.set)
        async with self._messages.open_async():
            lanes = [([Lane.QUICK.value], 1), ([lane.value for lane in Lane], self._threads)]
            workers = [asyncio.create_task(self._work(queues, threads)) for queues, threads in lanes]
            tending = asyncio.create_task(self._tend())
            await _first(*workers, tending, asyncio.create_task(stop.wait()))
            self._bench.stop()
            tending.cancel()
            for worker in workers:
                worker.cancel()
            _ended, running = await asyncio.wait(workers, timeout=grace)
            return not running

    async def _work(self, queues: list[str], threads: int) -> None:
        await self._messages.run_worker_async(
            queues=queues,
            concurrency=threads,
            install_signal_handlers=False,
            delete_jobs="always",
            stalled_worker_timeout=STALLED,
        )

    async def _tend(self) -> None:
        """Clear away what dead workers left in hand, and show that this one lives."""
        manager = self._messages.job_manager
        while True:
            self._alive()
            for message in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
                await manager.finish_job(message, Status.FAILED, delete_job=True)
            await asyncio.sleep(10)


async def _first(*tasks: "asyncio.Task[Any]") -> None:
    """Wait until one of them ends; raises what it raised."""
    ended, _running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in ended:
        task.result()
