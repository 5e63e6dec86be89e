"""What people write is text on every page: a dozen payloads in every column, and no page turns one into markup."""

import re
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, String, Table

from engine.acting import Role
from engine.permissions import matrix
from models.base import Base
from models.types import Bilingual, Choice
from tests.house.asking import GRANTED, Cell, cells_of, database_file
from tests.house.places import KNOWN, Place, World, detached_world
from tests.house.walking import Visitor, Watch, visitor

pytestmark = [pytest.mark.sqlite, pytest.mark.slow, pytest.mark.usefixtures("clock_stands_still", "quick_disk")]

PAYLOADS = (
    "<x-probe>",
    '"><x-probe>',
    "'><x-probe>",
    "<img src=x onerror=xss()>",
    "<svg/onload=xss()>",
    "</title><x-probe>",
    "</textarea><x-probe>",
    "</script><x-probe>",
    "--><x-probe>",
    "javascript:xss()",
    '" onfocus=xss() autofocus="',
    "{{91*91}}${91*91}",
)
CALCULATED = r"(?<!\d)8281(?!\d)"
"""What a template engine makes of the last one."""
CODES = {
    *KNOWN, "department.timezone", "department.language", "attachment.stored", "attachment.digest",
    "attachment.media_type", "attachment.entity", "saved_filter.query", "obligation.kind", "obligation.subject_type",
    "scorecard.bands", "qa_plan.rules", "policy_document.body", "import_job.error", "import_job.stored_name",
}  # fmt: skip
"""Columns that people do not write: the product's own names for things, which its screens look up."""
ROLES = (Role.MANAGER, Role.ADMINISTRATOR, Role.QA_SUPERVISOR, Role.AUDITOR, Role.HR, Role.SHIFT_LEAD, Role.AGENT)


class Reader(HTMLParser):
    """Notes whatever a browser would run or load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "x-probe" or (tag == "img" and dict(attrs).get("src") == "x"):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or (
                "javascript:" in (value or "")[:20].lower() and name in {"href", "src", "action"}
            ):
                self.found.append(f"<{tag} {name}={value!r}>")


def test_no_page_turns_text_into_markup(app: Flask, tmp_path: Path) -> None:
    world = detached_world(app, ROLES[0])
    written = poison(app, world)
    assert len(written) > 60
    wrong, seen, shown = [], set(), 0
    for role in ROLES:
        browser = as_role(app, world, role)
        with closing(Watch(database_file(app), tmp_path / "copy.sqlite")) as watch:
            for cell in pages(app, world, role, watch):
                if (page := re.sub(r"\d+", "#", cell.address)) in seen:
                    continue
                seen.add(page)
                found, text = read(browser, cell)
                wrong += [f"{role} {cell}: {what}" for what in found]
                shown += "x-probe" in text or "xss()" in text
    assert wrong == []
    # The payloads were there to be shown.
    assert shown > 60


def pages(app: Flask, world: World, role: Role, watch: Watch) -> Iterator[Cell]:
    """The pages that the role may open, on its own rows or the first that it sees."""
    for cell in cells_of(app, world, role, watch):
        if cell.method == "GET" and (cell.wanted == GRANTED or cell.place is None) and 403 not in cell.wanted:
            yield cell


def read(browser: Visitor, cell: Cell) -> tuple[list[str], str]:
    """What would run on the page, and the page."""
    response = browser.go("GET", cell.address)
    text = response.get_data().decode("utf-8", "replace")
    response.close()
    if response.status_code == 500:
        return [str(response.status_code)], text
    reader = Reader()
    if response.mimetype == "text/html":
        reader.feed(text)
    calculated = (
        [CALCULATED] if re.search(rf"(?<!\d){CALCULATED}(?!\d)", text) and response.mimetype == "text/html" else []
    )
    return reader.found + calculated, text


def poison(app: Flask, world: World) -> list[str]:
    """Put payloads into every text that people write; the columns that took one."""
    from engine.database import db
    from engine.gate.bypass import maintenance_write

    written: list[str] = []
    numbers = count()
    with app.app_context():
        for name, rows in world.rows.items():
            table = Base.metadata.tables[name]
            for place, number in rows.items():
                values = dict(poisoned(table, list(Place).index(place) + next(numbers)))
                if values:
                    with maintenance_write(db.session.connection()) as connection:
                        connection.execute(table.update().where(table.c.id == number).values(values))
                written += [f"{name}.{column}" for column in values]
        db.session.commit()
    return sorted(set(written))


def poisoned(table: Table, turn: int) -> Iterator[tuple[str, Any]]:
    """Column by column as many payloads as it holds, from another one on each time, unlike the others of its column."""
    if table.name in {"audit_entry", "account"}:
        return
    for number, column in enumerate(table.columns):
        if isinstance(column.type, Bilingual):
            yield column.name, dict.fromkeys(("zh", "en"), payloads(turn + number, 400))
        elif is_written_by_people(column):
            yield column.name, payloads(turn + number, column.type.length or 400)  # type: ignore[attr-defined]  # a String


def payloads(turn: int, room: int) -> str:
    first = turn % len(PAYLOADS)
    text = str(turn)
    for payload in PAYLOADS[first:] + PAYLOADS[:first]:
        text = payload + text if len(payload + text) <= room else text
    return text


def is_written_by_people(column: Column[Any]) -> bool:
    return (
        isinstance(column.type, String)
        and not isinstance(column.type, Choice)
        and not column.foreign_keys
        and str(column) not in CODES
        and (column.table.name, column.name) not in matrix.fields
    )


def as_role(app: Flask, world: World, role: Role) -> Visitor:
    """The same person with another role, in a fresh browser."""
    from engine.database import db
    from engine.gate.bypass import maintenance_write

    accounts = Base.metadata.tables["account"]
    with app.app_context():
        with maintenance_write(db.session.connection()) as connection:
            mine = accounts.c.id == world.me.account.id
            connection.execute(accounts.update().where(mine).values(roles=[role.value]))
        db.session.commit()
    return visitor(app, world.me.account)
