"""Reading and sending forms as a browser does."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token(client: FlaskClient, page: str = "/login") -> str:
    """The token that a page's forms carry."""
    found = TOKEN.search(client.get(page).text)
    assert found, f"no form on {page}"
    return found[1]


def send(
    client: FlaskClient, address: str, values: dict[str, Any] | None = None, page: str | None = None, **how: Any
) -> TestResponse:
    """Post a form with the token that its page (`page`, or the address itself) carries."""
    return client.post(address, data={"csrf_token": token(client, page or address), **(values or {})}, **how)


def in_english(client: FlaskClient) -> FlaskClient:
    """A browser whose pages before signing in are English, the language in which tests quote sentences."""
    client.set_cookie("dutybook_language", "en")
    return client
