from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import clock
from engine.accounts.setup import FILE, setup_secret
from engine.database import db
from models.accounts import Account
from models.organisation import Department
from models.policy import Adoption
from tests.admin_views.forms import send
from tests.factories.accounts import Site
from tests.fixtures.rulebook import NOW


@pytest.fixture
def key(app: Flask) -> Iterator[str]:
    """The key on the terminal of an empty installation."""
    with clock.fixed_at(NOW):
        with app.app_context():
            found = setup_secret(db.session(), app.config["DUTYBOOK"].instance_dir)
        assert found
        yield found


def stored(app: Flask, column: Any) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(select(column)))


def said(key: str, **other: Any) -> dict[str, Any]:
    return {
        "secret": key,
        "department": "客服中心",
        "timezone": "Asia/Shanghai",
        "language": "zh_Hans_CN",
        "pack": "C",
        "valid_from": "2026-01-01",
        "name": "王敏",
        "number": "M001",
        "phone": "",
        "login": "wang.min",
        "password": "a long and quiet river",
        "again": "a long and quiet river",
        **other,
    }


@pytest.mark.parametrize("address", ["/", "/login", "/ledger/", "/welcome", "/me/"])
def test_empty_installation_leads_to_its_setup(client: FlaskClient, key: str, address: str) -> None:
    assert client.get(address).location == "/setup"


def test_setup_makes_the_department_and_signs_its_administrator_in(app: Flask, client: FlaskClient, key: str) -> None:
    assert key not in client.get("/setup").text
    done = send(client, "/setup", said(key))
    assert (done.status_code, done.location) == (303, "/")
    assert client.get("/").location == "/login/two-step"
    assert stored(app, Department.name) == ["客服中心"]
    assert stored(app, Adoption.pack) == ["C"]
    assert stored(app, Account.login) == ["wang.min"]
    assert not Path(app.config["DUTYBOOK"].instance_dir, FILE).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "a guess"},
        {"secret": ""},
        {"password": "short", "again": "short"},
        {"again": "another one"},
        {"pack": "Z"},
        {"timezone": "Mars/Olympus"},
        {"login": "two words"},
        {"valid_from": "soon"},
        {"department": ""},
        {"language": "xx"},
    ],
)
def test_setup_makes_all_or_nothing(app: Flask, client: FlaskClient, key: str, wrong: dict[str, str]) -> None:
    answer = send(client, "/setup", said(key, **wrong))
    assert answer.status_code == 422
    assert "a long and quiet river" not in answer.text
    assert stored(app, Department.id) == []
    assert send(client, "/setup", said(key)).status_code == 303


def test_setup_is_over_once_there_is_a_department(client: FlaskClient, site: Site) -> None:
    assert client.get("/setup").location == "/"
    answer = send(client, "/setup", said("anything"), page="/login")
    assert answer.location == "/"
    assert stored(site.app, Department.id) == [site.department.id]
