"""Requests as no browser of ours makes them."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from server.web import web_server
from tests.factories.accounts import Site, sign_in
from tests.factories.browsing import post, token
from tests.factories.office import Office
from tests.fixtures.client import ClientAs

pytestmark = pytest.mark.sqlite


def test_parameter_given_twice_names_no_row(office: Office, client_as: ClientAs) -> None:
    client, mine, other = client_as(office.hr), office.agent.id, office.stranger.id
    assert client.get(f"/staff/details/?id={mine}").status_code == 200
    assert client.get(f"/staff/details/?id={mine}&id={other}").status_code == 404
    assert client.get(f"/staff/details/?id={other}&id={mine}").status_code == 404


def test_body_does_not_stand_in_for_the_address(office: Office, client_as: ClientAs) -> None:
    """A row named in the body beside another one in the address changes neither's rights nor place."""
    client = client_as(office.hr)
    answer = post(client, f"/staff/edit/?id={office.agent.id}", {"id": str(office.stranger.id), "version": "1"})
    assert answer.status_code in {200, 409, 422}
    assert office.again(office.stranger).version == office.stranger.version


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "DEBUG", "PROPFIND", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_answered_by_no_page(office: Office, client_as: ClientAs, method: str) -> None:
    client = client_as(office.hr)
    for address in ("/", "/staff/", f"/staff/edit/?id={office.agent.id}", "/static/theme/base.css"):
        answer = client.open(address, method=method, headers={"X-CSRFToken": token(client)})
        assert answer.status_code == 405, address
        assert "X-CSRFToken" not in answer.text


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_method_cannot_be_changed_by_a_header(office: Office, client_as: ClientAs, header: str) -> None:
    client = client_as(office.hr)
    address = f"/team/delete/?id={office.team.id}"
    assert client.get(address, headers={header: "POST"}).status_code == 405
    assert client.get(f"/team/edit/?id={office.team.id}&_method=DELETE", headers={header: "DELETE"}).status_code == 200
    assert office.again(office.team).name == office.team.name


@pytest.mark.parametrize(
    "address",
    [
        "/.git/config", "/.git/HEAD", "/.env", "/instance/secret_key", "/instance/dutybook.sqlite", "/app.py",
        "/console",
        "/static/", "/static/theme/", "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%5capp.py",
        "/admin/static/",
        "/robots.txt~", "/debug", "/_debug_toolbar/", "/server-status", "/attachments/", "/imports/",
    ],
)  # fmt: skip
def test_nothing_lies_open_beside_the_pages(office: Office, client_as: ClientAs, address: str) -> None:
    answer = client_as(office.manager).get(address)
    assert answer.status_code == 404
    assert "Index of" not in answer.text


def test_name_of_another_host_is_refused(site: Site, client: FlaskClient) -> None:
    """Whoever can put a host name into our links can have a one-time key sent to themselves."""
    assert client.get("/login").status_code == 200
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost:80@evil.example"):
        answer = client.get("/login", headers={"Host": host})
        assert answer.status_code == 400
        assert "evil.example" not in answer.text


@pytest.mark.parametrize(("proxies", "cleared"), [(0, True), (1, True)])
def test_what_a_caller_says_of_itself_counts_only_behind_a_known_proxy(app: Flask, proxies: int, cleared: bool) -> None:
    settings = app.config["DUTYBOOK"].model_copy(update={"port": 0, "proxies": proxies})
    server = web_server(app, settings)
    try:
        assert server.adj.clear_untrusted_proxy_headers is cleared
        assert (server.adj.trusted_proxy, server.adj.trusted_proxy_count) == ("*" if proxies else None, proxies or 1)
        assert server.adj.ident is None
    finally:
        server.close()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-User-ID", "Remote-User"])
def test_header_of_a_proxy_changes_nobody(site: Site, client: FlaskClient, header: str) -> None:
    """Without a proxy in front the application reads no such header: neither who calls nor from where."""
    seen: dict[str, Any] = {}
    app = client.application
    answer = client.get("/me/", headers={header: "1"})
    assert answer.status_code == 303
    with app.test_request_context("/", headers={header: "203.0.113.9"}, environ_base={"REMOTE_ADDR": "192.0.2.1"}):
        from admin_views.identity import caller

        seen["address"] = caller().address
    assert seen == {"address": "192.0.2.1"}


def test_changed_cookie_opens_nothing(site: Site, app: Flask) -> None:
    client = sign_in(app.test_client(), site.agent)
    name = app.config["SESSION_COOKIE_NAME"]
    kept = client.get_cookie(name)
    assert kept is not None
    content, _dot, signature = kept.value.rpartition(".")
    # Not its last letter: of that one only some bits count.
    forged = f"{content}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    for changed in (forged, kept.value.replace(".", "", 1), "x", ""):
        thief = app.test_client()
        thief.set_cookie(name, changed, domain="localhost")
        assert thief.get("/me/").status_code == 303


def test_cookie_under_another_key_or_without_signature_opens_nothing(site: Site, app: Flask) -> None:
    from itsdangerous import URLSafeTimedSerializer

    client = sign_in(app.test_client(), site.agent)
    with client.session_transaction() as cookie:
        content = dict(cookie)
    forged = URLSafeTimedSerializer("another key", salt="cookie-session").dumps(content)
    for value in (forged, forged.rpartition(".")[0], forged.rpartition(".")[0] + "."):
        thief = app.test_client()
        thief.set_cookie(app.config["SESSION_COOKIE_NAME"], value, domain="localhost")
        assert thief.get("/me/").status_code == 303


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data; boundary=x", ""])
def test_form_of_another_site_is_refused_whatever_it_calls_itself(site: Site, app: Flask, kind: str) -> None:
    """None of the kinds that a browser sends across sites without asking first gets round the token."""
    client = sign_in(app.test_client(), site.agent)
    answer = client.post("/logout", data=b"csrf_token=1", content_type=kind, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400
    assert client.get("/me/").status_code == 200


def test_no_origin_is_let_in(site: Site, app: Flask) -> None:
    client = sign_in(app.test_client(), site.agent)
    for origin in ("https://evil.example", "null"):
        for method in ("GET", "OPTIONS"):
            answer = client.open("/me/", method=method, headers={"Origin": origin})
            assert [name for name, _value in answer.headers if name.startswith("Access-Control")] == []


@pytest.mark.parametrize("template", ["{{91*91}}", "${91*91}", "#{91*91}", "%(password)s", "{0.__class__}", "%s%n%x"])
def test_text_is_no_template(office: Office, client_as: ClientAs, template: str) -> None:
    client = client_as(office.hr)
    url = f"/team/edit/?id={office.team.id}"
    data = {
        "version": str(office.team.version), "name": template, "tier": "1", "channels-shown": "1",
        "channels": str(office.channel.id),
    }  # fmt: skip
    assert post(client, url, data).status_code == 303
    page = client.get(f"/team/details/?id={office.team.id}").text
    assert "8281" not in page
    assert office.again(office.team).name == template
