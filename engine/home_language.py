"""Sentences that a record keeps: written in its department's language, as a person there would have written them."""

from flask import has_app_context
from flask_babel import force_locale
from sqlalchemy.orm import Session

from models.organisation import Department
from models.words import Words


def said_in(words: Words, locale: str) -> str:
    """A sentence in the language of `locale`. Without an application context there are no catalogues: English."""
    if not has_app_context():
        return str(words)
    with force_locale(locale):
        return str(words)


def in_home_language(session: Session, department_id: int, words: Words) -> str:
    """A sentence in the language of a department."""
    with session.no_autoflush:
        return said_in(words, session.get_one(Department, department_id).language)
