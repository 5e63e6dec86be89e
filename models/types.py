"""Column types that keep time exact, enums honest and customers' data unreadable at rest."""

import enum
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import JSON, DateTime, LargeBinary, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from models.words import Words


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. A naive value is refused: it would mean a different moment on each machine."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC. Raises ValueError for a naive value."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a moment needs its time zone"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """SQLite holds a moment as text; read with its zone at once, it costs a tenth."""
        return _moment if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 the signature is SQLAlchemy's
        """Return an aware UTC moment from either database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment(stored: str | datetime) -> datetime:
    """An aware moment from what the driver of either database gives."""
    return datetime.fromisoformat(f"{stored}+00:00") if isinstance(stored, str) else stored


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment(text)


class Labelled(enum.StrEnum):
    """A closed list whose members carry the words and the tone that a screen shows.

    Declare members as `NAME = "code", _("Label"), "tone"`; the tone is one of
    quiet, info, good, warn, bad and may be left out.
    """

    label: Words
    tone: str

    def __new__(cls, code: str, label: Words = "", tone: str = "quiet") -> Self:
        """Keep the code as the value and hang label and tone on the member."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label or code
        member.tone = tone
        return member


class Choice(TypeDecorator[Labelled]):
    """Stores a Labelled enum by its code, so that a new member needs no database type."""

    impl = String(32)
    cache_ok = True

    def __init__(self, choices: type[Labelled]) -> None:
        """`choices` is the enum whose members may be stored."""
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value: Labelled | str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 the signature is SQLAlchemy's
        """Raises ValueError for a code outside the list."""
        return None if value is None else self.choices(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Labelled | None:  # noqa: ARG002 the signature is SQLAlchemy's
        """Return the member."""
        return None if value is None else self.choices(value)


class Cipher:
    """Where the encrypted column types find their keys: the engine plugs the real functions in at start-up."""

    encrypt: Callable[[str, str], bytes]
    decrypt: Callable[[bytes, str], str]
    index: Callable[[str, str], str]


class Encrypted(TypeDecorator[str]):
    """Text that rests encrypted (CNF-2). The place (`table.column`) is bound in: a ciphertext cannot move elsewhere."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str, *, long: bool = False) -> None:
        """`place` is `table.column`, authenticated with the text; a `long` one is written in a box of several lines."""
        super().__init__()
        self.place, self.long = place, long

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 the signature is SQLAlchemy's
        """Encrypt; an empty text stays empty."""
        return Cipher.encrypt(value, self.place) if value else None

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002 the signature is SQLAlchemy's
        """Decrypt. Raises the cipher's error when the bytes were changed or the key is missing."""
        return Cipher.decrypt(bytes(value), self.place) if value else None

    def coerce_compared_value(self, op: Any, value: Any) -> Any:  # noqa: ANN401, ARG002 the signature is SQLAlchemy's
        """Comparing ciphertext makes no sense: each encryption differs. Use the blind index."""
        return Text()


def blind_index(place: str, text: str | None) -> str | None:
    """The keyed fingerprint by which an encrypted text can be found exactly; `place` is `table.column`."""
    return Cipher.index(text.strip().casefold(), place) if text and text.strip() else None


class Bilingual(TypeDecorator[dict[str, str]]):
    """A name that people read in their own language: `{"zh": …, "en": …}`."""

    impl = JSON
    cache_ok = True
