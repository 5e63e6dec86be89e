"""Whatever is sent as a body: read strictly, answered with 4xx, never with 5xx."""

import pytest

from tests.factories.office import Office
from tests.factories.programs import BASE, program

JSON = "application/json"
DEEP = "[" * 50_000 + "]" * 50_000


pytestmark = pytest.mark.sqlite

BODIES = (
    (b"", 415),
    (b"{", 400),
    (b"{'name': 1}", 400),
    (b'{"name": NaN}', 400),
    (b'{"name": Infinity}', 400),
    (b'{"name": 1, "name": 2}', 400),
    (b'{"team_id": 1' + b"0" * 5000 + b"}", 400),
    (b'{"team_id": 1e999999999}', 422),
    (b'{"name": "\xff"}', 400),
    (b'\xef\xbb\xbf{"name": "x"}', 400),
    (b'{"name": "\\u0000"}', 422),
    (b'{"name": "\\ud800"}', 422),
    (b'{"\\u0000": 1}', 422),
    (b"[]", 422),
    (b"7", 422),
    (b"null", 422),
    (f'{{"name": {DEEP}}}'.encode(), 400),
    (b'{"name": ' + b"[" * 20 + b"]" * 20 + b"}", 422),
    (b'{"name": "' + b"x" * 1_100_000 + b'"}', 413),
)


def test_body_that_is_none_is_refused(office: Office) -> None:
    headers, wrong = {"Authorization": f"Bearer {program(office.app, office.hr).key}"}, []
    for sent, status in BODIES:
        content = JSON if sent else None
        found = office.app.test_client().post(f"{BASE}/staff", data=sent, content_type=content, headers=headers)
        if (found.status_code, found.content_type) != (status, "application/problem+json"):
            wrong.append(f"{sent[:40]!r}: {found.status_code} instead of {status}")
    assert wrong == []


def test_other_kinds_of_content_are_not_read(office: Office) -> None:
    headers = {"Authorization": f"Bearer {program(office.app, office.hr).key}"}
    for content in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        found = office.app.test_client().post(f"{BASE}/staff", data=b"{}", content_type=content, headers=headers)
        assert found.status_code == 415, content
