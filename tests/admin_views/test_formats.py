from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale
from markupsafe import Markup

from admin_views import formats
from engine import clock
from models.obligation import ObligationState

pytestmark = pytest.mark.sqlite

NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)


@pytest.fixture
def reading(built_app: Flask) -> Iterator[None]:
    """A request of a stranger: Shanghai's time. Formats read no rows."""
    with built_app.test_request_context(), clock.fixed_at(NOW):
        yield


def _plain(value: str) -> str:
    return Markup(value).striptags()  # noqa: S704 only to read it


@pytest.mark.parametrize(
    ("locale", "says"), [("en", "May 4 13:30 (in 4 hours)"), ("zh_Hans_CN", "5月4日 13:30 (4小时后)")]
)
def test_moment_is_absolute_and_relative_in_the_departments_zone(reading: None, locale: str, says: str) -> None:
    with force_locale(locale):
        shown = formats.moment(datetime(2026, 5, 4, 5, 30, tzinfo=UTC))
    assert _plain(shown) == says
    assert 'datetime="2026-05-04T05:30:00+00:00"' in shown


def test_moment_of_another_year_names_the_year(reading: None) -> None:
    with force_locale("en"):
        assert _plain(formats.moment(datetime(2024, 1, 2, tzinfo=UTC))).startswith("Jan 2, 2024 08:00")


def test_midnight_is_the_end_of_the_day_before(reading: None) -> None:
    with force_locale("en"):
        assert _plain(formats.due(datetime(2026, 5, 29, 16, tzinfo=UTC))).startswith("end of May 29 ")
        assert _plain(formats.due(datetime(2026, 5, 29, 15, tzinfo=UTC))).startswith("May 29 23:00 ")


@pytest.mark.parametrize(
    ("away", "says"),
    [
        (-8, ""),
        (-3, " (3 days ago)"),
        (-1, " (yesterday)"),
        (0, " (today)"),
        (1, " (tomorrow)"),
        (7, " (in 7 days)"),
        (8, ""),
    ],
)
def test_near_days_say_how_near(reading: None, away: int, says: str) -> None:
    with force_locale("en"):
        text = _plain(formats.day(date(2026, 5, 4) + timedelta(days=away)))
    assert text.partition(" (")[1:] == (says[:2], says[2:])


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (timedelta(hours=26, minutes=5), "1 day 2 hr", "1天 2小时"),
        (125, "2 min 5 sec", "2分钟 5秒"),
        (0, "0 min", "0分钟"),
    ],
)
def test_duration_has_its_two_greatest_units(reading: None, value: timedelta | int, english: str, chinese: str) -> None:
    with force_locale("en"):
        assert formats.duration(value) == english
    with force_locale("zh_Hans_CN"):
        assert formats.duration(value) == chinese


@pytest.mark.parametrize(
    ("text", "says"),
    [("-3d", "3 days before"), ("0", "at the due time"), ("+1wd", "1 working day after"), ("4h", "4 hr after")],
)
def test_offset_is_said_in_words(reading: None, text: str, says: str) -> None:
    with force_locale("en"):
        assert formats.offset(text) == says


def test_state_is_a_word_in_its_tone(reading: None) -> None:
    with force_locale("en"):
        assert formats.state(ObligationState.OVERDUE) == '<span class="state state-bad">Overdue</span>'


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "—"),
        ("", "—"),
        (True, "Yes"),
        (Decimal("1234.50"), "1,234.5"),
        (["a", 2], "a, 2"),
        ({"zh": "热线", "en": "Hotline"}, "Hotline"),
        ({"a": 1}, "a: 1"),
        ([], "—"),
        ({}, "—"),
    ],
)
def test_any_value_is_shown(reading: None, value: object, says: str) -> None:
    with force_locale("en"):
        assert _plain(formats.shown(value)) == says


def test_text_of_a_record_is_never_markup(reading: None) -> None:
    for value in ("<b>", ["<b>"], {"<b>": "<b>"}, {"zh": "<b>"}):
        assert "<b>" not in str(Markup("{}").format(formats.shown(value)))
