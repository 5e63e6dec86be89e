"""Texts that people sign: one digest a text, and a seal over who signed it, by which name, when, in what words."""

import hashlib
import hmac
import unicodedata
from datetime import UTC, datetime

from engine.audit import ChainKey

SEPARATOR = "\x1f"


def digest_of(*parts: str) -> str:
    """The SHA-256 of a text and whatever belongs to it, as hexadecimal digits.

    Line breaks and composed letters count as the same however a browser sent them; everything else counts.
    """
    return hashlib.sha256(SEPARATOR.join(map(settled, parts)).encode()).hexdigest()


def settled(text: str) -> str:
    """The text with one way of writing line breaks and composed letters, and no blanks at the ends of lines."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def seal_of(moment: datetime, *parts: str) -> str:
    """A seal under the key of the audit chain, which is kept apart from the database: nobody makes one with SQL."""
    content = SEPARATOR.join((moment.astimezone(UTC).isoformat(timespec="microseconds"), *parts))
    return hmac.digest(ChainKey.value, content.encode(), "sha256").hex()
