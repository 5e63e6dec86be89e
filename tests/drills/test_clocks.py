"""F9, F10: clocks that jump, and dates that are odd."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.calendar_seed import seed_calendar
from engine.notices.delivering import deliver_due
from engine.obligations.periods import Every, Period, end_of, start_of
from engine.obligations.steps import Setting, shifted
from engine.packs.offsets import parse_offset
from engine.sweep import sweep
from engine.workdays import Calendar, calendar_of
from models.notification import DeliveryChannel
from models.obligation import Reminder, ReminderState
from tests.drills import invariants
from tests.drills.figures import figures
from tests.drills.occurrences import Expected, crowd, fall_due, together
from tests.factories import organisation as make
from tests.factories.accounts import Site
from tests.factories.notification import Keeper
from tests.fixtures.rulebook import NOW

pytestmark = pytest.mark.slow

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = {
    "two hours ahead": 2 * HOUR,
    "two hours back": -2 * HOUR,
    "a year ahead": 365 * DAY,
    "back over midnight": -(timedelta(hours=10, minutes=30)),
    "a second back": -timedelta(seconds=1),
}


def work(session: Session, keeper: Keeper) -> None:
    """One tick: what is due by the clock as it stands."""
    sweep(session)
    while deliver_due(session, {DeliveryChannel.EMAIL: keeper}, clock.now()):
        pass


def sent_once(session: Session, keeper: Keeper, expected: Expected) -> None:
    invariants.nothing_lost_nothing_doubled(session, expected)
    identities = [parcel.identity for parcel in keeper.sent]
    assert (set(identities), len(identities)) == (expected.mails, len(expected.mails))
    invariants.sound(session)


@pytest.mark.parametrize("jump", JUMPS)
def test_jump_of_the_clock_loses_and_doubles_nothing(session: Session, jump: str) -> None:
    """Some fell due before the jump, some fall due in what it skips, some after it."""
    people, keeper = crowd(session, owners=4, group=False), Keeper()
    lots = [fall_due(session, people, 20, mails=5, at=NOW + timedelta(minutes=m)) for m in (-30, 45, 90)]
    work(session, keeper)
    at = NOW + JUMPS[jump]
    for minutes in (0, 1, 46, 91, 200):
        with clock.fixed_at(at + timedelta(minutes=minutes)):
            work(session, keeper)
    if at < NOW:
        with clock.fixed_at(NOW + 2 * HOUR):
            work(session, keeper)
    with clock.fixed_at(max(at, NOW) + DAY):
        work(session, keeper)
        sent_once(session, keeper, together(lots))


def wander(session: Session, jumps: int) -> Expected:
    """A clock that is set back and forth, at random, while duties fall due all along."""
    chance, keeper, lots, at = random.Random(9), Keeper(), [], NOW
    people = crowd(session, owners=4, group=False)
    for _jump in range(jumps):
        at += chance.choice([1, 1, 1, -1]) * timedelta(minutes=chance.randrange(1, 600))
        with clock.fixed_at(at):
            lots.append(fall_due(session, people, 3, mails=1, at=at + timedelta(minutes=chance.randrange(-60, 60))))
            work(session, keeper)
    with clock.fixed_at(max(NOW, at) + 40 * DAY):
        work(session, keeper)
        sent_once(session, keeper, together(lots))
    return together(lots)


def test_clock_that_wanders_loses_and_doubles_nothing(session: Session) -> None:
    wander(session, 15)


@pytest.mark.drill
def test_clock_that_wanders_for_long(session: Session, database_kind: str) -> None:
    expected = wander(session, 1000)
    figures(f"{database_kind}: 1000 jumps of the clock over {len(expected.notices)} occurrences: 0 lost, 0 doubled")


def test_reminder_that_a_jump_skipped_is_due_at_the_next_tick(session: Session) -> None:
    people = crowd(session, owners=4, group=False)
    fall_due(session, people, 1, mails=1, at=NOW + HOUR)
    with clock.fixed_at(NOW + 2 * HOUR):
        assert sweep(session).reminded == 1
    sent = session.scalars(select(Reminder.sent_at).where(Reminder.state == ReminderState.SENT)).one()
    assert sent == NOW + 2 * HOUR


@pytest.mark.parametrize(
    ("jump", "status"), [(-2 * HOUR, 200), (timedelta(minutes=5), 200), (2 * HOUR, 303), (365 * DAY, 303)]
)
def test_session_after_a_jump_is_open_no_longer_than_it_may(
    site: Site, app: Flask, jump: timedelta, status: int
) -> None:
    """Set ahead, people sign in again; set back, nobody is thrown out, and nobody stays longer for it."""
    browser = site.browser(site.agent)
    with clock.fixed_at(NOW + jump):
        assert browser.get("/notices/").status_code == status
    with clock.fixed_at(NOW + 13 * HOUR):
        assert browser.get("/notices/").status_code == 303


BERLIN, SHANGHAI, NEW_YORK = "Europe/Berlin", "Asia/Shanghai", "America/New_York"


def local(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "due", "offset", "fires"),
    [
        # Hours are hours, whatever the clocks on the wall do.
        (BERLIN, "2026-03-29T01:30", "+1h", "2026-03-29T03:30"),
        (BERLIN, "2026-10-25T01:30", "+2h", "2026-10-25T02:30"),
        (NEW_YORK, "2026-03-08T01:59", "+2m", "2026-03-08T03:01"),
        (SHANGHAI, "2026-12-31T23:30", "+1h", "2027-01-01T00:30"),
        (SHANGHAI, "2028-02-28T23:30", "+1d", "2028-02-29T23:30"),
        (SHANGHAI, "2027-02-28T23:30", "+1d", "2027-03-01T23:30"),
        (SHANGHAI, "2026-03-31T10:00", "-31d", "2026-02-28T10:00"),
        # Working days keep the time of day, over weekends, holidays off and make-up days on.
        (BERLIN, "2026-03-27T09:00", "+1wd", "2026-03-30T09:00"),
        (BERLIN, "2026-10-23T09:00", "+1wd", "2026-10-26T09:00"),
        (SHANGHAI, "2026-02-13T10:00", "+1wd", "2026-02-14T10:00"),
        (SHANGHAI, "2026-02-14T10:00", "+1wd", "2026-02-24T10:00"),
        (SHANGHAI, "2026-09-30T10:00", "+1wd", "2026-10-08T10:00"),
    ],
)
def test_odd_moments_of_a_step(zone: str, due: str, offset: str, fires: str, session: Session) -> None:
    calendar = _official(session, zone)
    found = shifted(local(zone, due), parse_offset(offset), Setting(zone, calendar, NOW))
    assert found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.fromisoformat(fires)


def _official(session: Session, zone: str) -> Calendar:
    """A department with mainland China's calendar, or a plain week elsewhere."""
    home = make.department(session)
    home.timezone = zone
    if zone == SHANGHAI:
        seed_calendar(session, home, [2026])
    session.commit()
    return calendar_of(session, home.id)


