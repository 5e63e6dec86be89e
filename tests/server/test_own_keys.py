from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from engine import crypto
from engine.config import Settings, StartUpError
from engine.crypto import FieldCipher
from models.types import Cipher
from server.own_keys import refuse_other_keys
from tests.factories.quality import contact, house


@pytest.fixture
def foreign_keys() -> Iterator[None]:
    """Keys of the same name with other bytes: what a machine without the files would make."""
    before = Cipher.encrypt, Cipher.decrypt, Cipher.index
    crypto.configure(FieldCipher({"k1": b"x" * 32}, "k1", b"y" * 32))
    yield
    Cipher.encrypt, Cipher.decrypt, Cipher.index = before  # type: ignore[method-assign]  # as it was


@pytest.fixture
def settings(app: Flask) -> Settings:
    found: Settings = app.config["DUTYBOOK"]
    return found


@pytest.fixture
def written(session: Session) -> Session:
    """Something encrypted stands in the database."""
    session.add(contact(house(session), "R-1"))
    session.commit()
    return session


def test_empty_database_takes_any_keys(session: Session, settings: Settings, foreign_keys: None) -> None:
    refuse_other_keys(session, settings)


def test_own_keys_open_the_database(written: Session, settings: Settings) -> None:
    refuse_other_keys(written, settings)


def test_other_keys_are_refused(written: Session, settings: Settings, foreign_keys: None) -> None:
    with force_locale("en"), pytest.raises(StartUpError, match="D004"):
        refuse_other_keys(written, settings)


def test_lost_keys_have_to_be_admitted(written: Session, settings: Settings, foreign_keys: None) -> None:
    refuse_other_keys(written, settings.model_copy(update={"keys_lost": True}))
