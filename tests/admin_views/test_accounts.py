"""The screens of signing in, of one's own account, and of administering accounts."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import clock
from engine.accounts import login, passwords, sessions, throttle, two_step
from engine.accounts.throttle import Caller
from engine.acting import Role
from models.accounts import Account, AccountState, WebSession
from models.audit import AuditEntry
from models.organisation import Post
from tests.admin_views.forms import in_english, send, token
from tests.factories import accounts, organisation
from tests.factories.accounts import PASSWORD, Site, sign_in
from tests.fixtures.rulebook import NOW

pytestmark = pytest.mark.sqlite

FRESH = "a brand new sentence"
HERE = Caller("127.0.0.1")


def enter(client: FlaskClient, name: str, password: str = PASSWORD) -> int:
    return send(client, "/login", {"login": name, "password": password}).status_code


def test_agent_signs_in_with_a_password(client: FlaskClient, site: Site) -> None:
    assert enter(client, "zhang") == 303
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(("name", "password"), [("zhang", "a bad guess"), ("nobody", PASSWORD)])
def test_wrong_pair_gets_the_same_page(client: FlaskClient, site: Site, name: str, password: str) -> None:
    answer = send(in_english(client), "/login", {"login": name, "password": password})
    assert answer.status_code == 401
    assert str(login.WRONG) in answer.text
    assert password not in answer.text


@pytest.mark.parametrize(
    "values", [{}, {"login": "zhang"}, {"password": PASSWORD}, {"login": "x" * 300, "password": "y"}]
)
def test_incomplete_form_is_sent_back(client: FlaskClient, site: Site, values: dict[str, str]) -> None:
    assert send(client, "/login", values).status_code == 422


def test_sixth_try_has_to_wait(client: FlaskClient, site: Site) -> None:
    assert [enter(client, "zhang", "wrong") for _try in range(5)] == [401] * 5
    answer = send(client, "/login", {"login": "zhang", "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1800"


def test_signed_in_person_is_not_asked_again(client: FlaskClient, site: Site) -> None:
    assert sign_in(client, site.agent).get("/login").status_code == 303


@pytest.mark.parametrize("control", ["login", "password"])
def test_browser_may_fill_and_paste(client: FlaskClient, site: Site, control: str) -> None:
    found = re.search(rf'<input[^>]*name="{control}"[^>]*>', client.get("/login").text)
    assert found
    assert {"login": 'autocomplete="username"', "password": 'autocomplete="current-password"'}[control] in found[0]
    assert "onpaste" not in found[0]


# The second step


def test_manager_sets_up_the_second_step_and_uses_it(client: FlaskClient, site: Site) -> None:
    enter(client, "boss")
    assert client.get("/").location == "/login/two-step"
    page = client.get("/login/two-step")
    assert "data:image/svg+xml" in page.text
    with client.session_transaction() as cookie:
        phone = pyotp.TOTP(cookie["enrolling"])
    assert send(client, "/login/two-step", {"code": "000000"}).status_code == 422
    done = send(client, "/login/two-step", {"code": phone.at(NOW)})
    codes = re.findall(r"<li><code>([^<]+)</code></li>", done.text)
    assert len(codes) == two_step.RECOVERY_CODES
    assert client.get("/").status_code == 200
    send(client, "/logout", page="/me/")
    later = NOW + timedelta(minutes=2)
    with clock.fixed_at(later):
        enter(client, "boss")
        assert client.get("/").location == "/login/code"
        assert send(client, "/login/code", {"code": "000000"}).status_code == 401
        assert send(client, "/login/code", {"code": phone.at(later)}).status_code == 303
        assert client.get("/").status_code == 200


def test_recovery_code_signs_in_without_the_phone(client: FlaskClient, site: Site) -> None:
    _phone, codes = site.give_phone(site.manager)
    enter(client, "boss")
    assert send(client, "/login/code", {"code": codes[0]}).status_code == 303
    assert client.get("/").status_code == 200


def test_second_step_is_moved_only_after_the_password(client: FlaskClient, site: Site) -> None:
    sign_in(client, site.agent)
    assert client.get("/login/two-step").status_code == 403
    assert send(client, "/me/two-step", {"current": "a guess", "what": "set_up"}).status_code == 422
    done = send(client, "/me/two-step", {"current": PASSWORD, "what": "set_up"})
    assert done.location == "/login/two-step"
    assert client.get("/login/two-step").status_code == 200


def test_second_step_is_not_switched_off_where_the_role_requires_it(client: FlaskClient, site: Site) -> None:
    for account, stays in ((site.manager, True), (site.agent, False)):
        site.give_phone(account)
        send(site.browser(account), "/me/two-step", {"current": PASSWORD, "what": "remove"})
        assert site.again(account).has_second_factor is stays


# My account


def test_password_is_changed_and_the_person_stays_signed_in(client: FlaskClient, site: Site) -> None:
    sign_in(client, site.agent)
    done = send(client, "/me/password", {"current": PASSWORD, "password": FRESH, "again": FRESH})
    assert (done.status_code, client.get("/me/").status_code) == (303, 200)
    assert passwords.opens(site.again(site.agent).password_hash, FRESH)


@pytest.mark.parametrize(
    ("current", "password", "again"),
    [
        ("wrong", FRESH, FRESH),
        (PASSWORD, FRESH, FRESH + "!"),
        (PASSWORD, "password123", "password123"),
        (PASSWORD, "", ""),
    ],
)
def test_password_is_not_changed(client: FlaskClient, site: Site, current: str, password: str, again: str) -> None:
    sign_in(client, site.agent)
    answer = send(client, "/me/password", {"current": current, "password": password, "again": again})
    assert answer.status_code == 422
    assert passwords.opens(site.again(site.agent).password_hash, PASSWORD)


def test_person_who_must_choose_a_password_is_led_there(client: FlaskClient, site: Site) -> None:
    with site.session() as session:
        session.get_one(Account, site.agent.id).must_change_password = True
    sign_in(client, site.agent)
    assert client.get("/ledger/").location == "/login/password"
    send(client, "/login/password", {"current": PASSWORD, "password": FRESH, "again": FRESH})
    assert client.get("/ledger/").status_code == 200


def test_language_and_appearance_follow_the_account(client: FlaskClient, site: Site) -> None:
    sign_in(client, site.agent)
    assert 'lang="zh-CN"' in client.get("/me/").text
    send(client, "/me/preferences", {"language": "en", "theme": "dark"}, page="/me/")
    page = client.get("/me/").text
    assert 'lang="en" data-theme="dark"' in page
    assert send(client, "/me/preferences", {"language": "xx", "theme": "dark"}, page="/me/").status_code == 400


def test_person_ends_only_their_own_sessions(client: FlaskClient, site: Site) -> None:
    sign_in(client, site.agent)
    foreigner = site.browser(site.lead)
    with site.session() as session:
        numbers = dict(session.execute(select(WebSession.account_id, WebSession.id)).all())
    assert send(client, "/me/sessions/end", {"id": numbers[site.lead.id]}, page="/me/").status_code == 404
    send(client, "/me/sessions/end", {"id": numbers[site.agent.id]}, page="/me/")
    assert (client.get("/me/").status_code, foreigner.get("/me/").status_code) == (303, 200)


# Invitation and reset


def invited(client: FlaskClient, account: Account) -> str:
    page = send(client, "/account/issue/", {"id": account.id}, page=f"/account/details/?id={account.id}")
    found = re.search(r'class="secret"[^>]*>[^<]*#([^<]+)<', page.text)
    assert found, page.text
    return found[1]


@pytest.fixture
def admin(site: Site) -> FlaskClient:
    """An administrator's browser, second step done."""
    site.give_phone(site.manager)
    return site.browser(site.manager)


