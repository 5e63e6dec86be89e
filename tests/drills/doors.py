"""The ways in which a person or a program changes one record: look at it first, then send the change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.browsing import token
from tests.factories.programs import Program

CONFLICT, PRECONDITION = 409, 412
SAVED = frozenset({200, 303})
_tokens: WeakKeyDictionary[FlaskClient, str] = WeakKeyDictionary()


class Door(Protocol):
    """One change under way. `send` answers whether it was saved, None: the page offered no button any more.

    A refusal must be one that a person understands.
    """

    def look(self) -> None: ...

    def send(self, stored: str) -> bool | None: ...


class Form(HTMLParser):
    """The fields of a page's form with what stands in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._select, self._area = "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name, value = has.get("name") or "", has.get("value") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in has:
            self._keep(self._select, value)
        elif tag == "textarea":
            self._area = name
            self._keep(name, "")
        elif tag == "input" and name and (has.get("type") not in {"checkbox", "radio"} or "checked" in has):
            self._keep(name, value)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._select = self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area][-1] += data

    def _keep(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)


@dataclass
class FormDoor:
    """The edit page: the loser sees what they typed and what is stored, side by side, and the form keeps their text."""

    client: FlaskClient
    url: str
    name: str
    typed: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def look(self) -> None:
        self.fields = Form(self.client.get(self.url).text).fields

    def send(self, stored: str) -> bool:
        answer = self.client.post(self.url, data={**self.fields, self.name: self.typed})
        if answer.status_code == CONFLICT:
            page = unescape(answer.text)
            assert "Somebody else was faster" in page
            assert f'value="{self.typed}"' in page, "the loser's text is gone"
            assert stored in page, "the loser does not see what is stored"
        return _judged(answer, CONFLICT)


@dataclass
class CellDoor:
    """A cell of the list: the loser is told beside the cell, whose control keeps the text."""

    client: FlaskClient
    entity: str
    number: int
    name: str
    after: Mapping[str, str]
    typed: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)

    def look(self) -> None:
        self.fields = Form(self.client.get(f"/{self.entity}/cell/?id={self.number}&field={self.name}").text).fields
        self.typed = self.after[self.fields[self.name][-1]]

    def send(self, stored: str) -> bool:
        data = {"list_form_pk": str(self.number), **self.fields, self.name: self.typed}
        answer = self.client.post(f"/{self.entity}/ajax/update/", data={"csrf_token": _token(self.client), **data})
        if answer.status_code == CONFLICT:
            assert answer.get_json()["errors"] != []
        return _judged(answer, CONFLICT)


@dataclass
class BulkDoor:
    """A bulk action: the preview names the versions; the loser's answers stay on the page."""

    client: FlaskClient
    entity: str
    number: int
    action: str
    typed: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def look(self) -> None:
        first = {"csrf_token": _token(self.client), "action": self.action, "rowid": str(self.number)}
        self.fields = Form(self.client.post(f"/{self.entity}/action/", data=first).text).fields

    def send(self, stored: str) -> bool | None:
        if "rowid" not in self.fields:
            return None
        data = {**self.fields, "confirmed": "1", "ask_reason": self.typed}
        answer = self.client.post(f"/{self.entity}/action/", data=data)
        if answer.status_code == CONFLICT:
            assert self.typed in unescape(answer.text), "the loser's text is gone"
        return _judged(answer, CONFLICT)


@dataclass
class ApiDoor:
    """A program: it names the version that it read, and is told when that is not the newest."""

    program: Program
    path: str
    name: str
    typed: Any
    tag: str = ""

    def look(self) -> None:
        self.tag = self.program.get(self.path).headers["ETag"]

    def send(self, stored: str) -> bool:
        answer = self.program.send("PATCH", self.path, {self.name: self.typed}, If_Match=self.tag)
        return _judged(answer, PRECONDITION)


def _token(client: FlaskClient) -> str:
    """A session has one token for all of its pages."""
    if client not in _tokens:
        _tokens[client] = token(client)
    return _tokens[client]


def _judged(answer: TestResponse, lost: int) -> bool:
    assert answer.status_code in SAVED | {lost}, (answer.status_code, answer.text[:2000])
    return answer.status_code in SAVED
