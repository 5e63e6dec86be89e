from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts.actor import actor_for
from engine.acting import Door, acting
from engine.errors import ConflictError, PolicyError
from engine.importing import files, jobs, running
from engine.importing.choices import Choices
from engine.importing.running import clear_away
from engine.registry import registry
from engine.transitions.performing import perform
from models.import_job import ImportJob, ImportState
from models.organisation import Post, Staff, StaffStatus
from plugins import import_job
from tests.factories.importing import calls, counts, importer, mapped, started, text_file, tried, uploaded, workbook
from tests.factories.quality import House, house
from tests.factories.refusals import refused
from tests.factories.working import work_off

FAR = datetime(2099, 1, 1, tzinfo=UTC)
"""Files carry the machine's own time: on this day they are all old."""


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


def a_job(session: Session, at: House, **columns: int) -> ImportJob:
    job = ImportJob(
        department_id=at.department.id,
        entity="service_record",
        filename="a.csv",
        stored_name="none",
        sha256="0",
        rows_total=10,
    )
    session.add(job)
    session.flush()
    for name, value in columns.items():
        setattr(job, name, value)
    return job


@pytest.mark.clause("DAT-1")
def test_no_row_is_counted_twice_refuses_more_rows_than_the_file_has(session: Session, at: House) -> None:
    a_job(session, at, rows_taken=6, rows_same=3, rows_refused=1)
    session.flush()
    with refused(session, "import_job.no_row_is_counted_twice"):
        a_job(session, at, rows_taken=6, rows_same=3, rows_refused=2)


@pytest.mark.clause("DAT-1")
def test_every_row_is_accounted_for_before_an_import_ends(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    job = started(session, who, tried(session, who, mapped(session, who, at, workbook(calls([at.agents[0].name], 5)))))
    with pytest.raises(PolicyError) as error:
        perform(session, job, "finish")
    assert [v.rule for v in error.value.violations] == ["import_job.every_row_is_accounted_for"]
    assert error.value.violations[0].values == {"missing": 5}


@pytest.mark.clause("DAT-1")
@pytest.mark.parametrize(("leave_out", "state"), [(False, ImportState.CHECKED), (True, ImportState.RUNNING)])
def test_refused_rows_are_accepted_before_the_import_begins(
    session: Session, at: House, leave_out: bool, state: ImportState
) -> None:
    who = importer(session, at.manager)
    job = tried(session, who, mapped(session, who, at, workbook(calls([at.agents[0].name, "Nobody"], 4))))
    with acting(actor_for(session, who), Door.FORM):
        if leave_out:
            jobs.start(session, job, leave_out_refused=True)
        else:
            with pytest.raises(PolicyError):
                jobs.start(session, job, leave_out_refused=False)
            session.rollback()
    assert job.state is state


def test_job_that_was_not_tried_does_not_start(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    job = mapped(session, who, at, workbook(calls([at.agents[0].name], 3)))
    with acting(actor_for(session, who), Door.FORM), pytest.raises(ConflictError):
        jobs.start(session, job, leave_out_refused=True)


@pytest.mark.clause("DAT-1")
def test_sweep_goes_on_with_what_a_dead_worker_left(
    session: Session, at: House, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BREATH", 0)
    who = importer(session, at.manager)
    job = started(session, who, tried(session, who, mapped(session, who, at, workbook(calls([at.agents[0].name], 30)))))
    assert import_job.due(session, clock.now()) == 1
    assert import_job.due(session, clock.now()) == 0
    session.commit()
    assert work_off(app) == 1
    session.refresh(job)
    assert (job.state, counts(job)) == (ImportState.FINISHED, (30, 0, 0))


def test_files_that_nobody_needs_are_cleared_away(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    needed, given_up = (uploaded(session, who, workbook(calls(["a"], 2))) for _twice in range(2))
    jobs.cancel(session, given_up)
    session.commit()
    with clock.fixed_at(FAR):
        clear_away(session)
    there = {path.name for path in files.Folder.path.iterdir()}
    assert needed.stored_name in there
    assert given_up.stored_name not in there


@pytest.mark.clause("ORG-1")
def test_hr_brings_people_in_by_a_file(session: Session, at: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BREATH", 0)
    header = ["工号", "姓名", "岗位", "班组", "直接上级", "入职日期", "手机"]
    rows = [
        ["A1", "赵一", "热线客服", at.team.name, at.lead.number, "2026-01-05", "13900000001"],
        ["A2", "钱二", "班组长", at.team.name, at.manager.name, "2026-01-06", "13900000002"],
        ["A3", "孙三", "国王", at.team.name, at.lead.number, "2026-01-07", ""],
        ["A4", "李四", "在线客服", "", at.lead.number, "2026-01-07", ""],
    ]
    hr = importer(session, at.manager)
    hr.roles = ["hr"]
    session.commit()
    job = uploaded(session, hr, text_file(rows, header), "people.csv", "staff")
    with acting(actor_for(session, hr), Door.FORM):
        choices, _questions, _unreadable = jobs.mapping.settle_formats(
            registry.importable("staff"), Choices.of(job.choices), jobs.open_job_table(job)
        )
        jobs.map_columns(session, job, choices, jobs.open_job_table(job))
        session.commit()
    tried(session, hr, job)
    assert counts(job) == (2, 0, 2)
    running.run(session, started(session, hr, job).id)
    made = {each.number: each for each in session.query(Staff).filter(Staff.number.in_(["A1", "A2", "A3", "A4"]))}
    assert set(made) == {"A1", "A2"}
    assert (made["A1"].post, made["A1"].team_id, made["A1"].superior_id) == (Post.HOTLINE_AGENT, at.team.id, at.lead.id)
    assert (made["A1"].status, made["A1"].hire_date, made["A1"].phone) == (
        StaffStatus.TRAINEE,
        date(2026, 1, 5),
        "13900000001",
    )
