"""Goes to every address as one person, and sees what the database says of it."""

import csv
import html
import re
import sqlite3
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.factories.browsing import TOKEN
from tests.house.holes import entity_views
from tests.house.places import BEYOND_THE_CHAIN

CLASSIFIED = Path(__file__).with_name("routes.csv")
GENERIC = "*"


@dataclass(frozen=True)
class Page:
    """A line of routes.csv: what one may do there, to what, and where the address names the row."""

    endpoint: str
    methods: Sequence[str]
    entity: str
    first: tuple[str, str]
    action: str
    row: str
    mine: bool
    stranger: Sequence[int]

    @property
    def to_all_signed_in(self) -> Sequence[int] | None:
        """The statuses of a page that needs no grant."""
        given = self.action.partition("signed in: ")[2]
        return [int(status) for status in given.split()] or None


def classified(app: Flask) -> dict[tuple[str, str], Page]:
    """Every endpoint and method that routes.csv knows, the entities' common pages by their name."""
    tables = {view.endpoint for view in entity_views(app)}
    found = {}
    for endpoint in app.view_functions:
        table, _dot, page = endpoint.rpartition(".")
        named = [line for line in _lines() if line["page"] == endpoint]
        if not named and table in tables:
            named = [line for line in _lines() if line["page"] == f"{GENERIC}.{page}"]
        for line in named:
            read = _read(line, endpoint, table)
            found |= {(endpoint, method): read for method in read.methods}
    return found


def named_one_by_one() -> set[str]:
    """The pages that routes.csv names by themselves."""
    return {line["page"] for line in _lines() if not line["page"].startswith(GENERIC)}


@cache
def _lines() -> list[dict[str, str]]:
    with CLASSIFIED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read(line: Mapping[str, str], endpoint: str, table: str) -> Page:
    entity = line["entity"].replace(GENERIC, table)
    first = line["first"].replace(GENERIC, table)
    gate = first.partition(".") if "." in first else (entity, ".", first)
    return Page(
        endpoint,
        line["methods"].split(),
        entity,
        (gate[0], gate[2]),
        line["action"],
        line["row"],
        line["mine"] == "mine",
        [int(status) for status in line["stranger"].split()],
    )


@dataclass
class Watch:
    """The database as a second pair of eyes sees it: which tables changed since it last looked."""

    path: str
    template: Path
    content: dict[str, int] = field(default_factory=dict)
    audited: list[str] = field(default_factory=list)
    version: int = 0
    figures: str = ""
    whole: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep a copy to go back to."""
        self.eyes = sqlite3.connect(self.path)
        with closing(sqlite3.connect(self.template)) as copy:
            self.eyes.backup(copy)
        self._read()
        self.version, self.content, self.audited = self._version(), self._content(), self._audited()

    def changes(self) -> tuple[set[str], list[str]]:
        """Tables whose rows are other than before, and what the audit was told since; from now on this is "before"."""
        version = self._version()
        if version == self.version:
            return set(), []
        before, told = self.content, len(self.audited)
        self.version, self.content, self.audited = version, self._content(), self._audited()
        return {name for name in self.content if self.content[name] != before[name]}, self.audited[told:]

    def restore(self) -> None:
        """Everything as it was at the beginning."""
        with closing(sqlite3.connect(self.template)) as copy, closing(sqlite3.connect(self.path)) as used:
            used.execute("PRAGMA synchronous = OFF")
            copy.backup(used)
        self.version, self.content, self.audited = self._version(), self._content(), self._audited()

    def close(self) -> None:
        """Look away."""
        self.eyes.close()

    def one(self, query: str, *values: Any) -> Any:
        """A single value."""
        row = self.eyes.execute(query, values).fetchone()
        return row[0] if row else None

    def _version(self) -> int:
        return int(self.one("PRAGMA data_version"))

    def _content(self) -> dict[str, int]:
        told = {name: hash(tuple(figures)) for name, *figures in self.eyes.execute(self.figures)}
        return told | {name: hash(tuple(self.eyes.execute(query))) for name, query in self.whole.items()}

    def _read(self) -> None:
        """What tells a table's content. Every write to a record counts its version up; other tables are read whole."""
        figures = []
        for (name,) in self.eyes.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = {row[1] for row in self.eyes.execute(f"PRAGMA table_info({name})")}
            if name == "audit_entry":
                figures.append("SELECT 'audit_entry', count(*), max(id), 0 FROM audit_entry")
            elif "version" in columns:
                figures.append(f"SELECT '{name}', count(*), total(version), total(id) FROM \"{name}\"")
            else:
                self.whole[name] = f'SELECT * FROM "{name}" ORDER BY 1'
        self.figures = " UNION ALL ".join(figures)

    def _audited(self) -> list[str]:
        ours = "SELECT action || ' ' || entity FROM audit_entry WHERE id < ? ORDER BY id"
        return [told for (told,) in self.eyes.execute(ours, [BEYOND_THE_CHAIN])]


