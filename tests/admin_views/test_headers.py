import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.accounts import Site

pytestmark = pytest.mark.sqlite

PAGES = ["/login", "/welcome", "/", "/nothing-here", "/me/", "/static/theme/base.css"]


@pytest.mark.parametrize("address", PAGES)
def test_every_answer_carries_the_headers(client: FlaskClient, site: Site, address: str) -> None:
    with client.get(address) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    for part in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_only_files_are_kept_by_the_browser(client: FlaskClient, site: Site) -> None:
    for page in PAGES:
        with client.get(page) as answer:
            kept = "no-store" not in answer.headers.get("Cache-Control", "")
        assert kept is page.startswith("/static/")


def test_nonce_is_fresh_and_the_scripts_carry_it(client: FlaskClient, site: Site) -> None:
    answers = [client.get("/login") for _each in range(2)]
    nonces = [re.findall(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[0] for answer in answers]
    assert nonces[0] != nonces[1]
    scripts = re.findall(r"<script[^>]*>", answers[0].text)
    assert scripts
    assert all(f'nonce="{nonces[0]}"' in script for script in scripts)


@pytest.mark.parametrize("secure", [True, False])
def test_browsers_are_told_to_stay_on_tls_where_there_is_tls(
    client: FlaskClient, app: Flask, site: Site, secure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.config["DUTYBOOK"].model_copy(
        update={"public_url": "https://desk.example.org" if secure else "http://127.0.0.1:8000"}
    )
    monkeypatch.setitem(app.config, "DUTYBOOK", settings)
    assert client.get("/login").headers.get("Strict-Transport-Security") == (
        "max-age=31536000; includeSubDomains" if secure else None
    )


def test_forms_without_a_token_change_nothing(site: Site) -> None:
    client = site.browser(site.agent)
    for address in ("/logout", "/me/preferences", "/me/password", "/me/sessions/end"):
        assert client.post(address, data={"language": "zh_Hans_CN", "theme": "dark", "id": "1"}).status_code == 400
    assert site.again(site.agent).language == "en"
    assert client.get("/me/").status_code == 200
