"""A staff file whose people report to each other."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import failpoints
from engine.accounts.actor import actor_for
from engine.acting import Door, Role, acting
from engine.audit import faults
from engine.importing import jobs, mapping, running
from engine.importing.choices import Choices
from engine.importing.refusing import reasons_of
from engine.importing.running import run
from engine.importing.source import open_job_table
from engine.importing.unknown import decide, unknown_names
from engine.registry import registry
from models.accounts import Account
from models.import_job import ImportJob, ImportRefusal, ImportState
from models.organisation import Staff
from tests.factories.importing import counts, importer, started, text_file, tried, uploaded
from tests.factories.quality import House, house

HEADER = ("工号", "姓名", "岗位", "班组", "直接上级", "入职日期", "状态", "联系电话")


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


@pytest.fixture(autouse=True)
def _small_steps_without_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(running, "BREATH", 0)
    monkeypatch.setattr(running, "BATCH", 3)
    yield
    failpoints.observer = None


def person(number: str, superior: str, post: str = "热线客服", at: House | None = None) -> list[Any]:
    return [number, f"人{number}", post, "一组", superior, "2024-03-01", "在岗", f"1390000{number[-2:]:>04}"]


def staff_job(session: Session, who: Account, rows: list[list[Any]], names: dict[str, int] | None = None) -> ImportJob:
    job = uploaded(session, who, text_file(rows, HEADER), "staff.csv", "staff")
    importable, table = registry.importable("staff"), open_job_table(job)
    choices, questions, _unreadable = mapping.settle_formats(importable, Choices.of(job.choices), table)
    assert questions == {}
    for name, number in (names or {}).items():
        choices = decide(choices, "superior_id", name, number)
    with acting(actor_for(session, who), Door.FORM):
        jobs.map_columns(session, job, choices, table)
        session.commit()
    return job


def lines(session: Session) -> dict[str, str | None]:
    """Who reports to whom, by number, of those that the file brought."""
    people = {each.id: each for each in session.scalars(select(Staff))}
    return {
        each.number: people[each.superior_id].number if each.superior_id else None
        for each in people.values()
        if each.number.startswith("F")
    }


def reasons(session: Session, job: ImportJob, *, dry: bool) -> dict[int, list[str]]:
    rows = session.scalars(select(ImportRefusal).where(ImportRefusal.job_id == job.id, ImportRefusal.dry.is_(dry)))
    with force_locale("en"):
        return {row.row_number: [each.text for each in reasons_of(row)] for row in rows}


def brought(session: Session, at: House, rows: list[list[Any]], **names: int) -> ImportJob:
    who = importer(session, at.manager, Role.HR)
    job = tried(session, who, staff_job(session, who, rows, names))
    session.commit()
    run(session, started(session, who, job).id)
    session.refresh(job)
    return job


@pytest.mark.clause("DAT-1", "ORG-1")
def test_superior_of_the_same_file_is_taken_first(session: Session, at: House) -> None:
    rows = [
        person("F05", "F04"),
        person("F04", "人F03"),
        person("F01", at.manager.number, "班组长"),
        person("F03", "人F02（F02）"),
        person("F02", "F01", "班组长"),
    ]
    rows[3][4] = "F02"
    job = brought(session, at, rows)
    assert counts(job) == (5, 0, 0)
    assert lines(session) == {
        "F01": at.manager.number, "F02": "F01", "F03": "F02", "F04": "F03", "F05": "F04",
    }  # fmt: skip
    assert list(faults(session)) == []


@pytest.mark.clause("DAT-1")
def test_name_that_the_file_itself_brings_is_not_asked_about(session: Session, at: House) -> None:
    who = importer(session, at.manager, Role.HR)
    job = staff_job(session, who, [person("F02", "人F01"), person("F01", "Nobody", "班组长")])
    found = unknown_names(session, job, registry.importable("staff"), open_job_table(job))
    assert [(each.field, each.text) for each in found] == [("superior_id", "Nobody")]


@pytest.mark.clause("DAT-1", "ORG-1")
@pytest.mark.parametrize("dry", [True, False])
def test_rows_that_name_each_other_in_a_circle_are_refused(session: Session, at: House, dry: bool) -> None:
    rows = [
        person("F01", "F02", "班组长"),
        person("F02", "F01", "班组长"),
        person("F03", "F03", "班组长"),
        person("F04", "F02"),
        person("F05", "F04"),
        person("F06", at.lead.number),
    ]
    job = brought(session, at, rows)
    assert (counts(job), lines(session)) == ((1, 0, 5), {"F06": at.lead.number})
    circle = ["The reporting line would run in a circle. (ORG-1)"]
    assert reasons(session, job, dry=dry) == {
        2: circle, 3: circle, 4: circle,
        5: ["Row 3, which this names, was not taken."],
        6: ["Row 5, which this names, was not taken."],
    }  # fmt: skip


@pytest.mark.parametrize("dry", [True, False])
def test_who_names_a_refused_row_is_refused_with_it(session: Session, at: House, dry: bool) -> None:
    job = brought(session, at, [person("F02", "F01"), person("F01", at.manager.number, "No such post")])
    assert counts(job) == (0, 0, 2)
    assert reasons(session, job, dry=dry)[2] == ["Row 3, which this names, was not taken."]


def test_name_of_two_rows_says_whom_it_means_or_is_refused(session: Session, at: House) -> None:
    first, second = person("F01", at.manager.number, "班组长"), person("F02", at.manager.number, "班组长")
    second[1] = first[1]
    rows = [first, second, person("F03", "人F01"), person("F04", "F02")]
    job = brought(session, at, rows)
    assert (counts(job), lines(session)["F04"]) == ((3, 0, 1), "F02")
    assert reasons(session, job, dry=False)[4] == ["Several bear this name. Say which of them is meant."]


def test_decision_about_a_name_goes_before_the_file(session: Session, at: House) -> None:
    rows = [person("F02", "人F01"), person("F01", at.manager.number, "班组长")]
    brought(session, at, rows, 人f01=at.lead.id)
    assert lines(session) == {"F01": at.manager.number, "F02": at.lead.number}


@pytest.mark.clause("DAT-1")
@pytest.mark.parametrize("place", ["import: before rows", "import: after rows", "import: before commit"])
def test_interrupted_staff_import_goes_on_up_the_line(session: Session, at: House, place: str) -> None:
    who = importer(session, at.manager, Role.HR)
    rows = [person(f"F{n:02}", f"F{n - 1:02}" if n > 1 else at.manager.number, "班组长") for n in range(12, 0, -1)]
    job = started(session, who, tried(session, who, staff_job(session, who, rows)))
    passed = 0

    def stop(reached: str) -> None:
        nonlocal passed
        passed += reached == place
        if reached == place and passed == 5:
            raise KeyboardInterrupt

    failpoints.observer = stop
    with pytest.raises(KeyboardInterrupt):
        run(session, job.id)
    failpoints.observer = None
    session.rollback()
    run(session, job.id)
    session.refresh(job)
    assert (job.state, counts(job)) == (ImportState.FINISHED, (12, 0, 0))
    assert lines(session)["F12"] == "F11"
    again = brought_again(session, who, rows)
    assert counts(again) == (0, 12, 0)


def brought_again(session: Session, who: Account, rows: list[list[Any]]) -> ImportJob:
    job = started(session, who, tried(session, who, staff_job(session, who, rows)))
    run(session, job.id)
    session.refresh(job)
    return job
