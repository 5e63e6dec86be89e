"""The board by mouse, by keyboard and on a phone: the server says whether a card moves, the page says what it said."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from engine.accounts import sessions
from engine.acting import SYSTEM, Door, acting
from engine.database import db
from models.accounts import Proof
from models.candidate import Stage
from tests.factories.accounts import HERE, account
from tests.factories.hiring import brought_to, candidate, hiring

pytestmark = [pytest.mark.browser, pytest.mark.clause("HIRE-2")]
PHONE, DESK = 375, 1280


@dataclass
class Office:
    """Where HR's browser goes, and how it is signed in."""

    url: str
    cookie: dict[str, str]


@pytest.fixture
def office(app: Flask) -> Iterator[Office]:
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        at = hiring(session)
        candidate(session, at, name="赵小川")
        brought_to(session, at, Stage.FIRST_INTERVIEW, name="钱多多", phone="13900005678")
        made = account(session, at.hr)
        made.totp_secret = "JBSWY3DPEHPK3PXP"
        session.flush()
        key = sessions.open_session(session, made, Proof.FULL, HERE)
        session.commit()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    value = app.session_interface.get_signing_serializer(app).dumps({"_user_id": key, "_fresh": True})  # type: ignore[attr-defined]  # Flask's own has it
    yield Office(url, {"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": url})
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def board(browser: Browser, office: Office, width: int = DESK) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 900}, has_touch=width == PHONE)
    context.add_cookies([office.cookie])  # type: ignore[list-item]  # a plain dict will do
    page = context.new_page()
    page.goto(f"{office.url}/hiring/")
    yield page
    context.close()


def test_card_moves_by_mouse_and_by_keys(browser: Browser, office: Office) -> None:
    with board(browser, office) as page:
        card = page.locator("[data-card]", has_text="赵小川")
        card.drag_to(page.locator("[data-stage=second_interview]"))
        refusal = page.locator("[data-refusal]")
        expect(refusal).to_contain_text("No stage may be skipped")
        expect(refusal.get_by_role("link", name="HIRE-2")).to_be_visible()
        card.drag_to(page.locator("[data-stage=first_interview]"))
        expect(page.locator("[data-stage=first_interview]")).to_contain_text("赵小川")
        expect(refusal).to_be_hidden()
        page.get_by_role("link", name="钱多多").focus()
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("link", name="赵小川")).to_be_focused()
        page.keyboard.press("Shift+ArrowRight")
        expect(refusal).to_contain_text("every sheet has to be scored")
        expect(refusal.get_by_role("link", name="HIRE-3")).to_be_visible()


def test_card_moves_by_its_menu_on_a_phone(browser: Browser, office: Office) -> None:
    with board(browser, office, PHONE) as page:
        faults = [each["id"] for each in Axe().run(page).response["violations"] if each["impact"] != "minor"]
        assert (faults, page.evaluate("document.documentElement.scrollWidth")) == ([], PHONE)
        card = page.locator("[data-card]", has_text="赵小川")
        card.get_by_text("Move", exact=True).tap()
        card.get_by_role("button", name="To the first interview").tap()
        expect(page.locator("[data-stage=first_interview]")).to_contain_text("赵小川")
        again = page.locator("[data-card]", has_text="赵小川")
        again.get_by_text("Move", exact=True).tap()
        again.get_by_role("link", name="Do not hire").tap()
        expect(page.get_by_role("heading", name="Do not hire")).to_be_visible()
