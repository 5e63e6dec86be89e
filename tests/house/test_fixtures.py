"""The fixtures that every other test stands on."""

import smtplib
import socket
import urllib.request
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, func, select

from tests.fixtures.mail import Mailbox


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
