"""A product that is measured, in a process of its own: `python -m tests.bench.contender NAME INSTANCE DATABASE`.

It reads what to do as lines of JSON and answers each with one. `{"get": ADDRESS}` opens a page and says how many
seconds that took; `{"export": ADDRESS}` fetches a file and says also how many megabytes that held at its highest;
`{"post": ADDRESS, "change": {…}}` opens a form, fills it in and sends it, and says how long the sending took. `login`
says who does it, where the product asks.
"""

import gc
import html
import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from tests.bench.memory import peak

Clients = Mapping[str, Client]
"""Browsers by the login of who sits at them; where nobody signs in, one of no name."""

OK, MOVED = 200, {302, 303}
FIELD = re.compile(r"<(input|textarea|select)\b([^>]*)>(.*?)(?=<(?:input|textarea|select|button|/form)\b)", re.DOTALL)
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
CHOSEN = re.compile(r'<option\b(?=[^>]*\bselected\b)[^>]*\bvalue="([^"]*)"')


def ours(instance: str, database: str) -> Clients:
    """The product itself, with everybody signed in who has an account here for that."""
    from sqlalchemy import select

    from app import create_app
    from engine.acting import SYSTEM, Door, acting
    from engine.config import Settings
    from engine.database import db
    from models.accounts import Account
    from tests.bench.filling import LOGINS
    from tests.factories.accounts import sign_in

    app = create_app(Settings(instance_dir=Path(instance), database_url=database))
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        accounts = db.session.scalars(select(Account).where(Account.login.in_(LOGINS))).all()
        db.session.expunge_all()
        db.session.rollback()
    gc.freeze()  # as the web processes do
    return {who.login: sign_in(app.test_client(), who) for who in accounts}


def flask_admin(_instance: str, database: str) -> Clients:
    """Flask-Admin asks nobody who they are."""
    from tests.bench.rival_flask_admin import application

    return {"": application(database).test_client()}


def django(_instance: str, database: str) -> Clients:
    """Django's admin, at which everybody is a superuser."""
    from tests.bench.rival_django import application

    return {"": Client(application(database))}


CONTENDERS: Mapping[str, Callable[[str, str], Clients]] = {"ours": ours, "flask_admin": flask_admin, "django": django}


def opened(work: Callable[[], TestResponse]) -> tuple[int, float]:
    """The bytes of an answer, read to its end, and the seconds that it took."""
    gc.collect()
    begin = time.perf_counter()
    response = work()
    assert response.status_code == OK, (response.status, response.headers, response.get_data(as_text=True)[:500])
    size = sum(len(part) for part in response.response)
    taken = time.perf_counter() - begin
    response.close()
    return size, taken


def filled_in(page: str) -> dict[str, str]:
    """What a browser would send back of the page's largest form."""
    form = max(re.findall(r"<form\b.*?</form>", page, re.DOTALL), key=len)
    found = {}
    for kind, written, inside in FIELD.findall(form):
        attributes = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(written)}
        name, chosen = attributes.get("name"), CHOSEN.search(inside)
        unticked = attributes.get("type") in {"checkbox", "radio"} and "checked" not in attributes
        if not name or unticked or attributes.get("type") in {"submit", "button"}:
            continue
        if kind == "input":
            found[name] = attributes.get("value", "on")
        elif kind == "textarea":
            found[name] = html.unescape(inside.partition("</textarea>")[0]).removeprefix("\r\n")
        elif chosen:
            found[name] = html.unescape(chosen[1])
    return found


def sent(client: Client, address: str, change: Mapping[str, str]) -> float:
    """Seconds that sending the form took; the page that it leads to is not opened."""
    page = client.get(address).get_data(as_text=True)
    fields = filled_in(page)
    begin = time.perf_counter()
    response = client.post(address, data=fields | change)
    taken = time.perf_counter() - begin
    assert response.status_code in MOVED, (address, response.status_code, fields)
    return taken


def exported(client: Client, address: str) -> TestResponse:
    """A table file. Ours is made beside the page when it is large: asked for, worked off by a worker, fetched."""
    from flask.testing import FlaskClient

    if address.startswith("/qa_finding/") and isinstance(client, FlaskClient):
        from tests.factories.working import prepared

        return prepared(client, address, buffered=False)
    return client.get(address)


def done(client: Client, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What one line asks for."""
    if "post" in asked:
        return {"seconds": sent(client, asked["post"], asked["change"])}
    if "get" in asked:
        return {"seconds": opened(lambda: client.get(asked["get"]))[1]}
    found: dict[str, Any] = {}
    with peak(found):
        found["size"], found["seconds"] = opened(lambda: exported(client, asked["export"]))
    return found


def main(name: str, instance: str, database: str) -> None:
    clients = CONTENDERS[name](instance, database)
    for line in sys.stdin:
        asked = json.loads(line)
        client = clients.get(asked.pop("login", ""), next(iter(clients.values())))
        print(json.dumps(done(client, asked)), flush=True)  # noqa: T201 the answer on the pipe


if __name__ == "__main__":
    main(*sys.argv[1:])
