"""The one clock. A test or a rehearsal sets it; nothing else in the house asks the machine for the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_fixed: ContextVar[datetime | None] = ContextVar("clock_fixed", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC, whole microseconds."""
    fixed = _fixed.get()
    if fixed is not None:
        return fixed
    return datetime.now(UTC)


def day_in(zone: str, moment: datetime) -> date:
    """The calendar day of `moment` in the time zone named `zone`."""
    return moment.astimezone(ZoneInfo(zone)).date()


@contextmanager
def fixed_at(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware `moment` for one block: a test, or a step of a rehearsal."""
    if moment.tzinfo is None:
        msg = "the clock needs a time zone"
        raise ValueError(msg)
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
