"""Values as JSON: written exactly, read strictly."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from api.columns import LARGE, LONGEST, LONGEST_NAME, MOST_LINKS, SMALL, Column, Kind
from models.types import Labelled
from models.words import Words, _

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""What a rule may safely reckon from: a week after the last day of the calendar there is no day."""
NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:]{8}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})")
CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")


class UnreadableError(ValueError):
    """What was sent is no value of the column. `sentence` says what one is."""

    def __init__(self, sentence: Words) -> None:
        """`sentence` is for the person who writes the program."""
        super().__init__("unreadable")
        self.sentence = sentence


def to_json(column: Column, value: Any) -> Any:  # noqa: PLR0911 one line a kind
    """A stored value as JSON holds it: codes, exact decimals as text, moments in UTC."""
    if value is None:
        return None
    if column.kind is Kind.LINKS:
        return sorted(other.id for other in value)
    if isinstance(value, Labelled):
        return value.value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def from_json(column: Column, value: Any) -> Any:
    """What was sent as the column holds it. Raises UnreadableError; links are looked up later."""
    if value is None or (value == "" and column.kind is Kind.TEXT):
        if column.nullable:
            return None
        raise UnreadableError(_("This is needed."))
    return READERS[column.kind](column, value)


def _text(column: Column, value: Any) -> str | None:
    if not isinstance(value, str):
        raise UnreadableError(_("A text is expected."))
    most = column.length or LONGEST
    if len(value) > most:
        raise UnreadableError(_("This is longer than %(most)s characters.", most=most))
    # As the screens do: no ends, one kind of line end.
    text = value.replace("\r\n", "\n").strip()
    if not text and not column.nullable:
        raise UnreadableError(_("This is needed."))
    return text or None


def _whole(column: Column, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnreadableError(_("A whole number is expected."))
    if abs(value) > (LARGE if column.large else SMALL):
        raise UnreadableError(_("This number is too large."))
    return value


def _decimal(column: Column, value: Any) -> Decimal:
    text = str(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else ""
    if not NUMBER.fullmatch(text):
        raise UnreadableError(_('A decimal number is expected, best as text, such as "12.50".'))
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise UnreadableError(_("This number is too large.")) from error
    precision, scale = column.digits or (18, 6)
    after = -int(number.as_tuple().exponent)
    if after > scale:
        raise UnreadableError(_("At most %(most)s digits after the point.", most=scale))
    if number.adjusted() + 1 > precision - scale:
        raise UnreadableError(_("This number is too large."))
    return number


def _boolean(column: Column, value: Any) -> bool:  # noqa: ARG001 a reader's signature
    if not isinstance(value, bool):
        raise UnreadableError(_("true or false is expected."))
    return value


def _day(column: Column, value: Any) -> date:  # noqa: ARG001 a reader's signature
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and DAY.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None or not FIRST_DAY <= found <= LAST_DAY:
        raise UnreadableError(_("A day from 1900 to 2199 is expected, such as 2026-11-30."))
    return found


def _moment(column: Column, value: Any) -> datetime:  # noqa: ARG001 a reader's signature
    try:
        fits = isinstance(value, str) and MOMENT.fullmatch(value)
        found = datetime.fromisoformat(value.upper()) if fits else None
    except ValueError:
        found = None
    if found is None or not FIRST_DAY < found.date() < LAST_DAY:
        raise UnreadableError(_("A moment with its zone is expected, such as 2026-11-30T08:00:00+08:00."))
    return found.astimezone(UTC)


def _clock(column: Column, value: Any) -> time:  # noqa: ARG001 a reader's signature
    try:
        found = time.fromisoformat(value) if isinstance(value, str) and CLOCK.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None:
        raise UnreadableError(_("A time of day is expected, such as 08:30."))
    return found


def _choice(column: Column, value: Any) -> Labelled:
    choices = column.choices
    if choices is None or not isinstance(value, str) or value not in {member.value for member in choices}:
        codes = [member.value for member in choices or ()]
        raise UnreadableError(_("One of these is expected: %(codes)s.", codes=", ".join(codes)))
    return choices(value)


def _bilingual(column: Column, value: Any) -> dict[str, str]:  # noqa: ARG001 a reader's signature
    known = isinstance(value, dict) and value.keys() <= {"zh", "en"}
    texts = list(value.values()) if known else [None]
    if not all(isinstance(text, str) and len(text) <= LONGEST_NAME for text in texts) or not any(
        str(text).strip() for text in texts
    ):
        raise UnreadableError(_("An object with the texts zh and en is expected, each at most 400 characters."))
    return dict(value)


def _json(column: Column, value: Any) -> Any:
    if column.shape is None:
        raise UnreadableError(_("This cannot be written through this interface."))
    try:
        return column.shape.dump_python(column.shape.validate_python(value, strict=False), mode="json")
    except (ValidationError, InvalidOperation) as error:
        raise UnreadableError(_("This does not have the shape that the OpenAPI document describes.")) from error


def _link(column: Column, value: Any) -> int:  # noqa: ARG001 a reader's signature
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= SMALL:
        raise UnreadableError(_("The id of a record is expected."))
    return value


def _links(column: Column, value: Any) -> list[int]:
    if not isinstance(value, list) or len(value) > MOST_LINKS:
        raise UnreadableError(_("A list of ids is expected."))
    return sorted({_link(column, each) for each in value})


READERS: Mapping[Kind, Callable[[Column, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.WHOLE: _whole,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
    Kind.CLOCK: _clock,
    Kind.CHOICE: _choice,
    Kind.BILINGUAL: _bilingual,
    Kind.JSON: _json,
    Kind.LINK: _link,
    Kind.LINKS: _links,
}