def test_administrator_makes_an_account_and_its_person_chooses_the_password(
    admin: FlaskClient, client: FlaskClient, site: Site
) -> None:
    with site.session() as session:
        number = organisation.staff(session, site.department, Post.TRAINER, superior=site.manager.staff).id
    values = {"staff_id": number, "login": "trainer", "roles-shown": "1", "roles": "trainer", "language": "en"}
    assert send(admin, "/account/new/", values).status_code == 303
    with site.session() as session:
        made = session.scalars(select(Account).where(Account.login == "trainer")).one()
        assert (made.state, made.password_hash) == (AccountState.INVITED, None)
        session.expunge(made)
    secret = invited(admin, made)
    assert secret not in admin.get(f"/account/details/?id={made.id}").text
    answers = [
        send(client, "/welcome", {"secret": secret, "password": FRESH, "again": FRESH}).status_code
        for _each in range(2)
    ]
    assert answers == [303, 422]
    assert enter(client, "trainer", FRESH) == 303


def test_reset_link_is_for_another_person_only_by_an_administrator(
    admin: FlaskClient, client: FlaskClient, site: Site
) -> None:
    with site.session() as session:
        hr = accounts.account(
            session, organisation.staff(session, site.department, Post.HR, superior=site.manager.staff)
        )
        accounts.detached(session, hr)
    site.give_phone(hr)
    sign_in(client, hr)
    for action in ("issue", "unlock", "end-sessions", "take-off-second-step"):
        refused = send(client, f"/account/{action}/", {"id": site.agent.id}, page="/me/")
        assert refused.status_code == 403, action
    assert invited(admin, site.agent)


def test_others_find_no_foreign_account(client: FlaskClient, site: Site) -> None:
    sign_in(client, site.agent)
    assert client.get(f"/account/details/?id={site.agent.id}").status_code == 200
    assert client.get(f"/account/details/?id={site.manager.id}").status_code == 404
    for action in ("issue", "unlock", "end-sessions", "take-off-second-step"):
        assert send(client, f"/account/{action}/", {"id": site.lead.id}, page="/me/").status_code == 404
    assert "boss" not in client.get("/account/").text


