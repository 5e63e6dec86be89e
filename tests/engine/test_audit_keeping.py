"""The audit in the database's own hands, what is told of it outside, and what retention may take."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import GENESIS, RETIRED, note
from engine.audit_keeping import TooYoungError, cut_off, head_line, retire
from engine.database import db
from models.audit import AuditEntry
from models.organisation import Post
from tests.engine.test_audit import disarm, found, tamper
from tests.factories.organisation import department, staff

YEAR = timedelta(days=365)
FORBIDDEN = [
    "UPDATE audit_entry SET action = 'edit' WHERE id = 1",
    "UPDATE audit_entry SET id = 99 WHERE id = 1",
    "DELETE FROM audit_entry WHERE id = 1",
    "DELETE FROM audit_entry",
    "UPDATE audit_head SET last_id = 0",
    "UPDATE audit_head SET id = 7",
    "DELETE FROM audit_head",
]
SQLITE_ONLY = [
    "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE id = 1",
    "REPLACE INTO audit_head VALUES (1, 0, '')",
]
POSTGRES_ONLY = ["TRUNCATE audit_entry", "TRUNCATE audit_head"]


def written(session: Session, entries: int = 3) -> None:
    """Entries of now: the machine's own clock is what the triggers go by."""
    for number in range(entries):
        note(session, "export", "staff", number, "所有员工")
        session.commit()


def is_refused(session: Session, statement: str) -> bool:
    try:
        session.execute(text(statement))
    except DBAPIError as error:
        session.rollback()
        return "append-only" in str(error.orig)
    session.rollback()
    return False


@pytest.fixture
def today(session: Session) -> Session:
    with clock.fixed_at(_real_now()):
        written(session)
    return session


def _real_now() -> datetime:
    return datetime.now(UTC)


def test_entries_are_neither_changed_nor_removed(today: Session, database_kind: str) -> None:
    statements = FORBIDDEN + (SQLITE_ONLY if database_kind == "sqlite" else POSTGRES_ONLY)
    assert [each for each in statements if not is_refused(today, each)] == []
    assert found(today) == []


def test_entries_go_on_being_added(today: Session) -> None:
    with clock.fixed_at(_real_now()):
        written(today, 2)
    assert today.scalars(select(func.count(AuditEntry.id))).one() == 5


def test_triggers_of_the_migrations_are_those_of_the_models(
    bare_database_url: str, database_url: str, database_kind: str, tmp_path: Path
) -> None:
    from app import create_app
    from engine.config import Settings
    from server.migration import to_head

    query = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%' ORDER BY 1",
        "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE 'audit_%' ORDER BY 1",
    }[database_kind]
    triggers = []
    for url in (bare_database_url, database_url):
        if url == bare_database_url:
            app = create_app(Settings(database_url=url, instance_dir=tmp_path))
            with app.app_context():
                to_head(app, print)
                db.engine.dispose()
        engine = create_engine(url)
        with engine.connect() as connection:
            rows = connection.execute(text(query)).all()
        engine.dispose()
        triggers.append([(name, " ".join(sql.split())) for name, sql in rows])
    assert triggers[0] == triggers[1] != []


@pytest.mark.postgres
def test_role_of_the_product_adds_to_the_audit_and_no_more(today: Session) -> None:
    script = (Path(__file__).parents[2] / "docs" / "postgresql-role.sql").read_text(encoding="utf-8")
    today.connection().exec_driver_sql(script)
    today.commit()
    today.execute(text("SET ROLE dutybook_app"))
    with clock.fixed_at(_real_now()):
        home = department(today)
        staff(today, home, Post.MANAGER)
        today.commit()
    refusals = [is_denied(today, f"SET ROLE dutybook_app; {each}") for each in (*FORBIDDEN, *POSTGRES_ONLY)]
    assert refusals == [True, True, True, True, False, False, True, True, True]
    assert today.scalars(select(func.count(AuditEntry.id))).one() > 3
    assert found(today) == []


def is_denied(session: Session, statement: str) -> bool:
    """Refused before any trigger was asked."""
    try:
        session.connection().exec_driver_sql(statement)
    except DBAPIError as error:
        session.rollback()
        return "permission denied" in str(error.orig)
    session.rollback()
    return False


def test_tail_cut_together_with_the_head_is_found_by_a_line_kept_outside(today: Session) -> None:
    line = head_line(today)
    assert line is not None
    digest = today.scalars(select(AuditEntry.digest).where(AuditEntry.id == 2)).one()
    tamper(today, "DELETE FROM audit_entry WHERE id = 3")
    tamper(today, "UPDATE audit_head SET last_id = 2, digest = :digest", digest=digest)
    assert found(today) == []
    assert list(cut_off(today, [f"2026-05-04 10:00 {line}", "another line"])) == [3]


