"""What a role may not read leaves through no page, is no oracle, and is changed by no form, whatever is posted.

The walk of test_routes.py looks for the same contents in every answer; here are the ways round: looking things up by
them, filtering, searching and ordering by them, reading what the audit keeps, and posting every column there is.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from engine.acting import SYSTEM, Door, Role, acting
from engine.permissions import Sight, matrix
from models.base import Base
from models.types import Encrypted
from tests.house.holes import entity_views
from tests.house.places import Place, World, canary, detached_world, hidden_from
from tests.house.walking import Visitor, readable, visitor

pytestmark = [pytest.mark.sqlite, pytest.mark.slow, pytest.mark.usefixtures("clock_stands_still", "quick_disk")]

NUMBERS = re.compile(r"(?<= · )[0-9a-f]{20,32}\b")
TOKENS = re.compile(
    r"""(?:name="csrf_token" value=|nonce=|'nonce-)["']?[\w.\-=+/]+["']?|"""
    r"""^(?:Set-Cookie|Date|X-Request-ID):.*$|Number [0-9a-f]{12}""",
    re.MULTILINE,
)
"""What differs between two answers anyway."""


@pytest.fixture(autouse=True)
def _many_exports_in_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    from admin_views import taking

    monkeypatch.setattr(taking, "MOST", 10_000)


@pytest.mark.parametrize("role", list(Role))
def test_nothing_hidden_is_told_by_any_way_round(app: Flask, role: Role) -> None:
    world = detached_world(app, role)
    browser = visitor(app, world.me.account)
    hidden = hidden_from(role)
    told = [
        f"{address} tells {field}"
        for address in [*_ways_round(app, hidden, whole=False), *_audit(app, role)]
        for said in [_said(browser, address)]
        for field, texts in hidden.items()
        if any(text in said for text in texts)
    ]
    assert told == []


