"""F15: an older backup comes back: nothing leaves until a person has looked, and keeps its identity when it does."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.database import db
from engine.notices.delivering import deliver_due
from engine.notices.pausing import pause_sending, release_sending
from engine.sweep import sweep
from models.notification import Delivery, DeliveryChannel, DeliveryReason, DeliveryState, PauseReason
from tests.drills import invariants
from tests.drills.occurrences import Expected, crowd, fall_due
from tests.factories.notification import Keeper
from tests.fixtures.rulebook import NOW

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

MAILS = 8
LATER = timedelta(hours=1)


def work(session: Session, keeper: Keeper) -> None:
    sweep(session)
    while deliver_due(session, {DeliveryChannel.EMAIL: keeper}, clock.now()):
        pass


def copied(source: Path, target: Path) -> None:
    """As a backup is made and put back: through SQLite itself."""
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


@pytest.fixture
def restored(app: Flask, session: Session, tmp_path: Path) -> tuple[Expected, Keeper]:
    """Everything was sent after the backup was taken, and then the backup came back, paused as a restore leaves it."""
    file = Path(app.config["DUTYBOOK"].database_url.removeprefix("sqlite:///"))
    expected, keeper = fall_due(session, crowd(session, owners=3, group=False), 20, mails=MAILS, at=NOW), Keeper()
    copied(file, tmp_path / "backup.sqlite")
    work(session, keeper)
    assert len(keeper.sent) == MAILS
    session.rollback()
    db.engine.dispose()
    copied(tmp_path / "backup.sqlite", file)
    session.expunge_all()
    with acting(SYSTEM, Door.COMMAND):
        pause_sending(session, PauseReason.RESTORED, "2026-05-04")
        session.commit()
    return expected, keeper


def test_nothing_leaves_after_a_restore_and_everything_is_in_the_inbox(
    session: Session, restored: tuple[Expected, Keeper]
) -> None:
    expected, keeper = restored
    with clock.fixed_at(NOW + LATER):
        work(session, keeper)
        assert len(keeper.sent) == MAILS
        invariants.nothing_lost_nothing_doubled(session, expected)
        invariants.sound(session)


def test_what_is_released_has_the_identity_that_it_had(session: Session, restored: tuple[Expected, Keeper]) -> None:
    expected, keeper = restored
    with clock.fixed_at(NOW + LATER):
        work(session, keeper)
        release_sending(session)
        session.commit()
        work(session, keeper)
    sent = [parcel.identity for parcel in keeper.sent]
    assert (len(sent), set(sent)) == (2 * MAILS, expected.mails)


def test_what_is_left_out_is_never_sent(session: Session, restored: tuple[Expected, Keeper]) -> None:
    _expected, keeper = restored
    with clock.fixed_at(NOW + LATER):
        work(session, keeper)
        assert release_sending(session, leave_out=True) == MAILS
        session.commit()
    with clock.fixed_at(NOW + timedelta(days=3)):
        work(session, keeper)
    assert len(keeper.sent) == MAILS
    rows = session.scalars(select(Delivery).where(Delivery.reason == DeliveryReason.LEFT_OUT)).all()
    assert {row.state for row in rows} == {DeliveryState.SKIPPED}


def test_sending_is_paused_and_released_at_a_terminal(app: Flask, session: Session) -> None:
    session.commit()
    runner = app.test_cli_runner(env={"LC_ALL": "C.UTF-8"})
    assert runner.invoke(args=["sending", "pause", "--note", "drill"]).exit_code == 0
    said = runner.invoke(args=["sending"]).output
    assert "drill" in said
    assert runner.invoke(args=["sending", "release"]).exit_code == 0
    assert "drill" not in runner.invoke(args=["sending"]).output
