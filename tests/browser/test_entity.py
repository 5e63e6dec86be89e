"""The screens of an entity in a real browser: accessible, within the content policy, usable from the keyboard."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.fixtures.live import Live

pytestmark = pytest.mark.browser

PAGES = (
    "/staff/",
    "/staff/?flt_status=left",
    "/staff/details/?id=2",
    "/staff/move/suspend/?id=2",
    "/team/edit/?id=1",
    "/team/new/",
    "/policy_document/new/",
    "/on_call/new/",
)
GRAVE = {"serious", "critical", "moderate"}
PHONE, DESK = 375, 1280


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    """The manager's browser; `page.trouble` is what it complained of."""
    context = browser.new_context(viewport={"width": DESK, "height": 900})
    context.add_cookies([live.cookie])  # type: ignore[list-item]  # a plain dict will do
    opened = context.new_page()
    opened.trouble = []  # type: ignore[attr-defined]  # what the browser said, kept with the page
    opened.on("console", lambda said: opened.trouble.append(said.text) if said.type == "error" else None)  # type: ignore[attr-defined]  # the same
    opened.on("pageerror", lambda error: opened.trouble.append(str(error)))  # type: ignore[attr-defined]  # the same
    yield opened
    context.close()


def faults(page: Page, width: int) -> list[str]:
    found = [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in GRAVE
    ]
    wide = page.evaluate("document.documentElement.scrollWidth")
    return found + page.trouble + ([f"{wide} pixels wide"] if wide > width else [])  # type: ignore[attr-defined]  # see page


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_screens_are_accessible_and_within_their_width(page: Page, live: Live, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    wrong = {}
    for path in PAGES:
        answer = page.goto(live.url + path)
        assert answer is not None
        if found := ([str(answer.status)] if answer.status != 200 else faults(page, width)):
            wrong[path] = found
    assert wrong == {}


def test_superior_is_looked_up_and_chosen_by_keyboard(page: Page, live: Live, app: Flask) -> None:
    many_people(app)
    page.goto(live.url + "/on_call/new/")
    box = page.locator("#staff_id")
    box.fill("班长17")
    expect(page.locator("#staff_id-list li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "staff_id-list-0")
    page.keyboard.press("Enter")
    assert page.input_value("input[name=staff_id]").isdigit()
    assert box.input_value().startswith("班长17 ")
    box.fill("niemand")
    page.keyboard.press("Tab")
    assert (page.input_value("input[name=staff_id]"), box.input_value()) == ("", "")


def test_cell_is_changed_in_the_list(page: Page, live: Live) -> None:
    page.goto(live.url + "/team/")
    page.locator(".cell-edit").first.click()
    page.locator(".cell-form select").select_option("3")
    page.locator(".cell-form .btn-primary").click()
    expect(page.locator("td[data-cell=tier] .state").first).to_contain_text("3")
    page.reload()
    expect(page.locator("td[data-cell=tier] .state").first).to_contain_text("3")
    assert page.trouble == []  # type: ignore[attr-defined]  # see page


def many_people(app: Flask) -> None:
    from engine.acting import SYSTEM, Door, acting
    from engine.database import db
    from models.organisation import Department, Post, Staff
    from tests.factories import organisation as make

    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        home, manager = db.session.get_one(Department, 1), db.session.get_one(Staff, 1)
        for number in range(1, 36):
            make.staff(db.session(), home, Post.SHIFT_LEAD, name=f"班长{number}", superior=manager)
        db.session.commit()
