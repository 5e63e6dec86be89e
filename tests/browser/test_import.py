"""An import as a person does it: on a desk screen and on a phone, each page accessible and within its width."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from engine.accounts import sessions
from engine.acting import SYSTEM, Door, Role, acting
from engine.database import db
from models.accounts import Language, Proof
from server.embedded import Embedded
from tests.factories.accounts import HERE, account
from tests.factories.importing import call, calls, workbook
from tests.factories.quality import house

pytestmark = pytest.mark.browser
PHONE, DESK = 375, 1280
Open = Callable[[int], Page]


@pytest.fixture
def imports(app: Flask, browser: Browser) -> Iterator[Open]:
    """`imports(width)` opens the upload page of a manager who is HR as well."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        made = account(session, house(session).manager, Role.MANAGER, Role.HR)
        made.language, made.totp_secret = Language.ENGLISH, "JBSWY3DPEHPK3PXP"
        key = sessions.open_session(session, made, Proof.FULL, HERE)
        session.commit()
        session.close()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    workers = Embedded(app, threads=1)
    workers.start()
    url = f"http://127.0.0.1:{server.server_port}"
    value = app.session_interface.get_signing_serializer(app).dumps({"_user_id": key, "_fresh": True})  # type: ignore[attr-defined]  # Flask's own has it
    context = browser.new_context()
    context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": url}])

    def opened(width: int) -> Page:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.trouble = []  # type: ignore[attr-defined]  # kept with the page
        page.on("console", lambda said: page.trouble.append(said.text) if said.type == "error" else None)  # type: ignore[attr-defined]  # the same
        page.on("pageerror", lambda error: page.trouble.append(str(error)))  # type: ignore[attr-defined]  # the same
        page.goto(f"{url}/import_job/new/")
        return page

    yield opened
    context.close()
    workers.stop(within=5)
    server.shutdown()
    thread.join()
    server.server_close()


def sound(page: Page) -> None:
    """Nothing stands out of the page, nothing is closed to a screen reader, the browser complains of nothing."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = [each for each in Axe().run(page).response["violations"] if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found] == []
    assert page.trouble == []  # type: ignore[attr-defined]  # kept with the page


@pytest.mark.clause("DAT-1")
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_file_is_imported_by_hand(imports: Open, tmp_path: Path, width: int) -> None:
    file = tmp_path / "calls.xlsx"
    file.write_bytes(workbook([*calls(["Zoe", "Yan"], 40), call(77, "Zoe", **{"Satisfaction rating": 9})]))
    page = imports(width)
    sound(page)
    page.get_by_label("Service records").check()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Which column is what?")
    sound(page)
    page.get_by_label("Question", exact=True).select_option("Topic")
    expect(page.locator("[data-samples-of=column-question]")).to_have_text("Billing")
    page.get_by_label("Question", exact=True).select_option("")
    page.get_by_label("Channel of all rows").select_option(index=1)
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Who and what is meant?")
    sound(page)
    for choice in page.locator("select[data-all-of]").all():
        choice.select_option("create")
    for label in ("Team", "Direct superior", "Post"):
        page.locator(".import-asks").get_by_label(label).select_option(index=1)
    page.locator(".import-asks").get_by_label("Hire date").fill("2024-03-01")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Try it").click()

    expect(page.get_by_text("Mend the refused rows, or leave them out")).to_be_visible(timeout=20_000)
    sound(page)
    page.get_by_label("Import without the refused rows").check()
    page.get_by_role("button", name="Import 40 rows").click()
    expect(page.get_by_text("40 taken, 0 already known, 1 refused")).to_be_visible(timeout=20_000)
    sound(page)