def test_administrator_unlocks_ends_sessions_and_takes_off_a_lost_phone(admin: FlaskClient, site: Site) -> None:
    site.give_phone(site.agent)
    with site.session() as session:
        for _try in range(5):
            throttle.admit(session, "zhang", HERE)
    browser = site.browser(site.agent)
    page = f"/account/details/?id={site.agent.id}"
    for action in ("unlock", "end-sessions", "take-off-second-step"):
        assert send(admin, f"/account/{action}/", {"id": site.agent.id}, page=page).status_code == 303
    with site.session() as session:
        assert throttle.locked_until(session, "zhang") is None
    assert browser.get("/me/").status_code == 303
    assert not site.again(site.agent).has_second_factor


def test_no_page_shows_what_proves_a_person(admin: FlaskClient, site: Site) -> None:
    secret = str(site.again(site.manager).totp_secret)
    for address in (
        "/account/",
        f"/account/details/?id={site.manager.id}",
        f"/account/edit/?id={site.manager.id}",
        "/me/",
    ):
        text = admin.get(address).text
        assert "argon2" not in text
        assert secret not in text
        assert 'name="password_hash"' not in text


def test_fields_that_no_form_shows_are_not_written_by_one(admin: FlaskClient, site: Site) -> None:
    values = {
        "version": site.agent.version,
        "staff_id": site.agent.staff_id,
        "login": "zhang",
        "roles-shown": "1",
        "roles": "agent",
        "language": "en",
        "password_hash": "x",
        "totp_secret": "x",
        "recovery_codes": "[]",
        "state": "disabled",
        "theme": "dark",
    }
    assert send(admin, f"/account/edit/?id={site.agent.id}", values).status_code == 303
    stored = site.again(site.agent)
    assert (stored.language, stored.state, stored.theme) == ("en", AccountState.ACTIVE, "auto")
    assert passwords.opens(stored.password_hash, PASSWORD)


# The demonstration


@pytest.fixture
def demonstration(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DUTYBOOK", app.config["DUTYBOOK"].model_copy(update={"demo": True}))


def test_demonstration_is_entered_with_one_click(client: FlaskClient, demonstration: None, site: Site) -> None:
    assert 'value="manager"' in client.get("/login").text
    done = send(client, "/login/demonstration", {"role": "manager"}, page="/login")
    assert (done.status_code, client.get("/").status_code) == (303, 200)
    send(client, "/login/demonstration", {"role": "agent"}, page="/me/")
    assert site.agent.staff.name in client.get("/me/").text


@pytest.mark.parametrize("role", ["auditor", "king", ""])
def test_demonstration_without_such_a_person(client: FlaskClient, demonstration: None, site: Site, role: str) -> None:
    assert send(client, "/login/demonstration", {"role": role}, page="/login").status_code == 404


def test_one_click_needs_the_demonstration(client: FlaskClient, site: Site) -> None:
    assert 'name="role"' not in client.get("/login").text
    assert send(client, "/login/demonstration", {"role": "manager"}, page="/login").status_code == 404


@pytest.mark.parametrize(("remote", "proxies"), [("192.0.2.7", 0), ("127.0.0.1", 1), ("::ffff:192.0.2.7", 0)])
def test_one_click_needs_this_machine(
    app: Flask,
    client: FlaskClient,
    demonstration: None,
    site: Site,
    remote: str,
    proxies: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "DUTYBOOK", app.config["DUTYBOOK"].model_copy(update={"proxies": proxies}))
    there = {"environ_base": {"REMOTE_ADDR": remote}}
    assert 'name="role"' not in client.get("/login", **there).text
    values = {"role": "manager", "csrf_token": token(client)}
    assert client.post("/login/demonstration", data=values, **there).status_code == 404


def test_one_click_needs_a_token(client: FlaskClient, demonstration: None, site: Site) -> None:
    assert client.post("/login/demonstration", data={"role": "manager"}).status_code == 400


def test_every_role_has_a_name(site: Site) -> None:
    from admin_views.accounts.sign_in import ROLE_NAMES

    assert set(ROLE_NAMES) == set(Role)


def test_audit_tells_the_whole_story_and_no_secret(client: FlaskClient, site: Site) -> None:
    enter(client, "zhang", "a wrong guess")
    enter(client, "zhang")
    send(client, "/me/password", {"current": PASSWORD, "password": FRESH, "again": FRESH})
    send(client, "/logout", page="/me/")
    with site.session() as session:
        query = select(AuditEntry).where(AuditEntry.entity == "account", AuditEntry.record_id == site.agent.id)
        entries = session.scalars(query.order_by(AuditEntry.id)).all()
        assert sessions.open_of(session, site.agent.id) == []
        actions = [entry.action for entry in entries if entry.action not in {"create", "activate"}]
        kept = "".join(str(entry.changes) for entry in entries)
    assert actions == ["login_failed", "logged_in", "edit", "password_changed", "session_ended", "session_ended"]
    assert not any(secret in kept for secret in ("wrong guess", PASSWORD, FRESH, "argon2"))
