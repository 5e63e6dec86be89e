"""Files that somebody sends in the hope that a person, a browser or the server opens them as something else."""

import re
import shlex
import stat
import struct
import zlib
from contextlib import suppress
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from engine import scanning
from engine.attachments import DOCUMENT, plain_name
from engine.gate.bypass import maintenance_write
from engine.importing import files
from engine.tabular.problems import FileRefused
from engine.tabular.reading import open_table
from models.attachment import Attachment
from models.policy import PolicyDocument
from tests.engine.tabular.making import repacked, xlsx
from tests.factories.browsing import token
from tests.factories.office import Office
from tests.fixtures.client import ClientAs

pytestmark = pytest.mark.sqlite

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
POLYGLOT = b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""Every scanner finds it; in two pieces, so that none finds this file."""
SCANNER = '#!/bin/sh\n! grep -q "EICAR-STANDARD" "$1"\n'


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(side: int) -> bytes:
    """A picture that says it is so large; what it holds is next to nothing."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.fixture
def document(office: Office) -> int:
    with office.session() as session:
        made = PolicyDocument(
            department_id=office.home.id,
            code="D-1",
            name={"zh": "规范"},
            edition="1",
            main_change="首版",
            body="",
            changed_by_id=office.hr.id,
            changed_on=date(2026, 1, 1),
            effective_on=date(2026, 1, 2),
        )
        session.add(made)
        session.flush()
        return made.id


@pytest.fixture
def scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that finds EICAR's file and nothing else."""
    program = tmp_path / "scanner"
    program.write_text(SCANNER)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(scanning.Scanner, "command", tuple(shlex.split(str(program))))
    return program


@pytest.fixture(autouse=True)
def folder(office: Office) -> Path:
    """Empty; what lies beside it is watched by the tests."""
    found: Path = office.app.config["DUTYBOOK"].instance_dir / "attachments"
    for path in found.glob("*"):
        path.unlink()
    return found


def attach(client: FlaskClient, number: int, content: bytes, name: str) -> Any:
    data = {"csrf_token": token(client), "file": (BytesIO(content), name)}
    return client.post(f"/policy_document/attach/?id={number}", data=data, content_type="multipart/form-data")


def kept(office: Office) -> list[Attachment]:
    with office.session() as session:
        found = list(session.scalars(select(Attachment)))
        session.expunge_all()
        return found


@pytest.mark.parametrize(
    "name",
    ["../../x.pdf", "..\\..\\x.pdf", "/etc/cron.d/x.pdf", "C:\\x.pdf", "a/b/../../../x.pdf", "x\0.pdf"],
)
def test_name_of_an_upload_leads_nowhere(
    name: str, office: Office, client_as: ClientAs, document: int, folder: Path
) -> None:
    attach(client_as(office.hr), document, PDF, name)
    (row,) = kept(office)
    assert row.name.endswith("x.pdf")
    assert not set(row.name) & set("/\\\0\r\n")
    (path,) = folder.iterdir()
    assert re.fullmatch(r"[0-9a-f]{32}", path.name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf.html", PDF),
        ("a.pdf.html", POLYGLOT),
        ("a.html", POLYGLOT),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.png", b"<svg onload=alert(1)>"),
        ("a.txt", b"<?xml version='1.0'?><svg/>"),
        ("a.xlsx", PDF),
        ("a.pdf.exe", PDF),
        ("a", PDF),
        (".pdf", b"MZ"),
    ],
)
def test_file_that_is_not_what_it_is_called_is_not_kept(
    name: str, content: bytes, office: Office, client_as: ClientAs, document: int, folder: Path
) -> None:
    attach(client_as(office.hr), document, content, name)
    assert kept(office) == []
    assert list(folder.glob("*")) == []


def test_file_that_is_two_things_is_only_saved_never_shown(office: Office, client_as: ClientAs, document: int) -> None:
    client = client_as(office.hr)
    attach(client, document, POLYGLOT, "a.pdf")
    with client.get(f"/policy_document/attachment/?id={document}&file={kept(office)[0].id}") as answer:
        assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name", ['a";x="\r\nSet-Cookie: a=b.pdf', "报告；1.pdf", "a%0d%0aX-Y: z.pdf", "'\"<b>.pdf", "../a"]
)
def test_name_of_a_download_opens_no_header(name: str, office: Office, client_as: ClientAs, document: int) -> None:
    client = client_as(office.hr)
    attach(client, document, PDF, "a.pdf")
    (row,) = kept(office)
    with office.session() as session, maintenance_write(session.connection()) as connection:
        # As if no other layer had looked at the name.
        connection.execute(update(Attachment.__table__).values(name=name))
    with client.get(f"/policy_document/attachment/?id={document}&file={row.id}") as answer:
        told = answer.headers["Content-Disposition"]
        assert (answer.status_code, answer.data, told.split(";")[0]) == (200, PDF, "attachment")
        assert not set(told) & set("\r\n")
        assert {"Set-Cookie", "X-Y"}.isdisjoint(answer.headers.keys())


def test_picture_of_a_hundred_thousand_dots_is_never_drawn(office: Office, client_as: ClientAs, document: int) -> None:
    """Nothing here decodes a picture: it costs what its bytes cost."""
    attach(client_as(office.hr), document, png(100_000), "a.png")
    assert [row.size for row in kept(office)] == [len(png(100_000))]


def test_bomb_named_like_a_document_is_not_inflated(office: Office, client_as: ClientAs, document: int) -> None:
    """Of an office file only the names of its parts are read."""
    bomb = repacked(xlsx([["a"], [1]]), **{"word/document.xml": b"\0" * 30_000_000})
    attach(client_as(office.hr), document, bomb, "a.docx")
    assert [row.media_type for row in kept(office)] in ([DOCUMENT], [])


@pytest.mark.parametrize("part", ["../../evil.txt", "/var/evil.txt", "..\\evil.txt"])
def test_part_of_an_archive_leads_nowhere(part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    book = repacked(xlsx([["a", "b"], [1, 2]]), **{part: b"evil"})
    with suppress(FileRefused):
        list(open_table(book, "x.xlsx").rows())
    assert list(tmp_path.rglob("*evil*")) == []


def test_what_the_scanner_finds_is_not_kept(
    office: Office, client_as: ClientAs, document: int, folder: Path, scanner: Path
) -> None:
    client = client_as(office.hr)
    attach(client, document, EICAR, "a.txt")
    assert (kept(office), list(folder.glob("*"))) == ([], [])
    attach(client, document, b"nothing special", "a.txt")
    assert [row.name for row in kept(office)] == ["a.txt"]


def test_what_the_scanner_finds_is_not_imported(scanner: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.Folder, "path", tmp_path / "imports")
    with pytest.raises(FileRefused, match="virus scanner"):
        files.store(BytesIO(b"number,name\n1," + EICAR))
    assert list((tmp_path / "imports").iterdir()) == []
    assert files.store(BytesIO(b"number,name\n1,x")).size == 15


@pytest.mark.parametrize("command", [("/nowhere/at/all",), ("sh", "-c", "exit 2"), ("sh", "-c", "sleep 5")])
def test_scanner_that_fails_lets_nothing_through(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(PDF)
    assert scanning.is_clean(path)
    monkeypatch.setattr(scanning.Scanner, "command", command)
    monkeypatch.setattr(scanning, "PATIENCE", 0.2)
    assert not scanning.is_clean(path)


def test_plain_name_is_never_empty() -> None:
    assert {plain_name(name) for name in ("", "/", "\0", "..\\")} == {"file"}