@dataclass
class Visitor:
    """A browser whose cookies stay as they were, so that no answer tells on the next one."""

    app: Flask
    cookies: str
    token: str

    def go(self, method: str, address: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        """Open an address, with the token where it writes; work that it began elsewhere is waited for."""
        headers = {"Cookie": self.cookies, "Accept-Language": "en"}
        if method == "POST":
            headers["X-CSRFToken"] = self.token
            data = None if "json" in options else {"csrf_token": self.token, **(data or {})}
        response = self.app.test_client(use_cookies=False).open(
            address, method=method, data=data, headers=headers, **options
        )
        for thread in _workers():
            thread.join()
        return response


def visitor(app: Flask, account: Any = None) -> Visitor:
    """Somebody signed in, or a stranger."""
    from tests.factories.accounts import sign_in

    client = app.test_client()
    if account is not None:
        sign_in(client, account)
    page = client.get("/" if account is not None else "/login").get_data(as_text=True)
    token = re.search(TOKEN, page)
    assert token is not None, page[:300]
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return Visitor(app, f"{cookie.key}={cookie.value}", token[1])


def readable(response: TestResponse) -> str:
    """Everything that an answer says: headers, and the body, of a workbook all of its parts."""
    body = response.get_data()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(body)) as parts:
            body = b"".join(parts.read(name) for name in parts.namelist())
    return f"{response.headers}{html.unescape(body.decode('utf-8', 'replace'))}"


def careless_headers(address: str, response: TestResponse) -> Iterator[str]:
    """What an answer fails to tell the browser: the same is due on pages, refusals, redirects, files and data."""
    told, policy = response.headers, response.headers.get("Content-Security-Policy", "")
    promised = ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "'nonce-", "form-action 'self'")
    yield from (f"policy without {part}" for part in promised if part not in policy)
    if "unsafe" in policy or "*" in policy:
        yield f"a lax policy: {policy}"
    for name, value in EXPECTED_HEADERS.items():
        if told.get(name) != value:
            yield f"{name}: {told.get(name)}"
    if not STATIC.match(address) and "no-store" not in told.get("Cache-Control", ""):
        yield "may be kept"
    if response.mimetype.startswith("text/") and "charset=utf-8" not in told.get("Content-Type", ""):
        yield f"no charset: {told.get('Content-Type')}"
    if "Access-Control-Allow-Origin" in told:
        yield "opens itself to other sites"
    for cookie in told.getlist("Set-Cookie"):
        if not {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; ")) or "Domain=" in cookie:
            yield f"a careless cookie: {cookie}"


STATIC = re.compile(r"/(admin/)?static/")
EXPECTED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def _workers() -> Iterator[threading.Thread]:
    return (thread for thread in threading.enumerate() if thread.name.startswith("import-"))
