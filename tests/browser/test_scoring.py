"""The scoring screen with the keyboard alone, without a connection, and on a phone."""

from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from engine import clock
from engine.accounts import sessions
from models.accounts import Proof
from models.organisation import Staff
from models.qa_inspection import InspectionState, QaFinding, QaInspection
from tests.factories.accounts import HERE, account
from tests.factories.inspected import Inspected, inspected
from tests.fixtures.rulebook import NOW

pytestmark = pytest.mark.browser
PHONE, DESK = 375, 1280
Open = Callable[..., Page]


@pytest.fixture
def qa(app: Flask) -> Inspected:
    """Drawn in May; scored today: the server's threads go by the real clock."""
    with clock.fixed_at(NOW):
        return inspected(app)


@pytest.fixture
def score(app: Flask, qa: Inspected, browser: Browser) -> Iterator[Open]:
    """`score(width=…)` opens the inspector's record; what the browser complained about is in `page.trouble`."""
    with qa.session() as session:
        made = account(session, session.get_one(Staff, qa.inspector.id))
        made.language = "en"  # type: ignore[assignment]  # stored by its code
        key = sessions.open_session(session, made, Proof.FULL, HERE)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    value = app.session_interface.get_signing_serializer(app).dumps({"_user_id": key, "_fresh": True})  # type: ignore[attr-defined]  # Flask's own has it
    context = browser.new_context()
    context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": url}])

    def opened(width: int = DESK) -> Page:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.trouble = []  # type: ignore[attr-defined]  # kept with the page
        page.on("pageerror", lambda error: page.trouble.append(str(error)))  # type: ignore[attr-defined]  # the same
        page.goto(f"{url}/scoring/{qa.inspection}/")
        return page

    yield opened
    context.close()
    server.shutdown()
    thread.join()
    server.server_close()


def stored(qa: Inspected) -> list[tuple[str, str, str]]:
    with qa.session() as session:
        rows = session.scalars(select(QaFinding).where(QaFinding.inspection_id == qa.inspection).order_by(QaFinding.id))
        return [(row.severity.value, f"{row.deduction:f}", row.problem) for row in rows]


def says(page: Page, text: str) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text(text, timeout=15_000)


@pytest.mark.clause("QA-4", "QA-5", "QA-6")
def test_record_is_scored_and_handed_in_with_the_keyboard_alone(qa: Inspected, score: Open) -> None:
    page = score()
    page.keyboard.press("c")
    page.keyboard.press("2")
    page.keyboard.type("未告知时限")
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    page.keyboard.press("3")
    page.keyboard.type("语气生硬")
    says(page, "Everything is saved.")
    assert page.inner_text(".score [data-score]") == "87"
    assert stored(qa) == [("general", "5.00", "未告知时限"), ("severe", "8.00", "语气生硬")]
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: not url.endswith(f"/scoring/{qa.inspection}/"))
    assert "/scoring/" in page.url
    assert qa.again(QaInspection, qa.inspection).state is InspectionState.HANDED_IN
    assert page.trouble == []  # type: ignore[attr-defined]  # kept with the page


@pytest.mark.clause("QA-4")
def test_refusal_is_said_at_the_finding_and_keeps_the_record_here(qa: Inspected, score: Open) -> None:
    page = score()
    page.keyboard.press("a")
    page.locator("[data-name=deduction]").fill("9")
    page.locator("[data-name=problem]").fill("语气生硬")
    says(page, "Not saved")
    expect(page.locator("[data-finding] .field-error")).to_contain_text("deducts 1 to 3 points; 9 is outside")
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(300)
    assert page.url.endswith(f"/scoring/{qa.inspection}/")
    assert stored(qa) == []
    page.locator("[data-name=deduction]").fill("3")
    says(page, "Everything is saved.")
    assert stored(qa) == [("minor", "3.00", "语气生硬")]


def test_finding_written_without_a_connection_is_saved_once_it_is_back(qa: Inspected, score: Open) -> None:
    page = score()
    page.context.set_offline(offline=True)
    page.keyboard.press("b")
    page.keyboard.press("1")
    page.keyboard.type("未倾听")
    says(page, "No connection")
    assert stored(qa) == []
    page.context.set_offline(offline=False)
    says(page, "Everything is saved.")
    assert stored(qa) == [("minor", "2.00", "未倾听")]


def test_removed_finding_comes_back(qa: Inspected, score: Open) -> None:
    page = score()
    page.keyboard.press("b")
    page.keyboard.press("1")
    page.keyboard.type("未倾听")
    says(page, "Everything is saved.")
    page.get_by_role("button", name="Remove this finding").click()
    says(page, "Removed.")
    assert stored(qa) == []
    page.get_by_role("button", name="Undo").click()
    says(page, "Everything is saved.")
    assert stored(qa) == [("minor", "2.00", "未倾听")]


def test_letters_are_left_alone_while_somebody_writes_and_when_switched_off(qa: Inspected, score: Open) -> None:
    page = score()
    page.locator("[data-remark]").fill("")
    page.locator("[data-remark]").press_sequentially("abc")
    assert page.locator("[data-finding]").count() == 0
    page.get_by_text("Keys", exact=True).click()
    page.get_by_role("button", name="Letter keys on").click()
    page.locator("h1").click()
    page.keyboard.press("a")
    assert page.locator("[data-finding]").count() == 0


def test_record_and_scorecard_are_tabs_on_a_phone(qa: Inspected, score: Open) -> None:
    page = score(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(page.get_by_text("怎么退货？")).to_be_visible()
    expect(page.locator(".sheet")).to_be_hidden()
    page.get_by_role("tab", name="Scorecard").click()
    expect(page.get_by_text("怎么退货？")).to_be_hidden()
    page.locator("[data-add]").first.click()
    page.locator("[data-name=problem]").fill("未倾听")
    says(page, "Everything is saved.")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert len(stored(qa)) == 1


def test_scoring_is_accessible(score: Open) -> None:
    page = score()
    page.keyboard.press("a")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
