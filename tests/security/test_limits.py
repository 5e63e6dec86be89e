"""What one person can make the server do, or carry off, in a short time."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin_views import taking
from admin_views.base import access
from engine import clock
from tests.factories.accounts import Site, sign_in
from tests.factories.office import Office
from tests.fixtures.client import ClientAs

pytestmark = pytest.mark.sqlite


def take(client: FlaskClient) -> int:
    with client.get("/staff/export/csv/") as answer:
        return answer.status_code


def test_exports_in_a_row_are_stopped(office: Office, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "MOST", 3)
    hr, manager = client_as(office.hr), client_as(office.manager)
    assert [take(hr) for _each in range(4)] == [200, 200, 200, 429]
    assert take(manager) == 200
    with clock.fixed_at(clock.now() + taking.WITHIN + timedelta(seconds=1)):
        assert take(hr) == 200


def test_limits_are_those_that_are_written_down() -> None:
    assert (30, timedelta(minutes=10)) == (taking.MOST, taking.WITHIN)


@pytest.mark.parametrize("page", ["/staff/", "/staff/new/", "/team/"])
def test_access_that_fails_opens_nothing(
    office: Office, client_as: ClientAs, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in the question of rights is answered like a fault, never like a yes."""

    def broken(*_given: Any) -> bool:
        msg = "the matrix is gone"
        raise RuntimeError(msg)

    client = client_as(office.hr)
    app: Flask = client.application
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr(access, "may", broken)
    answer = client.get(page)
    assert answer.status_code == 500
    for secret in (office.agent.name, office.agent.number, "matrix is gone", "Traceback", "RuntimeError"):
        assert secret not in answer.text


@pytest.mark.parametrize("page", ["/", "/me/", "/staff/", "/ledger/", "/notices/", "/nowhere"])
def test_every_page_lets_one_sign_out(site: Site, app: Flask, page: str) -> None:
    client = sign_in(app.test_client(), site.agent)
    assert 'action="/logout"' in client.get(page).text
