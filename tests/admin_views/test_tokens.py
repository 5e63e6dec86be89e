"""My tokens, and everybody's: made behind the password, shown once, ended with a click."""

import re

import pytest
from sqlalchemy import select

from engine.acting import Role
from models.api_token import ApiToken
from tests.factories.accounts import PASSWORD, Site
from tests.factories.browsing import post
from tests.factories.programs import Program, of_account

SHOWN = re.compile(r'<code class="secret"[^>]*>(dtb_[\w-]{43})</code>')
WISH = {"name": "roster program", "reach": "write", "days": "30", "current": PASSWORD, "code": ""}


def test_token_is_shown_once_and_works(site: Site) -> None:
    browser = site.browser(site.lead)
    page = post(browser, "/me/tokens/make", WISH)
    key = SHOWN.search(page.text)
    assert key is not None, page.text
    assert Program(site.app, key[1]).get("/team").status_code == 200
    again = browser.get("/me/tokens/")
    assert key[1] not in again.text
    assert key[1][:10] in again.text
    assert "roster program" in again.text


def test_chosen_entities_become_scopes(site: Site) -> None:
    sent = WISH | {"reach": "some", "reads": ["staff", "team"], "writes": ["service_record"]}
    assert SHOWN.search(post(site.browser(site.lead), "/me/tokens/make", sent).text)
    with site.session() as session:
        scopes = session.scalars(select(ApiToken.scopes)).one()
    assert scopes == ["read:staff", "read:team", "write:service_record"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"current": "wrong"},
        {"current": ""},
        {"name": ""},
        {"days": "3650"},
        {"reach": "everything"},
        {"reach": "some"},
        {"reach": "some", "reads": ["qa_plan_of_others"]},
        {"reach": "some", "writes": ["audit_entry"]},
    ],
)
def test_form_that_is_wrong_makes_none(site: Site, wrong: dict[str, str]) -> None:
    page = post(site.browser(site.agent), "/me/tokens/make", WISH | wrong)
    assert page.status_code == 422
    assert "field-error" in page.text
    with site.session() as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_second_step_is_asked_of_who_has_one(site: Site) -> None:
    phone, _codes = site.give_phone(site.manager)
    browser = site.browser(site.manager)
    assert 'name="code"' in browser.get("/me/tokens/").text
    assert post(browser, "/me/tokens/make", WISH).status_code == 422
    assert 'name="code"' not in site.browser(site.agent).get("/me/tokens/").text
    assert phone.secret not in browser.get("/me/tokens/").text


def test_own_token_is_revoked(site: Site) -> None:
    with site.session() as session:
        asking = of_account(site.app, session, site.lead)
        others = of_account(site.app, session, site.agent)
    browser = site.browser(site.lead)
    assert post(browser, "/me/tokens/revoke", {"id": str(others.token_id)}).status_code == 404
    assert post(browser, "/me/tokens/revoke", {"id": str(asking.token_id)}).status_code == 303
    assert asking.get("/team").status_code == 401
    assert others.get("/team").status_code == 200


def test_administrator_sees_and_ends_everybody_s(site: Site) -> None:
    with site.session() as session:
        asking = of_account(site.app, session, site.agent)
        holder = session.get_one(type(site.agent), site.agent.id).staff.label
    site.give_phone(site.manager)
    browser = site.browser(site.manager)
    page = browser.get("/tokens/")
    assert holder in page.text
    assert asking.key is not None
    assert asking.key[:10] in page.text
    assert asking.key not in page.text
    assert post(browser, "/tokens/revoke", {"id": str(asking.token_id)}).status_code == 303
    assert asking.get("/team").status_code == 401


@pytest.mark.parametrize("role", [Role.SHIFT_LEAD])
def test_others_do_not_see_everybody_s(site: Site, role: Role) -> None:
    assert site.browser(site.lead).get("/tokens/").status_code == 403
