"""When a notice may leave the house: quiet hours, digests, and how long to wait after a failure.

Quiet hours hold for everything but urgent notices. Urgent is what a policy pack counts in hours or minutes and what is
late by then: the escalation of a complaint that must be answered within four hours does not wait for the morning,
whereas a roster that was due yesterday does.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from secrets import SystemRandom
from zoneinfo import ZoneInfo

from models.notification import DeliveryReason, NoticePreference

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
MAX_ATTEMPTS = 12
"""With waits that double from a minute to six hours, the last attempt comes about a day after the first."""
_chance = SystemRandom()


@dataclass(frozen=True)
class Wishes:
    """How a person wants to be told. Times of day are `HH:MM` in the department's zone; without them, never."""

    by_email: bool = True
    quiet_from: str | None = "22:00"
    quiet_until: str | None = "08:00"
    digest_at: str | None = None

    @classmethod
    def of(cls, preference: NoticePreference | None) -> "Wishes":
        """What the person set; the usual wishes for somebody who set nothing."""
        if preference is None:
            return cls()
        return cls(preference.by_email, preference.quiet_from, preference.quiet_until, preference.digest_at)


USUAL = Wishes()
"""The wishes of somebody who set nothing, and of a group."""


def departure(wishes: Wishes, zone: str, now: datetime, *, urgent: bool) -> tuple[datetime, DeliveryReason | None]:
    """The moment from which a notice may leave, and what it waits for (None: nothing)."""
    if urgent:
        return now, None
    if wishes.digest_at:
        return _next(wishes.digest_at, zone, now), DeliveryReason.DIGEST
    return after_quiet_hours(wishes, zone, now)


def after_quiet_hours(wishes: Wishes, zone: str, now: datetime) -> tuple[datetime, DeliveryReason | None]:
    """`now`, or the end of the quiet hours in which it lies."""
    if not wishes.quiet_from or not wishes.quiet_until:
        return now, None
    here = now.astimezone(ZoneInfo(zone)).time()
    start, end = time.fromisoformat(wishes.quiet_from), time.fromisoformat(wishes.quiet_until)
    is_quiet = start <= here < end if start <= end else here >= start or here < end
    return (_next(wishes.quiet_until, zone, now), DeliveryReason.QUIET_HOURS) if is_quiet else (now, None)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after that many failed attempts: doubling, and spread so that rows do not come back at once."""
    doubled: timedelta = FIRST_WAIT * 2 ** (attempts - 1)
    return min(doubled, LONGEST_WAIT) * _chance.uniform(0.8, 1.2)


def _next(time_of_day: str, zone: str, now: datetime) -> datetime:
    """The next moment after `now` at that time of day."""
    local = now.astimezone(ZoneInfo(zone))
    moment = datetime.combine(local.date(), time.fromisoformat(time_of_day), ZoneInfo(zone))
    return moment if moment > local else datetime.combine(local.date() + timedelta(days=1), moment.timetz())
