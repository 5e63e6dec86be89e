"""What a signature is: the text as it was shown, the name as it was typed, the moment, and the seal over all of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.sealing import digest_of, seal_of
from models.confidentiality_ack import ConfidentialityAck, Undertaking
from models.words import Words, _, in_language

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Doubt:
    """Something about a version or a signature that does not hold: a code and a sentence."""

    code: str
    says: Words


CHANGED_TEXT = Doubt("text", _("The text is not the one that was published."))
OTHER_TEXT = Doubt("digest", _("The signature is under another text than this version's."))
BROKEN_SEAL = Doubt("seal", _("The signature was changed outside the product, or does not belong to this person."))


def text_digest(undertaking: Undertaking, language: str) -> str:
    """The digest of a version's heading and text in one language, as they stand now."""
    return digest_of(undertaking.label, in_language(undertaking.name, language), undertaking.text(language))


def digests(undertaking: Undertaking) -> Mapping[str, str]:
    """The digests of both languages by their column."""
    return {f"digest_{language}": text_digest(undertaking, language) for language in LANGUAGES}


def seal(ack: ConfidentialityAck, signed_at: datetime) -> str:
    """What ties a signature's parts together."""
    told = (ack.undertaking_id, ack.staff_id, ack.occasion, ack.signed_name, ack.language, ack.digest)
    return seal_of(signed_at, *map(str, told))


def doubts_about_text(undertaking: Undertaking) -> Iterator[Doubt]:
    """What speaks against a published version: a text other than the one published."""
    if undertaking.published_at is not None and any(
        getattr(undertaking, column) != digest for column, digest in digests(undertaking).items()
    ):
        yield CHANGED_TEXT


def doubts(ack: ConfidentialityAck) -> list[Doubt]:
    """What speaks against a signature; nothing: it holds."""
    found = list(doubts_about_text(ack.undertaking))
    if ack.digest != ack.undertaking.digest(ack.language or ""):
        found.append(OTHER_TEXT)
    if ack.signed_at is None or ack.seal != seal(ack, ack.signed_at):
        found.append(BROKEN_SEAL)
    return found
