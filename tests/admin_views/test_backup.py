from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from engine import clock
from engine.acting import Role
from engine.backup import runs
from models.backup import RunFailure, RunKind, RunState
from tests.factories import organisation as make
from tests.factories.accounts import Site, account

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


def page(client: FlaskClient) -> str:
    answer = client.get("/installation/")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def done(site: Site, kind: RunKind, ago: timedelta, **values: object) -> None:
    with site.session() as session:
        run = runs.begun(kind)
        run.state, run.began_at, run.ended_at = RunState.DONE, clock.now() - ago, clock.now()
        for name, value in values.items():
            setattr(run, name, value)
        session.add(run)


def administrator(site: Site) -> FlaskClient:
    site.give_phone(site.manager)
    return site.browser(site.manager)


def test_missing_backup_is_red(site: Site) -> None:
    shown = page(administrator(site))
    assert "There is no backup of the last 26 hours" in shown
    assert shown.count("tile-bad") == 2


def test_fresh_backup_and_drill_are_not(site: Site) -> None:
    done(site, RunKind.BACKUP, timedelta(hours=3), size=12_300_000, rows=1234, file="dutybook-x.backup")
    done(site, RunKind.DRILL, timedelta(days=3))
    shown = page(administrator(site))
    assert "tile-bad" not in shown
    assert "alert-bad" not in shown
    assert all(figure in shown for figure in ("12.3", "1,234", "dutybook-x.backup"))


def test_late_drill_is_red_and_a_failed_run_says_why(site: Site) -> None:
    done(site, RunKind.BACKUP, timedelta(hours=3))
    done(site, RunKind.BACKUP, timedelta(hours=1), state=RunState.FAILED, failure=RunFailure.NOT_NOW)
    shown = page(administrator(site))
    assert shown.count("tile-bad") == 1
    assert "flask restore-drill" in shown
    assert "the disk is full" in shown


def test_account_that_nobody_uses_is_named(site: Site) -> None:
    with site.session() as session:
        boss = session.get_one(make.Staff, site.manager.staff_id)
        old = make.staff(session, site.department, make.Post.TRAINER, name="久无音", superior=boss)
        unused = account(session, old, login="dusty")
        session.flush()
        number = unused.id
    with clock.fixed_at(clock.now() + timedelta(days=91)):
        shown = page(administrator(site))
    assert ">dusty</a>" in shown
    assert f"id={number}" in shown
    assert "Not in the last half year" in shown
    assert ">boss</a>" not in shown


def test_only_who_may_see_it_does(site: Site) -> None:
    assert site.browser(site.agent).get("/installation/").status_code == 403
    assert Role.ADMINISTRATOR not in site.agent.roles