@pytest.mark.parametrize(
    ("every", "day", "number", "expected"),
    [
        (Every.MONTH, date(2026, 2, 10), 31, date(2026, 2, 28)),
        (Every.MONTH, date(2028, 2, 1), 31, date(2028, 2, 29)),
        (Every.MONTH, date(2026, 4, 30), 31, date(2026, 4, 30)),
        (Every.MONTH, date(2026, 12, 31), 29, date(2026, 12, 29)),
        (Every.YEAR, date(2028, 2, 29), 60, date(2028, 2, 29)),
        (Every.WEEK, date(2026, 12, 31), 7, date(2027, 1, 3)),
    ],
)
def test_odd_days_of_a_period(every: Every, day: date, number: int, expected: date) -> None:
    assert Period.containing(every, day).day(number) == expected


def test_every_month_of_forty_years_follows_the_one_before() -> None:
    period = Period.containing(Every.MONTH, date(2020, 1, 31))
    for _month in range(480):
        following = period.next(Every.MONTH)
        assert following.first == period.last + timedelta(days=1)
        assert following.previous(Every.MONTH) == period
        period = following


@pytest.mark.parametrize("zone", [BERLIN, SHANGHAI, NEW_YORK, "Asia/Kathmandu", "Pacific/Apia", "America/Santiago"])
def test_every_day_of_a_year_begins_where_the_one_before_ends(zone: str) -> None:
    """Also where a day has 23 or 25 hours, or no midnight."""
    for number in range(366):
        day = date(2026, 1, 1) + timedelta(days=number)
        begins, ends = start_of(day, zone).astimezone(UTC), end_of(day, zone).astimezone(UTC)
        assert ends == start_of(day + DAY, zone).astimezone(UTC)
        assert timedelta(hours=23) <= ends - begins <= timedelta(hours=25)
