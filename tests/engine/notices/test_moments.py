from datetime import UTC, datetime, timedelta

import pytest

from engine.notices.moments import LONGEST_WAIT, Wishes, after_quiet_hours, departure, wait_after
from models.notification import DeliveryReason

ZONE = "Asia/Shanghai"


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("start", "end", "now", "expected"),
    [
        ("22:00", "08:00", local(4, 21, 59), None),
        ("22:00", "08:00", local(4, 22), local(5, 8)),
        ("22:00", "08:00", local(5, 0), local(5, 8)),
        ("22:00", "08:00", local(5, 7, 59), local(5, 8)),
        ("22:00", "08:00", local(5, 8), None),
        ("12:00", "14:00", local(4, 13), local(4, 14)),
        ("12:00", "14:00", local(4, 14), None),
        ("12:00", "12:00", local(4, 12), None),
        (None, None, local(4, 23), None),
    ],
)
def test_quiet_hours(start: str | None, end: str | None, now: datetime, expected: datetime | None) -> None:
    reason = DeliveryReason.QUIET_HOURS if expected else None
    wishes = Wishes(quiet_from=start, quiet_until=end)
    assert after_quiet_hours(wishes, ZONE, now) == (expected or now, reason)


@pytest.mark.parametrize(("now", "expected"), [(local(4, 8, 59), local(4, 9)), (local(4, 9), local(5, 9))])
def test_digest_is_the_next_one(now: datetime, expected: datetime) -> None:
    wishes = Wishes(digest_at="09:00")
    assert departure(wishes, ZONE, now, urgent=False) == (expected, DeliveryReason.DIGEST)
    assert departure(wishes, ZONE, now, urgent=True) == (now, None)


def test_quiet_hours_in_a_zone_with_summer_time() -> None:
    night = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)  # the clocks in Berlin go back in this night
    moment, _reason = after_quiet_hours(Wishes(), "Europe/Berlin", night)
    assert moment.astimezone(UTC) == datetime(2026, 10, 25, 7, 0, tzinfo=UTC)


def test_waits_double_up_to_a_limit() -> None:
    waits = [wait_after(attempts) / timedelta(minutes=1) for attempts in range(1, 13)]
    assert all(0.8 * 2**n <= wait <= 1.2 * 2**n for n, wait in enumerate(waits[:9]))
    assert all(wait <= LONGEST_WAIT / timedelta(minutes=1) * 1.2 for wait in waits)
    assert len(set(waits)) == len(waits)
