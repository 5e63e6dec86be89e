import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import attachments, clock
from engine.errors import PolicyError
from models.attachment import Attachment
from tests.factories import organisation as make

PDF = b"%PDF-1.7\n"


def kept(session: Session, folder: Path) -> Attachment:
    team = make.team(session, make.department(session))
    found = attachments.keep(session, folder, team, "a.pdf", BytesIO(PDF))
    session.commit()
    return found


def test_failed_commit_of_a_removal_keeps_the_file(session: Session, tmp_path: Path) -> None:
    found = kept(session, tmp_path)
    attachments.remove(session, tmp_path, found)
    session.flush()
    session.rollback()
    assert attachments.path_of(tmp_path, session.scalars(select(Attachment)).one()).read_bytes() == PDF


def test_file_goes_only_with_the_commit(session: Session, tmp_path: Path) -> None:
    found = kept(session, tmp_path)
    attachments.remove(session, tmp_path, found)
    session.flush()
    assert len(list(tmp_path.iterdir())) == 1
    session.commit()
    assert list(tmp_path.iterdir()) == []


def test_refused_file_leaves_nothing_behind(session: Session, tmp_path: Path) -> None:
    team = make.team(session, make.department(session))
    session.commit()
    attachments.keep(session, tmp_path, team, "a.exe", BytesIO(b"MZ\x00\x00"))
    with pytest.raises(PolicyError):
        session.commit()
    session.rollback()
    assert list(tmp_path.iterdir()) == []


def test_too_large_a_file_is_refused(session: Session, tmp_path: Path) -> None:
    team = make.team(session, make.department(session))
    attachments.keep(session, tmp_path, team, "a.pdf", BytesIO(PDF + b"x" * attachments.LARGEST))
    with pytest.raises(PolicyError) as refused:
        session.flush()
    assert [v.rule for v in refused.value.violations] == ["attachment.file_is_not_too_large"]


def test_sweep_takes_old_orphans_only(session: Session, tmp_path: Path) -> None:
    found = kept(session, tmp_path)
    for name, age in (("old", timedelta(hours=2)), ("fresh", timedelta())):
        path = tmp_path / name
        path.write_bytes(b"x")
        moment = (clock.now() - age).timestamp()
        os.utime(path, (moment, moment))
    os.utime(tmp_path / found.stored, (0, 0))
    assert attachments.sweep(session, tmp_path) == 1
    assert {path.name for path in tmp_path.iterdir()} == {found.stored, "fresh"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("c:\\x\\证据.pdf", "证据.pdf"),
        ("a\r\nb.pdf", "ab.pdf"),
        ("", "file"),
        ("x" * 300, "x" * 200),
    ],
)
def test_plain_name(name: str, expected: str) -> None:
    assert attachments.plain_name(name) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("第一行\n第二行\t完".encode(), "text/plain"),
        ("中文记录".encode("gb18030"), "text/plain"),
        (PDF, "application/pdf"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "text/plain"),
        (b"<!doctype html>", attachments.UNKNOWN),
        ("字".encode() * 2731, "text/plain"),
    ],
)
def test_media_type_is_told_by_the_content(content: bytes, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert attachments.media_type(path) == expected
