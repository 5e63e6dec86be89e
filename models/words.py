"""Words that a person reads, kept lazy until it is known who reads them."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel import lazy_ngettext as ngettext
from flask_babel.speaklater import LazyString

Words = LazyString | str
"""A sentence or label: plain text, or text that is translated when it is shown."""

__all__ = ["Words", "_", "in_language", "ngettext"]


def in_language(words: Mapping[str, str] | str | None, language: str) -> str:
    """Pick one language of bilingual data (`{"zh": …, "en": …}`), falling back to the other.

    `language` is a locale code; anything that starts with `zh` reads Chinese.
    """
    if words is None:
        return ""
    if isinstance(words, str):
        return words
    first, second = ("zh", "en") if language.startswith("zh") else ("en", "zh")
    return words.get(first) or words.get(second) or ""
