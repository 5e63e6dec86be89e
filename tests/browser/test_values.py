"""A structured value in a real browser: entries come, go and move without a pointer, on a desk and on a phone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.fixtures.live import Live

pytestmark = pytest.mark.browser

SCORECARD, REMINDERS = "/rulebook/values/scorecard", "/rulebook/values/reminders.QA-1"
GRAVE = {"serious", "critical", "moderate"}
PHONE, DESK = 375, 1280


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": DESK, "height": 900}, locale="en-US")
    context.add_cookies([live.cookie])  # type: ignore[list-item]  # a plain dict will do
    opened = context.new_page()
    opened.goto(live.url)
    opened.locator("summary[title]").first.click()
    opened.locator("button[value=en]").click()
    yield opened
    context.close()


@pytest.mark.parametrize(("path", "width"), [(SCORECARD, PHONE), (REMINDERS, DESK)])
def test_form_of_entries_is_accessible_and_within_its_width(page: Page, live: Live, path: str, width: int) -> None:
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(live.url + path)
    page.evaluate("document.querySelectorAll('form details').forEach((one) => { one.open = true; })")
    wrong = [each["id"] for each in Axe().run(page).response["violations"] if each["impact"] in GRAVE]
    assert wrong + said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_reminder_is_added_moved_and_kept_by_keyboard(page: Page, live: Live) -> None:
    page.set_viewport_size({"width": PHONE, "height": 900})
    page.goto(live.url + REMINDERS)
    rows = page.locator("[data-entry]")
    before = rows.count()
    page.get_by_role("button", name="Add an entry").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("9")
    page.keyboard.press("Tab")
    page.keyboard.type("days b")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _step in range(before):
        rows.filter(has_text="New entry").locator("[data-entry-move='-1']").focus()
        page.keyboard.press("Enter")
    expect(page.locator("[data-told]")).to_contain_text(f"1 of {before + 1}")
    page.fill("#reason", "earlier")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".alert-good")).to_contain_text("The value is set")
    assert rows.count() == before + 1
    assert rows.first.locator("[data-entry-title]").inner_text() == "9 days before"


def test_category_taken_out_shows_in_the_sum_and_is_said_where_it_is_wrong(page: Page, live: Live) -> None:
    page.goto(live.url + SCORECARD)
    total = page.locator("[data-sum]")
    expect(total).to_have_text("Sum of the weights: 100")
    page.get_by_role("button", name="Take out: Service attitude").press("Enter")
    expect(total).not_to_have_text("Sum of the weights: 100")
    page.fill("#reason", "try")
    page.get_by_role("button", name="Set the value").click()
    expect(page.locator("#e-value-categories")).to_contain_text("they should sum to 100")
    page.locator("#problems a").first.click()
    assert page.url.endswith("#value-categories")
