"""Every page in a real browser, with payloads in every column: nothing runs but what is ours, and all of that does."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page
from werkzeug.serving import make_server

from engine.acting import Role
from tests.house.asking import database_file
from tests.house.places import Place, World, detached_world
from tests.house.walking import Visitor, Watch
from tests.security.test_payloads import ROLES, as_role, pages, poison

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("quick_disk")]

WATCHING = """
    window.said = [];
    window.xss = () => window.said.push("a payload ran");
    addEventListener("securitypolicyviolation", (e) => window.said.push(`${e.violatedDirective} ${e.blockedURI}`));
"""
PROGRAMS = "export|ajax|attachment|download|cell|feed|metrics|healthz|readyz|static|api|state"
NO_PAGE = re.compile(rf"/({PROGRAMS})\b|\.ics")
"""Answers to scripts and programs, and files."""


@pytest.fixture
def world(app: Flask) -> World:
    made = detached_world(app, ROLES[0])
    poison(app, made)
    return made


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def signed_in(browser: Browser, who: Visitor, address: str) -> Iterator[BrowserContext]:
    name, _equals, value = who.cookies.partition("=")
    context = browser.new_context()
    context.set_default_timeout(15_000)
    context.add_cookies([{"name": name, "value": value, "url": address}])
    context.add_init_script(WATCHING)
    yield context
    context.close()


def listening(page: Page) -> list[str]:
    """What the browser complains of, from now on."""
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: (heard.append(f"a dialogue: {dialog.message}"), dialog.dismiss()))
    return heard


def test_every_page_runs_within_its_content_policy(
    browser: Browser, app: Flask, world: World, address: str, tmp_path: Path
) -> None:
    wrong: list[str] = []
    seen: set[str] = set()
    for role in ROLES:
        with (
            closing(Watch(database_file(app), tmp_path / "copy.sqlite")) as watch,
            signed_in(browser, as_role(app, world, role), address) as context,
        ):
            page = context.new_page()
            heard = listening(page)
            for path in unseen(app, world, role, watch, seen):
                wrong += [f"{role} {path}: {what}" for what in opened(page, address + path, heard)]
    assert wrong == []
    assert len(seen) > 80


def unseen(app: Flask, world: World, role: Role, watch: Watch, seen: set[str]) -> Iterator[str]:
    """Pages that no role before has opened."""
    for cell in pages(app, world, role, watch):
        pattern = re.sub(r"\d+", "#", cell.address)
        if pattern not in seen and not NO_PAGE.search(cell.address):
            seen.add(pattern)
            yield cell.address


def opened(page: Page, url: str, heard: list[str]) -> list[str]:
    """What went wrong on a page; that it was answered otherwise than with a page is no fault here."""
    heard.clear()
    try:
        answer = page.goto(url, wait_until="load")
    except Error as error:
        return (
            [] if "Download is starting" in str(error) or "ERR_ABORTED" in str(error) else [str(error).splitlines()[0]]
        )
    said: list[Any] = page.evaluate("window.said || []")
    missing = [what for what in heard if not what.startswith("Failed to load resource")]
    if answer is not None and (answer.status == 500 or "/login?" in page.url):
        missing.append(f"{answer.status} {page.url}")
    return missing + said


def test_nothing_is_shown_again_after_signing_out(browser: Browser, app: Flask, world: World, address: str) -> None:
    with signed_in(browser, as_role(app, world, Role.HR), address) as context:
        page = context.new_page()
        page.goto(f"{address}/staff/details/?id={world.rows['staff'][Place.OWN]}")
        secret = str(world.me.person.phone)
        assert secret in page.content()
        page.evaluate("document.querySelector('form[action=\"/logout\"]').submit()")
        page.wait_for_url(re.compile("/login"))
        page.go_back()
        page.wait_for_load_state("load")
        assert secret not in page.content()
        assert context.storage_state()["origins"] == []
