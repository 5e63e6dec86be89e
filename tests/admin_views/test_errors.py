import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.errors import ConflictError, NotAllowedError, NotFoundError, PolicyError, Violation
from tests.factories.pages import in_chinese, in_english, read, text_of
from tests.fixtures.crew import Browse
from tests.fixtures.house import House

pytestmark = pytest.mark.sqlite

RAISED = {
    "policy": (
        PolicyError([Violation("r", "QA-4", "Deduct %(low)s or more.", {"low": 4}), Violation("s", "", "And that.")]),
        422,
    ),
    "conflict": (ConflictError("Li Lei was faster."), 409),
    "refused": (NotAllowedError("staff", "edit"), 403),
    "absent": (NotFoundError(), 404),
    "crash": (ZeroDivisionError("secret detail"), 500),
}


@pytest.fixture
def troubled(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception]:
    """The inbox page raises whatever is put under `error`."""
    trouble: dict[str, Exception] = {}

    def fail(**_given: object) -> str:
        raise trouble["error"]

    monkeypatch.setitem(app.view_functions, "inbox.index", fail)
    monkeypatch.setattr(app, "testing", False)
    return trouble


def _page(client: FlaskClient, status: int) -> str:
    response = client.get("/notices/")
    assert response.status_code == status
    return text_of(response)


@pytest.mark.parametrize("name", list(RAISED))
def test_error_is_said_in_a_plain_sentence(
    troubled: dict[str, Exception], house: House, browse: Browse, name: str
) -> None:
    troubled["error"], status = RAISED[name]
    page = _page(in_english(browse(house.agent)), status)
    assert "Traceback" not in page
    assert "secret detail" not in page
    assert f"Error {status}" in page


def test_all_broken_clauses_are_said_together(troubled: dict[str, Exception], house: House, browse: Browse) -> None:
    troubled["error"] = RAISED["policy"][0]
    page = _page(browse(house.agent), 422)
    assert "Deduct 4 or more. (QA-4)" in page
    assert "And that." in page


def test_crash_shows_the_number_under_which_it_was_logged(
    troubled: dict[str, Exception], house: House, browse: Browse, caplog: pytest.LogCaptureFixture
) -> None:
    troubled["error"] = RAISED["crash"][0]
    page = _page(in_english(browse(house.agent)), 500)
    logged = next(record for record in caplog.records if record.message == "request failed")
    assert f"Number {logged.request_id}" in page


def test_missing_page_keeps_the_frame_and_the_language(house: House, browse: Browse) -> None:
    client = in_chinese(browse(house.agent))
    assert '<html lang="zh-CN"' in client.get("/nowhere").get_data(as_text=True)
    page = read(in_english(client), "/nowhere", 404)
    assert "There is nothing here" in page
    assert "My desk" in page


def test_page_that_the_role_lacks_is_refused(house: House, browse: Browse) -> None:
    assert "Your role does not allow this." in read(in_english(browse(house.agent)), "/audit_entry/", 403)
