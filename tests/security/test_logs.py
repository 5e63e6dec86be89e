"""What is logged: one line for each thing that happened, whatever was typed, and no content of anybody's record."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from flask import Flask

from engine.acting import Role
from server.logs import JsonLine, PlainLine
from tests.house.places import CANARIES, Place, canary, detached_world
from tests.house.walking import visitor

BREAKING = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x1b[31m", "\u2028", "\u2029", "\x85", "\u202e", "\0")


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    """Everything that any logger says, down to the smallest, as a program would read it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize("formatter", [JsonLine(), PlainLine()], ids=["program", "person"])
@pytest.mark.parametrize("breaks", BREAKING, ids=ascii)
def test_nothing_typed_breaks_a_line_of_the_log(formatter: logging.Formatter, breaks: str) -> None:
    text = f"x{breaks}2026-01-01 ERROR forged"
    record = logging.LogRecord("engine.x", logging.WARNING, "x.py", 1, "said %s", (text,), None)
    record.path = text
    line = formatter.format(record)
    assert len(line.splitlines()) == 1
    assert not set(line) & set(BREAKING)
    assert "\x1b" not in line


def test_line_for_a_program_is_one_object() -> None:
    record = logging.LogRecord("engine.x", logging.WARNING, "x.py", 1, "said %s", ('"}\n{"level": "ERROR',), None)
    assert json.loads(JsonLine().format(record))["level"] == "WARNING"


@pytest.mark.sqlite
@pytest.mark.slow
@pytest.mark.usefixtures("clock_stands_still", "quick_disk")
def test_log_of_a_walk_tells_no_hidden_content(app: Flask, heard: io.StringIO) -> None:
    """Lists, searches, look-ups, looks behind a mask and faulty forms, with the secret itself among what is sent."""
    world = detached_world(app, Role.MANAGER)
    browser = visitor(app, world.me.account)
    record, person = world.rows["service_record"][Place.OWN], world.me.person.id
    secrets = [canary(field, Place.OWN) for field in CANARIES if field != "group_webhook.address"]
    for secret in secrets:
        for address in ("/service_record/", "/staff/", "/service_record/ajax/lookup/?name=staff_id"):
            browser.go("GET", f"{address}{'&' if '?' in address else '?'}search={secret}&query={secret}").close()
        browser.go("POST", f"/staff/edit/?id={person}", {"version": "1", "phone": secret, "name": ""}).close()
        browser.go("POST", "/service_record/find/", {"contact": secret}).close()
        browser.go(
            "POST", "/service_record/unmask/", {"id": str(record), "field": "customer_name", "reason": secret}
        ).close()
        browser.go("GET", f"/nothing/{secret[::-1]}").close()
    said = heard.getvalue()
    assert len(said) > 1000
    assert [secret for secret in secrets if secret in said] == []
