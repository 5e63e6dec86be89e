"""Packs, values and the rehearsal from a terminal."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from engine.packs.loader import FOLDER
from models.audit import AuditEntry
from models.obligation import Obligation
from tests.factories.accounts import Site

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


@pytest.fixture
def department(site: Site) -> Site:
    """One that runs by pack Q."""
    assert run(site.app, "adopt", "Q", "--from", "2026-01-01").exit_code == 0
    return site


def run(app: Flask, *args: str) -> Result:
    return app.test_cli_runner().invoke(args=args, env={"LC_ALL": "C.UTF-8"})


def lines(app: Flask, *args: str) -> list[Any]:
    done = run(app, *args, "--json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_packs_and_what_was_adopted_are_listed(department: Site) -> None:
    rows = {row["pack"]: row for row in lines(department.app, "packs", "list")}
    assert set(rows) == {"B", "C", "D", "I", "Q"}
    assert (rows["Q"]["adopted"], rows["B"]["adopted"]) == (rows["Q"]["version"], None)


def test_value_is_set_from_a_day_on(department: Site) -> None:
    app = department.app
    before = next(row for row in lines(app, "packs", "values") if isinstance(row["value"], int))
    name, value = before["name"], before["value"] + 1
    done = run(app, "packs", "set", name, str(value), "--from", "2026-06-01", "--because", "agreed in May")
    assert done.exit_code == 0, done.output
    assert [row["value"] for row in lines(app, "packs", "values", name) if row["name"] == name] == [before["value"]]
    later = lines(app, "packs", "values", name, "--on", "2026-06-01")
    assert [(row["value"], row["reason"]) for row in later if row["name"] == name] == [(value, "agreed in May")]
    history = [row["value"] for row in lines(app, "packs", "values", name, "--history") if row["name"] == name]
    assert history == [before["value"], value]


def test_value_that_breaks_its_type_is_refused(department: Site) -> None:
    name = next(row["name"] for row in lines(department.app, "packs", "values") if isinstance(row["value"], int))
    assert run(department.app, "packs", "set", name, '"many"', "--because", "x").exit_code == 1
    assert run(department.app, "packs", "set", "no.such.value", "1", "--because", "x").exit_code == 1
    assert run(department.app, "packs", "set", name, "{not json", "--because", "x").exit_code == 2


def test_pack_file_is_checked_with_file_and_line(app: Flask, tmp_path: Path) -> None:
    good = FOLDER / "q_quality_department.yaml"
    assert run(app, "packs", "check", str(good)).exit_code == 0
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.read_text(encoding="utf-8").replace("version:", "verison:", 1), encoding="utf-8")
    refused = run(app, "packs", "check", str(bad))
    assert refused.exit_code == 1
    assert "bad.yaml" in refused.output


def test_rehearsal_tells_what_comes_and_writes_nothing(department: Site) -> None:
    with department.session() as session:
        before = session.scalar(select(func.count()).select_from(AuditEntry))
    coming = lines(department.app, "rehearse", "--days", "40")
    assert {row["step"] for row in coming} >= {"open", "lapse"}
    assert [row["at"] for row in coming] == sorted(row["at"] for row in coming)
    assert all(row["at"].endswith("+08:00") for row in coming)
    with department.session() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == before
        assert session.scalar(select(func.count()).select_from(Obligation)) == 0
