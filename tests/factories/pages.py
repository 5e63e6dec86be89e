"""Pages as a person meets them: read, and forms sent with the token that the page carries."""

import html
import re

from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from engine.database import db

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)


def text_of(response: TestResponse) -> str:
    """What a person reads on the page."""
    return " ".join(html.unescape(TAGS.sub(" ", response.get_data(as_text=True))).split())


def read(client: FlaskClient, address: str, status: int = 200) -> str:
    """The text of a page that answers with `status`."""
    response = client.get(address)
    assert response.status_code == status, response.get_data(as_text=True)[:500]
    return text_of(response)


def send(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    """Send a form as a page of ours would."""
    token = TOKEN.search(client.get("/").get_data(as_text=True))
    assert token is not None
    return client.post(address, data={"csrf_token": token[1], **fields})


def in_english(client: FlaskClient) -> FlaskClient:
    """The same browser, its person reading English from now on."""
    assert send(client, "/language", language="en").status_code == 303
    return client


def in_chinese(client: FlaskClient) -> FlaskClient:
    """The same browser, its person reading Chinese from now on."""
    assert send(client, "/language", language="zh_Hans_CN").status_code == 303
    return client


def statements(client: FlaskClient, address: str) -> int:
    """How many statements the page asks the database, once everything that a process keeps is kept."""
    client.get(address)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_further: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(asked)