@pytest.mark.parametrize("role", list(Role))
def test_hidden_field_is_no_oracle(app: Flask, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    _declare_carelessly(app, monkeypatch)
    world = detached_world(app, role)
    browser = visitor(app, world.me.account)
    addresses = list(_ways_round(app, hidden_from(role)))
    before = [_said(browser, address) for address in addresses]
    _turn_round(app, world, hidden_from(role))
    after = [_said(browser, address) for address in addresses]
    assert [a for a, one, other in zip(addresses, before, after, strict=True) if one != other] == []


@pytest.mark.parametrize("role", list(Role))
def test_posting_every_column_changes_what_may_be_written_only(app: Flask, role: Role) -> None:
    world = detached_world(app, role)
    browser = visitor(app, world.me.account)
    wrong, saved = [], []
    for view in entity_views(app):
        before = _stored(app, view.table, world.rows[view.table][Place.OWN])
        for sent in (
            _everything(view, world, before),
            _everything(view, world, before) | _as_stored(role, view, before),
        ):
            for address in _doors(view, world):
                status = browser.go("POST", address, sent).status_code
                assert status < 500, address
                saved += [address] if status == 303 else []
        after = _stored(app, view.table, world.rows[view.table].get(Place.OWN, 0))
        open_ = (
            {name for name in view.form_columns if _may_write(role, view.table, name)}
            if _may_edit(role, view)
            else set()
        )
        shut = set(before) - open_ - {"version", "updated_at"} - _follows(view)
        wrong += [f"{view.table}.{name}" for name in sorted(shut) if before[name] != after[name]]
    assert wrong == []
    # Their own notice settings everybody may change: not every form was turned away.
    assert any(address.startswith("/notice_preference/edit/") for address in saved)


def _ways_round(app: Flask, hidden: dict[str, list[str]], *, whole: bool = True) -> Iterator[str]:
    """Lists, exports and look-ups that try to use a hidden field; not by the whole content, which pages would echo."""
    for field in hidden:
        entity, _dot, name = field.partition(".")
        text = canary(field, Place.OTHER)[: None if whole else -1]
        for view in (view for view in entity_views(app) if view.table == entity):
            for page in ("", "export/csv/"):
                yield f"{view.url}/{page}?search={text}"
                yield f"{view.url}/{page}?sort={name}"
                yield f"{view.url}/{page}?sort={name}&desc=1"
                for end in ("", "_from"):
                    yield f"{view.url}/{page}?flt_{name}{end}={text}"
        yield from (f"{view.url}/ajax/lookup/?name={column}&query={text}" for view, column in _links(app, entity))
        yield f"/ledger/?owner={text}"


def _audit(app: Flask, role: Role) -> Iterator[str]:
    """Every entry of the audit, for those who may read it."""
    from engine.database import db
    from models.audit import AuditEntry

    if ("audit_entry", "read", role) in matrix.grants:
        yield from ("/audit_entry/", "/audit_entry/export/csv/")
        with app.app_context(), acting(SYSTEM, Door.COMMAND):
            yield from [f"/audit_entry/details/?id={entry.id}" for entry in db.session.query(AuditEntry)]


def _declare_carelessly(app: Flask, patch: pytest.MonkeyPatch) -> None:
    """As if every view offered its restricted fields in the list, to search by, to filter by and to order by."""
    from admin_views.base.filters import STANDARD, make_filters

    for view in entity_views(app):
        columns = Base.metadata.tables[view.table].columns
        names = [name for entity, name in matrix.fields if entity == view.table]
        plain = [
            name
            for name in names
            if not isinstance(columns[name].type, Encrypted) and view.shown(name).kind in STANDARD
        ]
        listed = [*view.list_columns, *(name for name in names if name not in view.write_only)]
        patch.setattr(view, "list_columns", tuple(dict.fromkeys(listed)))
        patch.setattr(view, "search", (*view.search, *plain))
        patch.setattr(view, "filters", (*view.filters, *plain))
        patch.setattr(view, "table_filters", make_filters(view))


def _links(app: Flask, entity: str) -> Iterator[tuple[Any, str]]:
    """Fields and filters that are looked up in the entity, each with its view."""
    for view in entity_views(app):
        columns = Base.metadata.tables[view.table].columns
        for name in dict.fromkeys((*view.form_columns, *(one.name for one in view.table_filters))):
            keys = columns[name].foreign_keys if name in columns else ()
            if any(key.column.table.name == entity for key in keys):
                yield view, name


def _said(browser: Visitor, address: str) -> str:
    """The answer, without tokens and without the number that its request has."""
    response = browser.go("GET", address)
    assert response.status_code < 500, address
    said = NUMBERS.sub("", TOKENS.sub("", readable(response)))
    response.close()
    return said


def _turn_round(app: Flask, world: World, hidden: dict[str, list[str]]) -> None:
    """The hidden fields change hands, so that any order, filter or search by them would come out otherwise."""
    from engine.database import db
    from engine.gate.bypass import maintenance_write

    with app.app_context():
        for field in hidden:
            entity, _dot, name = field.partition(".")
            table = Base.metadata.tables[entity]
            rows = world.rows[entity]
            for place, other in zip(rows, reversed(list(rows)), strict=True):
                if place is Place.OWN and entity == "account":
                    continue
                with maintenance_write(db.session.connection()) as connection:
                    text = canary(field, other)
                    value = f'["{text}"]' if name == "recovery_codes" else text
                    connection.execute(table.update().where(table.c.id == rows[place]).values({name: value}))
        db.session.commit()


def _stored(app: Flask, name: str, number: int) -> dict[str, Any]:
    from engine.database import db

    table = Base.metadata.tables[name]
    with app.app_context(), db.engine.connect() as connection:
        row = connection.execute(table.select().where(table.c.id == number)).mappings().one_or_none()
    return dict(row or {})


def _everything(view: Any, world: World, before: dict[str, Any]) -> dict[str, str]:
    """Every column of the entity, with other people's keys for those that are keys."""
    sent = {}
    for column in Base.metadata.tables[view.table].columns:
        target = next((key.column.table.name for key in column.foreign_keys), None)
        strange = world.rows.get(target or "", {}).get(Place.STRANGE)
        sent[column.name] = str(strange) if strange is not None else "7"
    return sent | {
        "version": str(before.get("version", 1)),
        "is_admin": "1",
        "roles-shown": "1",
        "roles": "administrator",
    }


def _as_stored(role: Role, view: Any, before: dict[str, Any]) -> dict[str, str]:
    """The form as its page fills it in, so that it can be saved: what is shut is posted otherwise all the same."""
    open_ = [name for name in view.form_columns if name in before and _may_write(role, view.table, name)]
    stored = {name: "" if before[name] is None else str(before[name]) for name in open_}
    both = {
        f"{name}-{key}": text for name in open_ if isinstance(before[name], dict) for key, text in before[name].items()
    }
    return stored | both


def _doors(view: Any, world: World) -> list[str]:
    number = world.rows[view.table][Place.OWN]
    return [f"{view.url}/edit/?id={number}", f"{view.url}/new/", f"{view.url}/ajax/update/?id={number}"]


def _may_edit(role: Role, view: Any) -> bool:
    return (view.table, "edit", role) in matrix.grants


def _may_write(role: Role, entity: str, field: str) -> bool:
    rule = matrix.fields.get((entity, field))
    return (
        rule is None or rule.get(role) is Sight.WRITE or (rule.get(role) is Sight.MASKED and entity == "group_webhook")
    )


FOLLOWS = {"service_record": {"customer_contact_index", "team_id"}, "candidate": {"phone_index"}}


def _follows(view: Any) -> set[str]:
    """Columns that rules fill from others, which the person may write."""
    return FOLLOWS.get(view.table, set())
