"""Words and numbers in a cell: yes or no, whole numbers, decimals, ratings, text.

Each `parse_*` gives None for a blank cell and raises CellProblem for one that cannot be taken.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, time
from decimal import Decimal

from engine.tabular.problems import At, Cell, CellProblem
from engine.tabular.text import plain
from models.words import _

# fmt: off
YES = frozenset(
    {
        "y", "yes", "true", "t", "1", "on", "ok", "√", "✓", "✔", "是", "是的", "有", "对", "真", "已", "已接",
        "已接听", "接听", "接通", "已接通", "已解决", "解决", "已完成", "完成", "通过", "合格", "answered",
        "resolved", "solved", "done", "completed", "pass", "passed",
    }
)
NO = frozenset(
    {
        "n", "no", "false", "f", "0", "off", "×", "✗", "✘", "否", "不是", "无", "没有", "错", "假", "未", "未接",
        "未接听", "未接通", "未解决", "未完成", "不通过", "未通过", "不合格", "unanswered", "unresolved",
        "unsolved", "missed", "abandoned", "fail", "failed",
    }
)
# fmt: on
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,2})?")
_RATING_UNIT = re.compile(r"\s*(?:分|星|stars?|points?)$")


def is_blank(value: Cell) -> bool:
    """Whether a cell holds nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def parse_text(value: Cell, at: At) -> str | None:  # noqa: ARG001 - called like the others
    """The cell as text: numbers as typed, without `.0`; dates as in ISO 8601; outer spaces dropped."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, date | time):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float | Decimal):
        return format(Decimal(str(value)), "f")
    return None if value is None else str(value).strip()


def parse_yes_no(value: Cell, at: At, *, yes: Collection[str] = YES, no: Collection[str] = NO) -> bool | None:
    """True or False for `Y/N`, `是/否`, `true/false`, `1/0`, `已接/未接` and their like; both sets hold plain texts."""
    if is_blank(value):
        return None
    if isinstance(value, bool):
        return value
    word = plain(str(value))
    if word in yes:
        return True
    if word in no:
        return False
    raise CellProblem(at, value, _("This is neither yes nor no."))


def parse_decimal(value: Cell, at: At) -> Decimal | None:
    """The exact number in a cell: full-width digits, a sign and commas between thousands are understood."""
    if is_blank(value):
        return None
    number = read_number(value)
    if number is None:
        raise CellProblem(at, value, _("This is no number."))
    return number


def parse_integer(value: Cell, at: At) -> int | None:
    """The whole number in a cell, as `parse_decimal` reads it; `4.0` is 4."""
    number = parse_decimal(value, at)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise CellProblem(at, value, _("This is no whole number."))
    return int(number)


def parse_rating(value: Cell, at: At, *, lowest: int = 1, highest: int = 5) -> int | None:
    """The whole number of a rating from `lowest` to `highest`; `5分`, `5星` and `5 stars` are 5."""
    cell = _RATING_UNIT.sub("", plain(value)) if isinstance(value, str) else value
    try:
        rating = parse_integer(cell, at)
    except CellProblem as problem:
        raise CellProblem(at, value, problem.reason) from problem
    if rating is not None and not lowest <= rating <= highest:
        reason = _("The rating must be from %(lowest)s to %(highest)s.", lowest=lowest, highest=highest)
        raise CellProblem(at, value, reason)
    return rating


def read_number(value: Cell) -> Decimal | None:
    """The exact number in a cell, None when there is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value))
        return number if number.is_finite() else None
    if not isinstance(value, str):
        return None
    text = plain(value)
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", ""))
    return Decimal(text) if _DECIMAL.fullmatch(text) else None
