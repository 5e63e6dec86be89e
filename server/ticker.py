"""The clock that asks what is due, every few seconds. What is due stands in the tables; nothing is kept here."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger


class SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler ships no types
    """APScheduler plans by the wall clock: set that back two hours, and it would sleep for two hours."""

    def __init__(self, longest: timedelta) -> None:
        """`longest` is the longest that any job may have to wait."""
        super().__init__(timezone=UTC, daemon=True)
        self._longest = longest

    def _process_jobs(self) -> float:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            if job.next_run_time - now > self._longest:
                job.modify(next_run_time=now)
        longest = self._longest.total_seconds()
        waiting: float | None = super()._process_jobs()
        return longest if waiting is None else min(waiting, longest)


class Ticker:
    """Calls each piece of work at once and then every `seconds`, in a thread of its own, never twice at a time.

    A call that fails is logged and the next one comes all the same; a call that takes long delays only its own next.
    """

    def __init__(self, works: Mapping[str, Callable[[], object]], seconds: int) -> None:
        """`works` are the calls by the name that the log shows."""
        every = timedelta(seconds=seconds)
        self._scheduler = SteadyScheduler(longest=every)
        for name, work in works.items():
            self._scheduler.add_job(
                work,
                IntervalTrigger(seconds=seconds, timezone=UTC),
                id=name,
                name=name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),
            )

    def start(self) -> None:
        """Begin ticking."""
        self._scheduler.start()

    def stop(self, within: float) -> bool:
        """Start no further call and wait up to `within` seconds for those that run. Answers whether they ended."""
        ending = threading.Thread(target=self._scheduler.shutdown, daemon=True)
        ending.start()
        ending.join(within)
        return not ending.is_alive()
