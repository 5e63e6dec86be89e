"""Every page of the product as a browser shows it: within the content policy, accessible, never scrolling sideways."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.fixtures.live import Live

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/ledger/",
    "/ledger/{obligation}",
    "/calendar/",
    "/calendar/?view=agenda",
    "/notices/",
    "/dashboard/",
    "/rulebook/?show=trouble",
    "/rulebook/values/pass_mark",
    "/rulebook/values/scorecard",
    "/rulebook/ORG-1/kept",
    "/nowhere",
)
PHONE, DESK = 375, 1280
GRAVE = {"serious", "critical", "moderate"}

Open = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, live: Live) -> Iterator[Open]:
    """`visit(path, width=…, scheme=…)` opens a page of the manager's; what the browser said is in `page.trouble`."""
    contexts = []

    def opened(path: str, *, width: int = DESK, scheme: Any = "light", signed_in: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        contexts.append(context)
        if signed_in:
            context.add_cookies([live.cookie])  # type: ignore[list-item]  # a plain dict will do
        page = context.new_page()
        page.trouble = []  # type: ignore[attr-defined]  # what the browser said, kept with the page
        page.on("console", lambda said: page.trouble.append(said.text) if said.type == "error" else None)  # type: ignore[attr-defined]  # the same
        page.on("pageerror", lambda error: page.trouble.append(str(error)))  # type: ignore[attr-defined]  # the same
        page.goto(live.url + path.format(obligation=live.obligation))
        page.wait_for_load_state("networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_every_page_is_accessible_and_within_its_width(visit: Open, width: int, scheme: str) -> None:
    wrong = {path: found for path in PAGES if (found := _faults(visit(path, width=width, scheme=scheme), width))}
    assert wrong == {}


def _faults(page: Page, width: int) -> list[str]:
    """What axe finds grave, what the browser complains of, and whether the page is wider than the window."""
    found = [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in GRAVE
    ]
    # A page that is not there is a complaint of the browser's by itself.
    found += [said for said in page.trouble if "404" not in said]  # type: ignore[attr-defined]  # see visit
    wide = page.evaluate("document.documentElement.scrollWidth")
    return found + ([f"{wide} pixels wide"] if wide != width else [])


def test_sign_in_page_is_accessible(visit: Open) -> None:
    page = visit("/login", width=PHONE, signed_in=False)
    assert [each["id"] for each in Axe().run(page).response["violations"] if each["impact"] in GRAVE] == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE


def test_phone_menu_opens_and_closes_with_the_keyboard(visit: Open) -> None:
    page = visit("/", width=PHONE)
    menu = page.locator("#nav")
    assert not menu.is_visible()
    page.get_by_role("button", name="更多").or_(page.get_by_role("button", name="More")).click()
    assert menu.is_visible()
    page.keyboard.press("Escape")
    assert not menu.is_visible()


def test_skip_link_is_the_first_stop(visit: Open) -> None:
    page = visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_bar_of_a_chart_leads_to_its_rows(visit: Open) -> None:
    page = visit("/dashboard/")
    box = page.locator("[data-chart='1']").bounding_box()
    assert box is not None
    page.wait_for_timeout(1200)  # the bars grow first
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/ledger/**")
    assert "clause=QA-1" in page.url