def test_line_of_an_entry_that_stands_speaks_against_nothing(today: Session) -> None:
    line = head_line(today)
    with clock.fixed_at(_real_now()):
        written(today)
    assert list(cut_off(today, [str(line), str(head_line(today)), f"audit head 0 {GENESIS}"])) == []


def test_chain_written_anew_under_the_key_is_found_by_a_line_kept_outside(today: Session) -> None:
    line = str(head_line(today))
    disarm(today)
    today.execute(delete(AuditEntry))
    today.execute(text("UPDATE audit_head SET last_id = 0, digest = :digest"), {"digest": GENESIS})
    today.commit()
    with clock.fixed_at(_real_now()):
        written(today, 4)
    assert found(today) == []
    assert list(cut_off(today, [line])) == [3]


@pytest.fixture
def years(session: Session) -> Session:
    """Two entries of two years ago, two of last year, two of now."""
    for age in (2, 1, 0):
        with clock.fixed_at(_real_now() - age * YEAR):
            written(session, 2)
    return session


def test_retired_entries_are_gone_and_the_chain_holds(years: Session) -> None:
    with clock.fixed_at(_real_now()):
        assert retire(years, clock.now() - 1.5 * YEAR) == 2
        years.commit()
        assert (found(years), _numbers(years)) == ([], [3, 4, 5, 6, 7])
        assert retire(years, clock.now() - YEAR / 2 * 1.2) == 2
        years.commit()
        assert retire(years, clock.now() - YEAR / 2 * 1.2) == 0
        years.commit()
    assert (found(years), _numbers(years)) == ([], [5, 6, 7, 8])


def test_young_entries_are_not_retired(years: Session) -> None:
    with clock.fixed_at(_real_now()), pytest.raises(TooYoungError):
        retire(years, clock.now() - timedelta(days=183))
    assert len(_numbers(years)) == 6


def test_beginning_cut_off_by_somebody_else_is_found(years: Session) -> None:
    tamper(years, "DELETE FROM audit_entry WHERE id <= 2")
    assert found(years)[0] == (1, "missing")


def test_made_up_retirement_is_found(years: Session) -> None:
    """Whoever has the database but not the key cuts the beginning and writes an entry that allows it."""
    digest = years.scalars(select(AuditEntry.digest).where(AuditEntry.id == 4)).one()
    tamper(years, "DELETE FROM audit_entry WHERE id <= 4")
    row = years.scalars(select(AuditEntry).where(AuditEntry.id == 6)).one()
    values = {column.key: getattr(row, column.key) for column in AuditEntry.__table__.columns}
    made_up = values | {
        "id": 7,
        "action": RETIRED,
        "entity": "audit_entry",
        "changes": {"through": [None, 4], "digest": [None, digest]},
    }
    years.execute(insert(AuditEntry), [made_up])
    years.execute(text("UPDATE audit_head SET last_id = 7, digest = :digest"), {"digest": made_up["digest"]})
    years.commit()
    assert (7, "changed") in found(years)


def _numbers(session: Session) -> list[int]:
    return list(session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))


def test_retire_audit_writes_what_it_removes(app: Flask, years: Session, tmp_path: Path) -> None:
    file, runner = tmp_path / "old.jsonl", app.test_cli_runner()
    before = [row.digest for row in years.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    years.commit()
    with clock.fixed_at(_real_now()):
        outcome = runner.invoke(args=["retire-audit", "--older-than", "300", "--to", str(file)])
        again = runner.invoke(args=["retire-audit", "--older-than", "300", "--to", str(file)])
    assert (outcome.exit_code, again.exit_code) == (0, 1)
    assert [json.loads(line)["digest"] for line in file.read_text(encoding="utf-8").splitlines()] == before[:4]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert found(years) == []


def test_retire_audit_of_young_entries_says_so(app: Flask, years: Session, tmp_path: Path) -> None:
    years.commit()
    outcome = app.test_cli_runner().invoke(args=["retire-audit", "--older-than", "100", "--to", str(tmp_path / "x")])
    assert outcome.exit_code == 1
    assert "184" in outcome.output
    assert len(_numbers(years)) == 6


def test_verify_audit_reads_lines_of_a_log(app: Flask, today: Session) -> None:
    runner = app.test_cli_runner()
    line = runner.invoke(args=["audit-head"]).output
    assert line.strip() == head_line(today)
    assert runner.invoke(args=["verify-audit", "--heads", "-"], input=f"host dutybook: {line}").exit_code == 0
    wrong = line.replace(line.split()[-1], GENESIS)
    outcome = runner.invoke(args=["verify-audit", "--heads", "-"], input=wrong)
    assert (outcome.exit_code, len(outcome.output.splitlines())) == (1, 1)
