"""The frame round every page: vendored files, icons, menu, heartbeat, languages and appearance."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from admin_views.theme import STATIC
from engine import clock
from engine.registry import registry
from models.obligation import Heartbeat
from tests.factories.notification import told
from tests.factories.pages import in_english, read, send
from tests.fixtures.crew import Browse
from tests.fixtures.house import House

pytestmark = pytest.mark.sqlite

VENDORED = {
    "echarts/echarts.min.js": "b66b25aeb4df84e33199dc21694014d336d222cbd9deb0e5a7c14bd6aa0d0fd0",
    "event-calendar/event-calendar.min.js": "dd9806e839c10232b8f740ef59899c853b4ca2653719f858206c16c76c2a80f6",
    "event-calendar/event-calendar.min.css": "14abac982c42d2cdd42721fedc4a95d4f9e2f4d03e78bd4b167c2e803f870c73",
}
"""Files as their packages publish them (echarts 6.1.0, @event-calendar/build 5.10.1), by SHA-256."""
TEMPLATES = STATIC.parent / "templates"
ICONS = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "vendor/lucide/sprite.svg").read_text()))


@pytest.mark.parametrize("name", list(VENDORED))
def test_vendored_file_is_as_published(name: str) -> None:
    assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == VENDORED[name]


def test_every_vendored_folder_has_its_licence() -> None:
    assert [folder.name for folder in (STATIC / "vendor").iterdir() if not (folder / "LICENSE").exists()] == []


def test_every_entity_has_an_icon_that_is_there(app: Flask) -> None:
    assert {
        model.__tablename__: model.__entity__.icon
        for model in registry.entities.values()
        if model.__entity__.icon not in ICONS
    } == {}


def test_every_icon_in_a_template_is_there() -> None:
    named = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r"icon\('([a-z0-9-]+)'", path.read_text(encoding="utf-8"))
    }
    assert named - ICONS == set()


@pytest.mark.parametrize("pattern", [r"\sstyle=", r"\son[a-z]+=", r"javascript:", r"<style"])
def test_no_template_carries_what_the_content_policy_stops(pattern: str) -> None:
    # What is printed never meets a browser.
    shown = [path for path in TEMPLATES.rglob("*.html") if path.name != "paper.html"]
    found = [path.name for path in shown if re.search(pattern, path.read_text(encoding="utf-8"))]
    assert found == []


def test_static_address_names_the_content(app: Flask) -> None:
    from flask import url_for

    with app.test_request_context():
        address = url_for("static", filename="theme/base.css")
    digest = hashlib.sha256(Path(STATIC / "theme/base.css").read_bytes()).hexdigest()
    assert address == f"/static/theme/base.css?v={digest[:12]}"


def test_menu_shows_only_what_may_be_opened(house: House, browse: Browse) -> None:
    for person in (house.agent, house.manager):
        client = browse(person)
        body = client.get("/").get_data(as_text=True)
        menu = body[body.index('id="nav"') : body.index("</nav>")]
        for address in set(re.findall(r'href="(/[^"#?]*)"', menu)):
            assert client.get(address).status_code == 200, address
        assert "/audit_entry/" not in menu


def test_unread_notices_are_counted_in_the_menu(session: Session, house: House, browse: Browse) -> None:
    told(session, house.agent)
    told(session, house.agent)
    assert '<span class="pill pill-bad">2</span>' in browse(house.agent).get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(None, "The scheduler has never run"), (30, "Scheduler: last sweep just now"), (90, "The scheduler is silent")],
)
def test_frame_tells_whether_the_scheduler_beats(
    session: Session, house: House, browse: Browse, seconds: int | None, says: str
) -> None:
    if seconds is not None:
        session.add(Heartbeat(name="one", beat_at=clock.now() - timedelta(seconds=seconds)))
    assert says in read(in_english(browse(house.agent)), "/")


@pytest.mark.parametrize("value", ["light", "dark"])
def test_appearance_is_kept_with_the_account(house: House, browse: Browse, value: str) -> None:
    client = browse(house.agent)
    assert "data-theme" not in client.get("/").get_data(as_text=True)
    send(client, "/appearance", appearance=value)
    client.delete_cookie("dutybook_appearance")
    assert f'data-theme="{value}"' in client.get("/").get_data(as_text=True)


def test_language_before_signing_in_rests_in_a_cookie(app: Flask, house: House, browse: Browse) -> None:
    client = browse(house.agent)
    send(client, "/language", language="en")
    stranger = app.test_client()
    assert '<html lang="zh-CN"' in stranger.get("/login").get_data(as_text=True)
    stranger.set_cookie("dutybook_language", "en")
    assert '<html lang="en"' in stranger.get("/login").get_data(as_text=True)


@pytest.mark.parametrize("language", ["", "fr", "../en"])
def test_unknown_language_is_refused(house: House, browse: Browse, language: str) -> None:
    assert send(browse(house.agent), "/language", language=language).status_code == 400


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "http:evil.example", "\t//e"]
)
def test_switch_never_leads_away(house: House, browse: Browse, target: str) -> None:
    assert send(browse(house.agent), "/language", language="en", next=target).headers["Location"] == "/"


def test_switch_leads_back_to_the_page(house: House, browse: Browse) -> None:
    answer = send(browse(house.agent), "/language", language="en", next="/ledger/?state=met")
    assert answer.headers["Location"] == "/ledger/?state=met"
