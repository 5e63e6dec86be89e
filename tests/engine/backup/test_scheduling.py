"""When a backup is due, that one process makes it, and that administrators hear when it fails."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from engine import audit, clock
from engine.acting import SYSTEM, Door, acting
from engine.backup import keeping, runs, scheduling
from engine.backup.connecting import whole
from engine.backup.errors import NotNowError
from engine.backup.runs import Standing
from engine.backup.scheduling import Plan, Slot
from engine.backup.taking import Place
from engine.commands.installation import plan_of
from engine.database import db
from models.backup import BackupRun, RunFailure, RunKind, RunState
from models.notification import Notification
from tests.factories import organisation as make
from tests.factories.accounts import Logins
from tests.factories.backed_up import ROWS, Installation

MIDNIGHT = datetime(2026, 5, 4, 16, 0, tzinfo=UTC)
"""The night to Tuesday 5 May in Shanghai."""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(tmp_path / "backups", tmp_path / "backup_keys.json", "02:30", 15, 7, 5, 0)


@pytest.fixture
def place(app: Flask, database_url: str) -> Place:
    settings = app.config["DUTYBOOK"]
    return Place(database_url, settings.instance_dir, settings.secrets())


def at(hours: float) -> Any:
    return clock.fixed_at(MIDNIGHT + timedelta(hours=hours))


def no_migrations() -> Any:
    raise AssertionError


def tick(session: Session, plan: Plan, place: Place) -> list[str]:
    scheduling.tick(session, plan, place, no_migrations)
    return [f"{run.slot} {run.state}" for run in session.scalars(select(BackupRun).order_by(BackupRun.id))]


def slot(session: Session, plan: Plan) -> str | None:
    found = scheduling.due(session, plan)
    return found.name if found else None


@pytest.mark.sqlite
def test_nothing_is_due_before_there_is_a_department(session: Session, plan: Plan) -> None:
    assert slot(session, plan) is None


@pytest.mark.sqlite
def test_backup_of_a_day_is_due_at_its_local_hour(session: Session, plan: Plan) -> None:
    make.department(session)
    with at(2):
        assert slot(session, plan) == "daily 2026-05-04"
    with at(2.5):
        assert slot(session, plan) == "daily 2026-05-05"
    with at(23):
        assert slot(session, replace(plan, at="23:30")) == "daily 2026-05-04"


def test_backup_is_made_once_a_day(session: Session, plan: Plan, place: Place, logins: Logins) -> None:
    plan = replace(plan, minutes=0)
    for hours in (3, 3.1, 20):
        with at(hours):
            assert tick(session, plan, place) == ["daily 2026-05-05 done"]
    with at(27):
        assert tick(session, plan, place) == ["daily 2026-05-05 done", "daily 2026-05-06 done"]
    assert [kept.label for kept in keeping.backups_in(plan.folder)] == ["daily", "daily"]


@pytest.mark.sqlite
def test_between_the_days_only_what_has_changed_is_backed_up(
    session: Session, plan: Plan, place: Place, logins: Logins
) -> None:
    with at(3):
        tick(session, plan, place)
    with at(4):
        assert slot(session, plan) is None
        audit.note(session, "edit", "staff", 1)
        session.commit()
        assert slot(session, plan) == "recent 2026-05-04T20:00"
        assert tick(session, plan, place)[1:] == ["recent 2026-05-04T20:00 done"]
        assert slot(session, plan) is None
        audit.note(session, "edit", "staff", 1)
        session.commit()
        assert slot(session, plan) is None
    with at(4.25):
        assert slot(session, plan) == "recent 2026-05-04T20:15"


@pytest.mark.sqlite
def test_long_backups_come_less_often(session: Session, plan: Plan, logins: Logins) -> None:
    with at(3):
        run = runs.begun(RunKind.BACKUP, slot="daily 2026-05-05", mark=0)
        run.state, run.ended_at = RunState.DONE, clock.now() + timedelta(minutes=4)
        session.add(run)
        session.commit()
    with at(3.5):
        assert slot(session, plan) is None
    with at(3.75):
        assert slot(session, plan) == "recent 2026-05-04T19:45"


@pytest.mark.sqlite
def test_slot_that_another_process_has_is_left_to_it(session: Session, plan: Plan, logins: Logins) -> None:
    with at(3):
        mine = scheduling.claim(session, Slot("daily 2026-05-05", "daily"))
        assert mine is not None
        assert slot(session, replace(plan, minutes=0)) is None
        session.expunge_all()
    with at(8):
        assert slot(session, replace(plan, minutes=0)) is None
    with at(9.1):
        # Under way for six hours: whoever made it was killed.
        assert slot(session, plan) == "daily 2026-05-05"
        taken_over = scheduling.claim(session, Slot("daily 2026-05-05", "daily"))
        assert taken_over is not None
        assert taken_over.attempts == 2


def test_of_many_that_claim_at_once_one_gets_it(app: Flask, session: Session, logins: Logins) -> None:
    start, got = threading.Barrier(4), []

    def claim() -> None:
        with app.app_context(), at(3), acting(SYSTEM, Door.SCHEDULER):
            start.wait()
            got.append(scheduling.claim(db.session(), Slot("daily 2026-05-05", "daily")) is not None)
            db.session.remove()

    threads = [threading.Thread(target=claim) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(got) == [False, False, False, True]


@pytest.mark.sqlite
def test_backup_that_fails_is_tried_again_and_told(session: Session, plan: Plan, place: Place, logins: Logins) -> None:
    plan.folder.write_text("a file stands where the folder should be", encoding="utf-8")
    for hours, expected in ((3, 1), (3.1, 1), (3.3, 2), (3.6, 3), (4.5, 3)):
        with at(hours):
            tick(session, plan, place)
            run = session.scalars(select(BackupRun)).one()
            assert (run.state, run.failure, run.attempts) == (RunState.FAILED, RunFailure.OTHER, expected)
    told = session.scalars(select(Notification)).all()
    assert [(notice.code, notice.recipient_id) for notice in told] == [("backup.failed", logins.manager.staff_id)]
    plan.folder.unlink()
    with at(27):
        assert tick(session, plan, place)[1:] == ["daily 2026-05-06 done"]


@pytest.mark.sqlite
def test_why_a_backup_failed_is_recorded(session: Session) -> None:
    def fail() -> Any:
        msg = "the disk is full"
        raise NotNowError(msg)

    with pytest.raises(NotNowError):
        runs.recorded(session, runs.begun(RunKind.BACKUP), fail)
    assert session.scalars(select(BackupRun.failure)).all() == [RunFailure.NOT_NOW]


def standing(session: Session) -> Standing:
    return runs.standing(session, drill_days=30)


def done(session: Session, kind: RunKind, when: datetime, state: RunState = RunState.DONE) -> None:
    with clock.fixed_at(when):
        run = runs.begun(kind)
        run.state, run.ended_at = state, when
        session.add(run)
        session.commit()


@pytest.mark.sqlite
def test_backup_and_drill_that_are_late_are_red(session: Session) -> None:
    assert (standing(session).backup_late, standing(session).drill_late) == (True, True)
    now = clock.now()
    done(session, RunKind.BACKUP, now - timedelta(hours=25))
    done(session, RunKind.DRILL, now - timedelta(days=36))
    assert (standing(session).backup_late, standing(session).drill_late) == (False, False)
    with clock.fixed_at(now + timedelta(days=2)):
        assert (standing(session).backup_late, standing(session).drill_late) == (True, True)


@pytest.mark.sqlite
def test_failed_run_does_not_count(session: Session) -> None:
    done(session, RunKind.BACKUP, clock.now(), RunState.FAILED)
    assert standing(session).backup_late
    assert standing(session).backup is None
    assert [run.state for run in standing(session).latest] == [RunState.FAILED]


@pytest.mark.sqlite
def test_drill_comes_after_its_days(session: Session, plan: Plan) -> None:
    monthly = replace(plan, drill_days=30)
    assert scheduling.is_drill_due(session, monthly)
    assert not scheduling.is_drill_due(session, plan)
    done(session, RunKind.DRILL, clock.now() - timedelta(days=29))
    assert not scheduling.is_drill_due(session, monthly)
    with clock.fixed_at(clock.now() + timedelta(days=1)):
        assert scheduling.is_drill_due(session, monthly)


@pytest.mark.sqlite
def test_drill_that_finds_something_is_recorded_and_told(installation: Installation) -> None:
    session, (file,) = db.session(), (installation.folder / "attachments").iterdir()
    session.execute(delete(BackupRun))
    session.commit()
    with whole(installation.place.url) as connection:
        # The generated rows name files that never were; the detail has room for a few names.
        connection.execute(text(f"DELETE FROM attachment WHERE id <= {ROWS}"))
    file.write_bytes(b"%PDF-1.7\nanother one")
    plan = replace(plan_of(installation.settings), drill_days=30)
    with acting(SYSTEM, Door.SCHEDULER):
        scheduling.tick(session, plan, installation.place, lambda: installation.config)
    backup, trial = session.scalars(select(BackupRun).order_by(BackupRun.id)).all()
    assert (backup.kind, backup.state, trial.file) == (RunKind.BACKUP, RunState.DONE, backup.file)
    assert (trial.kind, trial.state, trial.failure) == (RunKind.DRILL, RunState.FAILED, RunFailure.DIFFERENT)
    assert trial.detail == f"file {file.name}"
    told = select(Notification.code).where(Notification.code.startswith("backup."))
    assert set(session.scalars(told)) == {"backup.drill_failed"}
