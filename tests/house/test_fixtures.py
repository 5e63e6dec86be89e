"""The fixtures that every other test stands on."""

import os
import smtplib
import socket
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import NullPool, create_engine, func, select

from tests.fixtures.mail import Mailbox
from tests.house.source import ROOT


def test_database_has_the_schema_and_nothing_else(database_url: str, database_kind: str) -> None:
    from models.base import Base

    engine = create_engine(database_url, poolclass=NullPool)
    assert engine.dialect.name == database_kind
    with engine.connect() as connection:
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }
    assert len(counts) > 5
    assert set(counts.values()) == {0}


@pytest.mark.parametrize("name", ["first", "second"])
def test_rows_of_one_test_are_not_seen_by_the_next(app: Flask, name: str) -> None:
    from engine.database import db
    from models.obligation import Heartbeat

    with app.app_context():
        session = db.session()
        assert session.scalars(select(Heartbeat.name)).all() == []
        session.add(Heartbeat(name=name, beat_at=datetime(2026, 5, 4, tzinfo=UTC)))
        session.commit()
        assert session.scalars(select(Heartbeat.name)).all() == [name]


def test_other_machines_cannot_be_reached() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"reach \('192\.0\.2\.1'"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(pytest.fail.Exception, match=r"example\.org"):
        urllib.request.urlopen("http://example.org/", timeout=1)


def test_mailbox_keeps_what_is_sent(mailbox: Mailbox) -> None:
    with smtplib.SMTP(mailbox.host, mailbox.port) as server:
        server.sendmail("from@example.org", ["to@example.org"], b"Subject: Tomorrow\r\n\r\nYour shift")
        mailbox.answer = "451 later"
        with pytest.raises(smtplib.SMTPDataError):
            server.sendmail("from@example.org", ["to@example.org"], b"Subject: Again\r\n\r\n")
    assert [message["Subject"] for message in mailbox.messages] == ["Tomorrow"]


@pytest.mark.browser
def test_chromium_opens_a_page(page: Page) -> None:
    page.goto("data:text/html;charset=utf-8,<h1>职守簿</h1><script>document.title = navigator.userAgent</script>")
    assert page.get_by_role("heading").inner_text() == "职守簿"
    assert "Chrome" in page.title()


@pytest.mark.parametrize(
    ("ci", "outcome", "says"),
    [
        ("", "1 skipped", "1 browser test was skipped: no Chromium"),
        ("true", "1 error", "CI must run the browser tests"),
    ],
)
def test_browser_test_without_chromium(ci: str, outcome: str, says: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", __file__, "-k", "chromium_opens"],
        cwd=ROOT,
        env=os.environ | {"PATH": "/nowhere", "CHROMIUM": "", "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    last = ran.stdout.splitlines()[-5:]
    assert outcome in last[-1]
    assert any(says in line for line in last)
    assert ran.returncode == (1 if ci else 0)
