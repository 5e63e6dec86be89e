"""Taking an exam with the keyboard alone, without a connection, on a second device, on a phone."""

from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from engine.accounts import sessions
from engine.acting import SYSTEM, Door, acting
from engine.database import db
from models.accounts import Proof
from models.exam_result import ExamResult
from models.exam_sitting import ExamAnswer
from models.question import QuestionKind
from tests.factories.accounts import HERE, account
from tests.factories.exams import begun, hall

pytestmark = pytest.mark.browser
PHONE, DESK = 375, 1280
Open = Callable[..., Page]


@pytest.fixture
def take(app: Flask, browser: Browser) -> Iterator[Open]:
    """`take(width=…)` opens the candidate's exam, begun; what the browser complained about is in `page.trouble`."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        at = hall(session, kinds=(QuestionKind.SINGLE, QuestionKind.SHORT_ANSWER), spare=0)
        sitting = begun(session, at)
        sitting.holder = None
        made = account(session, at.agent)
        made.language = "en"
        key, number = sessions.open_session(session, made, Proof.FULL, HERE), sitting.id
        session.commit()
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
        page.goto(f"{url}/my_exams/{number}/")
        return page

    yield opened
    context.close()
    server.shutdown()
    thread.join()
    server.server_close()


def stored(app: Flask) -> list[list[str]]:
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        return [list(row.answer) for row in db.session.scalars(select(ExamAnswer).order_by(ExamAnswer.item))]


def says(page: Page, text: str) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text(text, timeout=15_000)


@pytest.mark.clause("TRN-6")
def test_exam_is_taken_with_the_keyboard_and_a_lost_connection_loses_nothing(app: Flask, take: Open) -> None:
    page = take()
    expect(page.locator(".exam-card")).to_have_count(2)
    says(page, "Everything you answered is saved.")
    page.context.set_offline(offline=True)
    page.locator(".exam-card[data-kind=single]").focus()
    page.keyboard.press("1")
    page.locator("textarea").fill("自签收次日起")
    says(page, "No connection")
    assert stored(app) == []
    page.context.set_offline(offline=False)
    says(page, "Everything you answered is saved.")
    assert len(stored(app)) == 2
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-open-count]")).to_have_text("You have answered every question.")
    page.locator("[data-hand-in]").click()
    expect(page.get_by_text("You hear the result when the trainer tells it.")).to_be_visible(timeout=15_000)
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        assert {row["answer"][-1] for row in db.session.scalars(select(ExamResult)).one().marks} >= {"自签收次日起"}
    assert page.trouble == []  # type: ignore[attr-defined]  # kept with the page


@pytest.mark.clause("TRN-6")
def test_second_window_takes_over_with_every_answer_and_the_first_is_told(app: Flask, take: Open) -> None:
    first = take(PHONE)
    first.locator("textarea").fill("自签收次日起")
    says(first, "Everything you answered is saved.")
    assert first.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    found = Axe().run(first).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    second = take()
    second.get_by_role("button", name="Go on here").click()
    expect(second.locator("textarea")).to_have_value("自签收次日起")
    first.locator("textarea").fill("另一个答案")
    expect(first.locator("[data-notice]")).to_contain_text("another device", timeout=15_000)
    assert stored(app) == [["自签收次日起"]]
