"""The codes in the packs' values are read in words; what is no code stays as it is."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale

from admin_views.value_words import code_in_words, reminders_title
from admin_views.values import shown_value
from engine.packs.loader import load_packs

pytestmark = pytest.mark.sqlite


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(), force_locale("en"):
        yield


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("severe", "Severe"),
        ("percent", "%"),
        ("agent_id", "Agent"),
        ("2wd", "2 working days"),
        ("0", "0"),
        ("09:00", "09:00"),
        ("no such code", "no such code"),
    ],
)
def test_code_in_words(english: None, code: str, words: str) -> None:
    assert code_in_words(code) == words


def test_table_is_read_entry_by_entry_with_its_unit(english: None) -> None:
    assert shown_value("rectification_days", {"minor": 7, "severe": 3}) == "Minor 7 days, Severe 3 days"


def test_chinese_line_has_its_own_commas_and_no_space_before_a_unit(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh_Hans_CN"):
        assert shown_value("rectification_days", {"minor": 7, "severe": 3}) == "轻微 7天、严重 3天"


def test_every_code_of_a_simple_value_has_words(english: None) -> None:
    """A new code in a pack asks for its words here, in `admin_views.value_words`."""
    values = [each for pack in load_packs().values() for each in pack.parameters]
    tables = {code for each in values if isinstance(each.value, dict) for code in each.value}
    lists = {code for each in values if isinstance(each.value, list) for code in each.value}
    assert [code for code in sorted(tables | lists) if code_in_words(code) == code] == []


def test_reminders_are_called_as_their_pack_calls_them(english: None) -> None:
    assert reminders_title("QA-1") == "Monthly QA plan"
    assert reminders_title("no such reminders") == "no such reminders"
