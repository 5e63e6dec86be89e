import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, select, text, type_coerce
from sqlalchemy.orm import Session

from engine import crypto, key_rotation
from engine.crypto import FieldCipher, UnreadableError
from engine.database import db
from engine.errors import BypassError
from engine.gate.bypass import maintenance_write
from engine.secret_files import ensure_secrets, field_keys
from models.organisation import Post, Staff
from models.types import Cipher, blind_index
from tests.factories.organisation import department, staff

OLD, NEW, INDEX = b"o" * 32, b"n" * 32, b"i" * 32
PLACE = "staff.phone"


def cipher(current: str = "k1", **keys: bytes) -> FieldCipher:
    return FieldCipher(keys or {"k1": OLD}, current, INDEX)


def test_text_is_read_back_and_never_rests_the_same_twice() -> None:
    first, second = cipher().encrypt("13800000001", PLACE), cipher().encrypt("13800000001", PLACE)
    assert cipher().decrypt(first, PLACE) == "13800000001"
    assert first != second
    assert b"13800000001" not in first


@pytest.mark.parametrize("bit", range(0, 8 * 30, 37))
def test_changed_ciphertext_is_refused(bit: int) -> None:
    stored = bytearray(cipher().encrypt("王小明", PLACE))
    stored[3 + bit // 8] ^= 1 << bit % 8
    with pytest.raises(UnreadableError, match=r"staff\.phone was changed"):
        cipher().decrypt(bytes(stored), PLACE)


def test_ciphertext_moved_to_another_column_is_refused() -> None:
    with pytest.raises(UnreadableError, match=r"account\.totp_secret was changed"):
        cipher().decrypt(cipher().encrypt("secret", PLACE), "account.totp_secret")


@pytest.mark.parametrize("stored", [b"", b"k1", b"k1:", b"k1:short", b"k9:" + b"x" * 40, b"\xff\xfe:abc"])
def test_bytes_that_are_no_ciphertext_are_refused(stored: bytes) -> None:
    with pytest.raises(UnreadableError):
        cipher().decrypt(stored, PLACE)


def test_older_key_still_decrypts() -> None:
    stored = cipher().encrypt("13800000001", PLACE)
    both = cipher("k2", k1=OLD, k2=NEW)
    assert both.decrypt(stored, PLACE) == "13800000001"
    assert not both.is_current(stored)
    assert both.is_current(both.encrypt("13800000001", PLACE))


def test_key_that_another_process_made_is_read_when_a_text_names_it() -> None:
    running = FieldCipher({"k1": OLD}, "k1", INDEX, lambda: ({"k1": OLD, "k2": NEW}, "k2"))
    assert running.decrypt(cipher("k2", k1=OLD, k2=NEW).encrypt("x", PLACE), PLACE) == "x"
    assert running.current == "k2"


def test_blind_index_finds_the_same_text_and_tells_columns_apart() -> None:
    index = cipher().index
    assert index("a@b.cn", PLACE) == cipher("k2", k1=OLD, k2=NEW).index("a@b.cn", PLACE)
    assert index("a@b.cn", PLACE) != index("a@b.cn", "staff.email")
    assert index("a@b.cn", PLACE) != FieldCipher({"k1": OLD}, "k1", b"j" * 32).index("a@b.cn", PLACE)


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """A folder with keys of the test's own, in use while it runs."""
    before = Cipher.encrypt, Cipher.decrypt, Cipher.index
    use(tmp_path)
    yield tmp_path
    Cipher.encrypt, Cipher.decrypt, Cipher.index = before


def use(folder: Path) -> FieldCipher:
    keys = ensure_secrets(folder)
    made = FieldCipher(keys.field_keys, keys.current_field_key, keys.blind_index_key)
    crypto.configure(made)
    return made


@pytest.fixture
def people(folder: Path, session: Session) -> list[str]:
    """Twelve phones in the database, under the first key."""
    home = department(session)
    boss = staff(session, home, Post.MANAGER)
    rest = [staff(session, home, Post.SUPERVISOR, superior=boss) for _ in range(11)]
    session.commit()
    return [str(person.phone) for person in [boss, *rest]]


def stored(session: Session) -> list[bytes]:
    return list(session.scalars(select(type_coerce(Staff.__table__.c.phone, LargeBinary)).order_by(Staff.id)))


def rotate(session: Session, folder: Path, progress: Any = lambda *_said: None) -> key_rotation.Rotation:
    key_rotation.begin(folder)
    done = key_rotation.move_to_current_key(session, use(folder), progress)
    key_rotation.end(folder)
    return done


def test_rotation_moves_every_text_and_changes_none(session: Session, folder: Path, people: list[str]) -> None:
    index = blind_index("staff.phone", people[0])
    done = rotate(session, folder)
    assert (done.key, done.moved, done.unreadable) == ("k2", 12, [])
    assert {row.partition(b":")[0] for row in stored(session)} == {b"k2"}
    assert list(session.scalars(select(Staff.phone).order_by(Staff.id))) == people
    assert blind_index("staff.phone", people[0]) == index
    assert set(session.scalars(select(Staff.version))) == {1}


def test_rotation_keeps_the_older_key_for_backups(session: Session, folder: Path, people: list[str]) -> None:
    backup = stored(session)
    rotate(session, folder)
    assert [use(folder).decrypt(row, "staff.phone") for row in backup] == people


def test_key_file_is_for_its_owner_alone_and_whole(session: Session, folder: Path, people: list[str]) -> None:
    rotate(session, folder)
    file = folder / "field_keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(json.loads(file.read_text())["keys"]) == ["k1", "k2"]
    assert list(folder.glob(".*")) == []


def test_interrupted_rotation_goes_on_where_it_stopped(
    session: Session, folder: Path, people: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 5)
    heard = []

    def interrupt(place: str, moved: int) -> None:
        heard.append((place, moved))
        if len(heard) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(session, folder, interrupt)
    session.rollback()
    assert [row.partition(b":")[0] for row in stored(session)] == [b"k2"] * 5 + [b"k1"] * 7
    assert list(session.scalars(select(Staff.phone).order_by(Staff.id))) == people
    session.rollback()
    assert key_rotation.is_under_way(folder)
    done = rotate(session, folder, interrupt)
    assert (done.key, done.moved) == ("k2", 7)
    assert {row.partition(b":")[0] for row in stored(session)} == {b"k2"}
    assert not key_rotation.is_under_way(folder)


def test_rotation_leaves_what_it_cannot_read_and_names_it(session: Session, folder: Path, people: list[str]) -> None:
    with maintenance_write(session.connection()) as connection:
        connection.execute(text("UPDATE staff SET phone = :junk WHERE id = 3"), {"junk": b"k1:" + b"x" * 40})
    session.commit()
    done = rotate(session, folder)
    assert (done.moved, done.unreadable) == (11, ["staff.phone 3"])
    assert stored(session)[2] == b"k1:" + b"x" * 40


def test_second_rotation_makes_a_third_key(session: Session, folder: Path, people: list[str]) -> None:
    rotate(session, folder)
    assert rotate(session, folder).key == "k3"
    assert sorted(field_keys(folder)[0]) == ["k1", "k2", "k3"]


def test_way_past_the_gate_is_closed_after_maintenance(session: Session, people: list[str]) -> None:
    with maintenance_write(session.connection()):
        pass
    with pytest.raises(BypassError):
        session.execute(text("UPDATE staff SET name = 'x'"))


def test_rotate_keys_command(app: Flask, folder: Path, people: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.config["DUTYBOOK"].model_copy(update={"instance_dir": folder})
    monkeypatch.setitem(app.config, "DUTYBOOK", settings)
    outcome = app.test_cli_runner().invoke(args=["rotate-keys"])
    assert outcome.exit_code == 0
    assert re.findall(r"k\d|\d+", outcome.output.splitlines()[-1]) == ["k2", "12"]
    with app.app_context():
        assert list(db.session.scalars(select(Staff.phone).order_by(Staff.id))) == people
