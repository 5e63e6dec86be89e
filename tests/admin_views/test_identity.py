from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import sessions
from engine.accounts.throttle import Caller
from engine.acting import Door, NobodyActingError, current_act
from engine.transitions.performing import perform
from models.accounts import Account, EndReason, Proof, WebSession
from tests.admin_views.forms import in_english, send, token
from tests.factories.accounts import PASSWORD, Site, sign_in
from tests.fixtures.rulebook import NOW

pytestmark = pytest.mark.sqlite

OPEN = {
    "static",
    "identity.sign_in",
    "identity.demonstrate",
    "identity.redeem",
    "identity.setup",
    "switches.choose_language",
    "switches.choose_appearance",
}
"""What somebody who has not signed in may reach. A page that is added here is a decision."""
VALUES = {"step": "leave", "id": 1, "name": "x", "file": 1, "table": "staff", "filename": "x", "path": "x"}


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """Every address of the application with each of its methods."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        url = adapter.build(rule.endpoint, {name: VALUES.get(name, 1) for name in rule.arguments}, force_external=False)
        found += [(rule.endpoint, method, url) for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"})]
    return found


def test_every_page_asks_who_is_there(app: Flask, client: FlaskClient, site: Site) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        reached = set()
        for endpoint, method, url in addresses(app):
            if (
                app.blueprints.get(endpoint.partition(".")[0])
                and endpoint.partition(".")[0] in app.extensions["dutybook.self_answering"]
            ):
                continue
            answer = client.open(url, method=method)
            refused = answer.status_code == 303 and (answer.location or "").startswith("/login")
            reached |= set() if refused else {endpoint}
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert {endpoint for endpoint in reached if not endpoint.endswith(".static")} <= OPEN


def test_stranger_comes_back_to_where_they_wanted(client: FlaskClient, site: Site) -> None:
    answer = client.get("/ledger/?owner=me")
    assert answer.location == "/login?next=/ledger/?owner%3Dme"
    done = send(client, "/login", {"login": "zhang", "password": PASSWORD, "next": "/ledger/?owner=me"})
    assert (done.status_code, done.location) == (303, "/ledger/?owner=me")


@pytest.mark.parametrize("target", ["//evil.example", "https:evil.example", "/\\evil.example", "http://evil.example/"])
def test_signing_in_leads_nowhere_else(client: FlaskClient, site: Site, target: str) -> None:
    page = client.get("/login", query_string={"next": target})
    assert f'value="{target}"' not in page.text
    done = send(client, "/login", {"login": "zhang", "password": PASSWORD, "next": target})
    assert done.location == "/"


def test_script_of_a_stranger_gets_401(client: FlaskClient, site: Site) -> None:
    assert client.get("/ledger/", headers={"Accept": "application/json"}).status_code == 401
    assert client.get("/ledger/", headers={"X-Requested-With": "XMLHttpRequest"}).status_code == 401


def test_holder_acts_through_the_form_door(app: Flask, client: FlaskClient, site: Site) -> None:
    seen: list[Any] = []

    def ask() -> None:
        seen.append(current_act())

    app.before_request_funcs[None].append(ask)
    try:
        client.get("/login")
        sign_in(client, site.agent).get("/me/")
    finally:
        app.before_request_funcs[None].remove(ask)
    stranger, holder = seen
    assert (stranger.actor.staff_id, stranger.actor.roles) == (None, frozenset())
    assert (holder.actor.staff_id, holder.actor.account_id, holder.door) == (
        site.agent.staff_id,
        site.agent.id,
        Door.FORM,
    )


def test_nobody_is_left_acting_after_a_request(app: Flask, client: FlaskClient, site: Site) -> None:
    sign_in(client, site.agent).get("/me/")
    with pytest.raises(NobodyActingError):
        current_act()


def test_cookie_holds_no_number_and_is_closed_to_scripts(client: FlaskClient, site: Site) -> None:
    done = send(client, "/login", {"login": "zhang", "password": PASSWORD})
    cookies = done.headers.getlist("Set-Cookie")
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
    assert not any("remember" in cookie for cookie in cookies)
    assert not any("Expires" in cookie for cookie in cookies)


def test_key_is_new_at_every_signing_in(client: FlaskClient, site: Site) -> None:
    """A key that was planted before signing in opens nothing afterwards."""
    keys = []
    for _round in range(2):
        with client.session_transaction() as cookie:
            cookie.setdefault("_user_id", "planted")
        with client.session_transaction() as cookie:
            cookie.clear()
        send(client, "/login", {"login": "zhang", "password": PASSWORD})
        with client.session_transaction() as cookie:
            keys.append(cookie["_user_id"])
        send(client, "/logout", page="/me/")
    assert len({*keys, "planted"}) == 3


def saved_cookie(client: FlaskClient) -> dict[str, Any]:
    with client.session_transaction() as cookie:
        return dict(cookie)


def replay(app: Flask, cookie: dict[str, Any]) -> Any:
    thief = app.test_client()
    with thief.session_transaction() as held:
        held.update(cookie)
    return thief.get("/me/")


def test_cookie_opens_nothing_after_signing_out(app: Flask, client: FlaskClient, site: Site) -> None:
    kept = saved_cookie(sign_in(client, site.agent))
    assert replay(app, kept).status_code == 200
    done = send(client, "/logout", page="/me/")
    assert done.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert replay(app, kept).status_code == 303


@pytest.mark.parametrize("minutes", [30, 12 * 60])
def test_cookie_opens_nothing_when_time_is_over(app: Flask, client: FlaskClient, site: Site, minutes: int) -> None:
    kept = saved_cookie(sign_in(client, site.agent))
    with clock.fixed_at(NOW + timedelta(minutes=minutes)):
        assert replay(app, kept).status_code == 303


def disable(session: Session, account: Account) -> None:
    perform(session, account, "disable", reason="left")


def take_role(session: Session, account: Account) -> None:
    account.roles = ["trainer"]


@pytest.mark.parametrize(("change", "word"), [(disable, "disabled"), (take_role, "roles")])
def test_next_request_obeys_a_change(
    client: FlaskClient, site: Site, change: Callable[[Session, Account], None], word: str
) -> None:
    sign_in(in_english(client), site.agent)
    assert client.get("/me/").status_code == 200
    with site.session() as session:
        change(session, session.get_one(Account, site.agent.id))
    assert client.get("/me/").status_code == 303
    assert str(EndReason(word).label) in client.get("/login").text


def test_first_browser_is_told_that_somebody_signed_in_elsewhere(app: Flask, site: Site) -> None:
    first, second = in_english(app.test_client()), app.test_client()
    for browser in (first, second):
        send(browser, "/login", {"login": "zhang", "password": PASSWORD})
    assert first.get("/me/").location == "/login?next=/me/"
    page = first.get("/login").text
    assert str(EndReason.ELSEWHERE.label) in page
    assert str(EndReason.ELSEWHERE.label) not in first.get("/login").text
    assert second.get("/me/").status_code == 200
    assert [said["why"] for said in site.audited("session_ended")] == [[None, "elsewhere"]]


def test_session_that_ran_out_is_written_off_once(client: FlaskClient, site: Site) -> None:
    sign_in(client, site.agent)
    with clock.fixed_at(NOW + timedelta(minutes=31)):
        for _each in range(2):
            client.get("/me/")
    assert [said["why"] for said in site.audited("session_ended")] == [[None, "idle"]]


def test_use_is_noted_once_a_minute(client: FlaskClient, site: Site) -> None:
    sign_in(client, site.agent)
    for seconds, expected in ((59, 0), (60, 60), (90, 60), (125, 125)):
        with clock.fixed_at(NOW + timedelta(seconds=seconds)):
            client.get("/me/")
        with site.session() as session:
            assert session.scalars(select(WebSession.seen_at)).one() == NOW + timedelta(seconds=expected)


def test_password_alone_opens_only_the_next_step(app: Flask, client: FlaskClient, site: Site) -> None:
    with site.session() as session:
        key = sessions.open_session(
            session, session.get_one(Account, site.manager.id), Proof.PASSWORD, Caller("127.0.0.1")
        )
    with client.session_transaction() as cookie:
        cookie["_user_id"] = key
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        for endpoint, method, url in addresses(app):
            if endpoint in {"identity.set_up_two_step", "identity.sign_out", *OPEN} or endpoint.endswith(".static"):
                continue
            if endpoint.partition(".")[0] in app.extensions["dutybook.self_answering"]:
                continue  # programs show a token or a key, not a session
            assert client.open(url, method=method).location == "/login/two-step", endpoint
    finally:
        app.config["WTF_CSRF_ENABLED"] = True


def test_language_switch_works_before_signing_in(client: FlaskClient, site: Site) -> None:
    send(client, "/language", {"language": "en", "next": "/login"}, page="/login")
    assert 'lang="en"' in client.get("/login").text
    send(client, "/language", {"language": "zh_Hans_CN", "next": "/login"}, page="/login")
    assert 'lang="zh-CN"' in client.get("/login").text


def test_forged_token_is_refused(client: FlaskClient, site: Site) -> None:
    token(client)
    answer = client.post("/login", data={"csrf_token": "forged", "login": "zhang", "password": PASSWORD})
    assert answer.status_code == 400
