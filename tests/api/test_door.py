"""Who comes in: a living token and nothing else, with its holder's rights of the moment."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from engine import clock
from engine.acting import Role
from engine.database import db
from engine.transitions.performing import perform
from models.accounts import Account
from models.api_token import ApiToken
from tests.factories.office import Office
from tests.factories.programs import BASE, Program, program

pytestmark = pytest.mark.sqlite

CHANGES: dict[str, Callable[[Account], object]] = {
    "disabled": lambda account: perform(db.session(), account, "disable", reason="left"),
    "roles": lambda account: setattr(account, "roles", ["agent"]),
    "second step set up since": lambda account: setattr(account, "totp_secret", "JBSWY3DPEHPK3PXP"),
    "password owed": lambda account: setattr(account, "must_change_password", True),
}


def test_request_without_a_token_is_told_how_to_get_one(office: Office) -> None:
    found = program(office.app, None).get("/staff")
    assert found.status_code == 401
    assert found.content_type == "application/problem+json"
    assert found.headers["WWW-Authenticate"] == 'Bearer realm="Dutybook"'
    assert "My account" in found.get_json()["detail"]


def test_unknown_token_opens_nothing(office: Office) -> None:
    for key in ("dtb_unknown", "", "dtb_" + "x" * 5000, "dtb_\u00fc", "Basic"):
        assert Program(office.app, key.encode().decode("latin-1")).get("/staff").status_code == 401, key


def test_session_of_a_browser_opens_nothing(office: Office, client_as: Callable[..., FlaskClient]) -> None:
    browser = client_as(office.hr)
    assert browser.get("/staff/").status_code == 200
    assert browser.get(f"{BASE}/staff").status_code == 401
    assert browser.post(f"{BASE}/staff", json={}).status_code == 401


def test_no_cookie_is_set_and_no_other_origin_is_let_in(office: Office) -> None:
    found = program(office.app, office.hr).get("/staff", Origin="https://elsewhere.example")
    assert "Set-Cookie" not in found.headers
    assert not [name for name, _value in found.headers if name.startswith("Access-Control")]
    assert found.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("change", CHANGES)
def test_token_is_dead_when_its_account_is_another(office: Office, change: str) -> None:
    asking = program(office.app, office.hr if change != "second step set up since" else office.agent, proven=False)
    if change != "second step set up since":
        asking = program(office.app, office.lead)
    assert asking.get("/team").status_code == 200
    with office.session() as session:
        CHANGES[change](session.get_one(Account, asking.account_id))
    assert asking.get("/team").status_code == 401


def test_token_stays_dead_when_the_role_comes_back(office: Office) -> None:
    asking = program(office.app, office.lead)
    for roles in (["agent"], ["shift_lead"]):
        with office.session() as session:
            session.get_one(Account, asking.account_id).roles = roles
        assert asking.get("/team").status_code == 401


def test_role_that_needs_the_second_step_needs_it_of_the_token(office: Office) -> None:
    found = program(office.app, office.hr, proven=False).get("/staff")
    assert found.status_code == 401
    assert "second step" in found.get_json()["detail"]


def test_token_ends_with_its_day(office: Office) -> None:
    asking = program(office.app, office.lead)
    with clock.fixed_at(clock.now() + timedelta(days=30)):
        found = asking.get("/team")
    assert found.status_code == 401
    assert "expired" in found.get_json()["detail"]


def test_use_is_noted_once_a_minute(office: Office) -> None:
    asking = program(office.app, office.lead)
    for _time in range(2):
        asking.get("/team")
    with office.session() as session:
        token = session.get_one(ApiToken, asking.token_id)
        assert token.used_at is not None
        assert token.used_from == "127.0.0.0/24"


def test_rights_are_those_of_the_moment(office: Office) -> None:
    """The token was made by somebody who led a team; the person is of another team now."""
    asking = program(office.app, office.lead)
    before = {row["id"] for row in asking.all("/service_record?fields=id")}
    assert before == set()
    assert asking.get("/channel").status_code == 200


@pytest.mark.parametrize(
    ("scopes", "read", "write"),
    [(["read"], 200, 403), (["write"], 200, 422), (["read:team"], 403, 403), (["write:channel"], 200, 422)],
)
def test_scopes_narrow_what_a_token_does(office: Office, scopes: list[str], read: int, write: int) -> None:
    asking = program(office.app, office.manager, scopes=scopes)
    assert asking.get("/channel").status_code == read
    assert asking.post("/channel", {}).status_code == write


def test_lacking_scope_is_named(office: Office) -> None:
    found = program(office.app, office.manager, scopes=["read:team"]).get("/channel")
    assert 'scope="read:channel"' in found.headers["WWW-Authenticate"]


@pytest.mark.parametrize(("asked", "title"), [("en", "There is nothing here"), ("zh-CN", None)])
def test_problems_are_told_in_the_asked_language(office: Office, asked: str, title: str | None) -> None:
    body = program(office.app, office.hr).get("/nothing", Accept_Language=asked).get_json()
    assert (body["title"] == "There is nothing here") == (title is not None)


WRONG_WAYS = (
    ("PUT", "/staff", 405, "GET, POST, HEAD"),
    ("TRACE", "/staff/1", 405, "GET, PATCH, DELETE, HEAD"),
    ("SPLENDID", "/staff/1", 405, "GET, PATCH, DELETE, HEAD"),
    ("GET", "/staff/1/2/3/4", 404, None),
    ("GET", "/staff/", 404, None),
    ("GET", "/staff/bulk", 405, "POST"),
    ("PATCH", "/staff/bulk", 405, "POST"),
    ("GET", "/staff/x", 404, None),
    ("GET", "/staff/" + "9" * 5000, 404, None),
    ("GET", "/staff/" + "9" * 19, 404, None),
    ("TRACE", "", 405, "GET, HEAD"),
    ("GET", "/", 404, None),
    ("POST", "/", 404, None),
    ("POST", "/nowhere/at/all/here", 404, None),
)


def test_wrong_ways_are_problem_documents(office: Office) -> None:
    asking = program(office.app, office.hr)
    for method, path, status, allowed in WRONG_WAYS:
        found = asking.send(method, path)
        assert (found.status_code, found.headers.get("Allow")) == (status, allowed), f"{method} {path}"
        assert found.content_type == "application/problem+json"


def test_index_lists_what_the_person_may(office: Office) -> None:
    names = {each["name"]: each["may"] for each in program(office.app, office.agent).get("").get_json()["entities"]}
    assert names["staff"] == ["read"]
    assert "create" in names["service_record"]
    assert "qa_plan" not in names


def test_refusal_stands_in_the_audit(office: Office) -> None:
    asking = program(office.app, office.agent, Role.AGENT)
    assert asking.get("/qa_plan").status_code == 403
    audit = program(office.app, office.manager, Role.ADMINISTRATOR).get("/audit_entry?action=denied").get_json()
    assert [(row["entity"], row["door"]) for row in audit["items"]] == [("qa_plan", "api")]


def test_address_with_a_line_break_is_answered_as_the_others(office: Office) -> None:
    answer = program(office.app, office.hr).get("/staff/%0a/transitions")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("host", ["evil.example", "0.0.0.0", "a:b:c", "\u00fc", "x" * 300])
@pytest.mark.parametrize("path", ["", "/staff", "/staff/1/2/3/4"])
def test_name_that_is_not_ours_is_a_problem_document(office: Office, host: str, path: str) -> None:
    answer = program(office.app, office.hr).get(path, Host=host.encode().decode("latin-1"))
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert answer.get_json()["title"] == "This request could not be understood"
    assert host not in answer.text


def test_name_that_is_not_ours_beside_the_api_is_told_in_plain_text(office: Office) -> None:
    answer = office.app.test_client().get(f"{BASE}0", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
