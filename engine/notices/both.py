"""Words inside a notice's data, kept in both languages: whoever writes a notice does not know who reads it."""

from collections.abc import Mapping
from typing import Any

from flask import has_app_context
from flask_babel.speaklater import LazyString

from engine.audit import PLAIN
from engine.home_language import said_in
from models.types import Labelled

LOCALES: Mapping[str, str] = {"zh": "zh_Hans_CN", "en": "en"}


def in_both(value: Any) -> Any:  # noqa: ANN401 whatever a notice tells
    """A closed list's member (its label) or a lazy sentence as `{"zh": …, "en": …}`; anything else as it is.

    Without an application context there are no catalogues: then only the English words are kept.
    """
    if type(value) in PLAIN:
        return value
    if isinstance(value, list | tuple):
        return [in_both(item) for item in value]
    words = value.label if isinstance(value, Labelled) else value
    if not isinstance(words, LazyString):
        return value
    if not has_app_context():
        return {"en": str(words)}
    return {language: said_in(words, locale) for language, locale in LOCALES.items()}
