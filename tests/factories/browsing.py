"""What a browser does with our pages: it takes the token of a page along and posts forms."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def token(client: FlaskClient) -> str:
    """The token that pages of this browser's session carry."""
    page = client.get("/staff/")
    found = TOKEN.search(page.text)
    assert found is not None, page.status
    return found[1]


def post(client: FlaskClient, url: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
    """Send a form as a page of ours would."""
    return client.post(url, data={"csrf_token": token(client), **(data or {})}, **more)


def version_in(page: TestResponse) -> str:
    """The version of the record that the page's form was made from."""
    found = re.search(r'name="version" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]
