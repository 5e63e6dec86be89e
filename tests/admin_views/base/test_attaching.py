from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.transitions.performing import perform
from models.attachment import Attachment
from models.policy import PolicyDocument
from tests.factories.browsing import post, token
from tests.factories.office import Office
from tests.factories.policy import policy_document
from tests.fixtures.client import ClientAs

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


@pytest.fixture
def document(office: Office) -> int:
    with office.session() as session:
        return policy_document(session, office.home, office.hr).id


def attach(client: Any, number: int, content: bytes, name: str) -> Any:
    data = {"csrf_token": token(client), "file": (BytesIO(content), name)}
    return client.post(f"/policy_document/attach/?id={number}", data=data, content_type="multipart/form-data")


def rows(office: Office) -> list[Attachment]:
    with office.session() as session:
        found = list(session.scalars(select(Attachment)))
        session.expunge_all()
        return found


def on_disk(office: Office) -> list[Path]:
    return sorted((office.app.config["DUTYBOOK"].instance_dir / "attachments").glob("*"))


@pytest.fixture(autouse=True)
def empty_folder(office: Office) -> None:
    for path in on_disk(office):
        path.unlink()


def test_file_is_kept_under_a_random_name_and_given_back_as_a_download(
    office: Office, client_as: ClientAs, document: int
) -> None:
    client = client_as(office.hr)
    attach(client, document, PNG, "../../证据.png")
    (row,), (path,) = rows(office), on_disk(office)
    assert (row.name, row.media_type, row.size, path.name) == ("证据.png", "image/png", len(PNG), row.stored)
    assert path.stat().st_mode & 0o777 == 0o600
    with client.get(f"/policy_document/attachment/?id={document}&file={row.id}") as answer:
        assert answer.data == PNG
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.html", b"<script>alert(1)</script>"),
        ("x.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("x.pdf", b"MZ\x90\x00"),
        ("x.txt", b""),
        ("x.docx", b"PK\x03\x04 broken"),
        ("x.txt", b"a\x00b"),
        ("x.txt", b"\n <html>"),
    ],
)
def test_what_a_browser_might_run_is_not_kept(
    name: str, content: bytes, office: Office, client_as: ClientAs, document: int
) -> None:
    attach(client_as(office.hr), document, content, name)
    assert (rows(office), on_disk(office)) == ([], [])


def test_same_name_twice_is_two_files(office: Office, client_as: ClientAs, document: int) -> None:
    client = client_as(office.hr)
    attach(client, document, PNG, "a.png")
    attach(client, document, PNG + b"1", "a.png")
    assert len({row.stored for row in rows(office)}) == len(on_disk(office)) == 2


def test_too_large_a_request_is_refused(
    office: Office, client_as: ClientAs, document: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(office.app.config, "MAX_CONTENT_LENGTH", 2000)
    answer = attach(client_as(office.hr), document, PNG + b"x" * 3000, "a.png")
    assert answer.status_code == 413
    assert on_disk(office) == []


def test_file_is_opened_only_through_its_own_record(office: Office, client_as: ClientAs, document: int) -> None:
    client = client_as(office.hr)
    attach(client, document, PNG, "a.png")
    number = rows(office)[0].id
    assert client.get(f"/policy_document/attachment/?id={document + 1}&file={number}").status_code == 404
    assert client.get(f"/staff/attachment/?id={office.agent.id}&file={number}").status_code == 404
    assert (
        client_as(office.stranger).get(f"/policy_document/attachment/?id={document}&file={number}").status_code == 404
    )


def test_only_who_may_change_the_record_attaches(office: Office, client_as: ClientAs, document: int) -> None:
    assert attach(client_as(office.agent), document, PNG, "a.png").status_code == 403
    with office.session() as session:
        record = session.get_one(PolicyDocument, document)
        perform(session, record, "review")
        perform(session, record, "take_effect")
    assert attach(client_as(office.hr), document, PNG, "a.png").status_code == 403
    assert rows(office) == []


def test_removed_file_leaves_the_disk_after_the_commit(office: Office, client_as: ClientAs, document: int) -> None:
    client = client_as(office.hr)
    attach(client, document, PNG, "a.png")
    answer = post(client, f"/policy_document/detach/?id={document}", {"file": str(rows(office)[0].id)})
    assert answer.status_code == 303
    assert (rows(office), on_disk(office)) == ([], [])
