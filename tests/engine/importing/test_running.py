from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine import clock, failpoints
from engine.acting import Door, Role, acting
from engine.audit import faults
from engine.importing import files, lease, running
from engine.importing.refusing import reasons_of
from engine.importing.running import interrupted, run, run_batch
from engine.registry import registry
from engine.rules import rule
from engine.transitions.performing import perform
from models.audit import AuditEntry, Refusal
from models.import_job import ImportJob, ImportLease, ImportRefusal, ImportState
from models.organisation import Post
from models.service_record import Origin, RecordState, ServiceRecord
from tests.factories.importing import (
    call,
    calls,
    counts,
    imported,
    importer,
    mapped,
    started,
    tried,
    unanswered,
    workbook,
)
from tests.factories.organisation import staff, team
from tests.factories.quality import House, house


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


@pytest.fixture(autouse=True)
def _small_steps_without_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(running, "BREATH", 0)
    monkeypatch.setattr(running, "BATCH", 500)
    yield
    failpoints.observer = None


def names(at: House) -> list[str]:
    return [agent.name for agent in at.agents]


def stored(session: Session) -> int:
    return session.scalar(select(func.count(ServiceRecord.id))) or 0


def reasons(session: Session, job: ImportJob, *, dry: bool = False) -> dict[int, list[str]]:
    rows = session.scalars(select(ImportRefusal).where(ImportRefusal.job_id == job.id, ImportRefusal.dry.is_(dry)))
    with force_locale("en"):
        return {row.row_number: [each.text for each in reasons_of(row)] for row in rows}


@pytest.mark.clause("DAT-1")
def test_whole_file_is_taken_with_an_audit_row_each(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    job = imported(session, who, mapped(session, who, at, workbook(calls(names(at), 1100))))
    assert (job.state, counts(job), stored(session)) == (ImportState.FINISHED, (1100, 0, 0), 1100)
    noted = select(func.count(AuditEntry.id)).where(AuditEntry.entity == "service_record", AuditEntry.door == "import")
    assert session.scalar(noted) == 1100
    assert list(faults(session)) == []


@pytest.mark.clause("SVC-1")
def test_imported_record_stands_where_its_system_left_it(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    rows = [call(1, names(at)[0]), call(4, names(at)[1]), unanswered(5, names(at)[0])]
    imported(session, who, mapped(session, who, at, workbook(rows)))
    solved, unsolved, missed = session.scalars(select(ServiceRecord).order_by(ServiceRecord.number)).all()
    assert (solved.state, unsolved.state, missed.state) == (
        RecordState.EVALUATED,
        RecordState.UNSOLVED,
        RecordState.UNSOLVED,
    )
    assert (solved.origin, solved.team_id, solved.answer_seconds, solved.talk_seconds) == (
        Origin.IMPORTED,
        at.team.id,
        11,
        181,
    )
    assert solved.occurred_at.isoformat() == "2026-02-02T02:15:30+00:00"
    assert (missed.answered, missed.satisfaction) == (False, None)


@pytest.mark.clause("DAT-1")
def test_trial_writes_nothing_and_says_what_would_be_refused(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    rows = [
        *calls(names(at), 3),
        call(7, names(at)[0], Date="2027-01-01"),
        call(8, names(at)[0], **{"Satisfaction rating": 9}),
    ]
    job = tried(session, who, mapped(session, who, at, workbook(rows)))
    assert (job.state, counts(job), stored(session)) == (ImportState.CHECKED, (3, 0, 2), 0)
    found = reasons(session, job, dry=True)
    assert "(SVC-1)" in found[5][0]
    assert found[6] == ["The rating must be from 1 to 5."]


@pytest.mark.clause("DAT-1")
def test_refused_rows_are_counted_as_refusals_of_their_clause(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    rows = [call(1, names(at)[0]), call(7, names(at)[0], Date="2027-01-01")]
    job = imported(session, who, mapped(session, who, at, workbook(rows)))
    assert (counts(job), stored(session)) == ((1, 0, 1), 1)
    assert session.scalars(select(Refusal.clause).where(Refusal.door == "import")).all() == ["SVC-1"]


@pytest.mark.clause("DAT-1")
def test_same_file_twice_makes_no_double(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    content = workbook(calls(names(at), 40))
    imported(session, who, mapped(session, who, at, content))
    again = imported(session, who, mapped(session, who, at, content))
    assert (counts(again), stored(session)) == ((0, 40, 0), 40)


@pytest.mark.clause("DAT-1")
def test_row_that_differs_from_the_stored_one_is_a_conflict_and_overwrites_nothing(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    imported(session, who, mapped(session, who, at, workbook([call(1, names(at)[0])])))
    changed = call(1, names(at)[0], **{"Satisfaction rating": 5})
    job = imported(session, who, mapped(session, who, at, workbook([changed, call(2, names(at)[0])])))
    assert counts(job) == (1, 0, 1)
    assert "differs in: Satisfaction" in reasons(session, job)[2][0]
    assert session.scalars(select(ServiceRecord.satisfaction).where(ServiceRecord.number == "T00001")).one() == 2


@pytest.mark.parametrize("dry", [True, False])
def test_key_that_comes_twice_in_a_file_is_taken_once(session: Session, at: House, dry: bool) -> None:
    who = importer(session, at.manager)
    first = call(1, names(at)[0])
    rows = [first, *calls(names(at), 600)[10:], first, call(1, names(at)[1])]
    job = (tried if dry else imported)(session, who, mapped(session, who, at, workbook(rows)))
    assert counts(job) == (591, 1, 1)
    assert "Row 2 of this file" in reasons(session, job, dry=dry)[594][0]


@pytest.mark.parametrize(
    "place", ["import: before rows", "import: after rows", "import: before commit", "import: after commit"]
)
@pytest.mark.clause("DAT-1")
def test_interrupted_import_goes_on_where_it_stopped(session: Session, at: House, place: str) -> None:
    who = importer(session, at.manager)
    job = started(session, who, tried(session, who, mapped(session, who, at, workbook(calls(names(at), 1300)))))
    passed: list[str] = []

    def die(here: str) -> None:
        passed.append(here)
        if passed.count(place) == 2 and here == place:
            raise KeyboardInterrupt

    failpoints.observer = die
    with pytest.raises(KeyboardInterrupt):
        run(session, job.id)
    failpoints.observer = None
    done = session.get_one(ImportJob, job.id, populate_existing=True).next_row
    assert (done, stored(session)) == ((1000, 1000) if place == "import: after commit" else (500, 500))
    with clock.fixed_at(clock.now() + timedelta(minutes=1)):
        assert interrupted(session, clock.now()) == [job.id]
        run(session, job.id)
    session.refresh(job)
    assert (job.state, counts(job), stored(session)) == (ImportState.FINISHED, (1300, 0, 0), 1300)
    assert list(faults(session)) == []


def test_second_worker_leaves_a_job_alone_that_is_in_hand(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    job = started(session, who, tried(session, who, mapped(session, who, at, workbook(calls(names(at), 20)))))
    assert lease.claim(session, job.id, "somebody else")
    session.commit()
    run(session, job.id)
    assert session.get_one(ImportJob, job.id, populate_existing=True).next_row == 0
    session.execute(update(ImportLease).values(until=clock.now() - timedelta(seconds=1)))
    session.commit()
    run(session, job.id)
    assert session.get_one(ImportJob, job.id, populate_existing=True).state is ImportState.FINISHED


def test_paused_import_keeps_its_place(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    job = started(session, who, tried(session, who, mapped(session, who, at, workbook(calls(names(at), 700)))))
    assert run_batch(session, job.id)
    perform(session, session.get_one(ImportJob, job.id), "pause")
    session.commit()
    run(session, job.id)
    assert session.get_one(ImportJob, job.id, populate_existing=True).next_row == 500
    run(session, started(session, who, job).id)
    session.refresh(job)
    assert (job.state, counts(job)) == (ImportState.FINISHED, (700, 0, 0))


def test_row_on_which_the_program_fails_is_refused_alone(session: Session, at: House) -> None:
    @rule("", ServiceRecord, says="never said")
    def fails_on_one(record: ServiceRecord, _facts: object) -> bool:
        if record.number == "T00333":
            raise ZeroDivisionError
        return True

    who = importer(session, at.manager)
    job = mapped(session, who, at, workbook(calls(names(at), 600)))
    registry.rules[ServiceRecord].append(fails_on_one)
    try:
        imported(session, who, job)
    finally:
        registry.rules[ServiceRecord].remove(fails_on_one)
    assert (job.state, counts(job)) == (ImportState.FINISHED, (599, 0, 1))
    assert "failed on this row" in reasons(session, job)[335][0]


@pytest.mark.clause("DAT-1")
def test_shift_lead_takes_in_rows_of_the_own_team_only(session: Session, at: House) -> None:
    other = team(session, at.department, "二组", at.channel)
    stranger = staff(
        session,
        at.department,
        of=other,
        superior=staff(session, at.department, Post.SHIFT_LEAD, of=other, superior=at.manager),
    )
    who = importer(session, at.lead)
    job = imported(session, who, mapped(session, who, at, workbook([call(1, names(at)[0]), call(2, stranger.name)])))
    assert counts(job) == (1, 0, 1)
    assert "your own team only" in reasons(session, job)[3][0]


def test_job_of_a_shut_account_is_paused_with_the_reason(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    job = started(session, who, tried(session, who, mapped(session, who, at, workbook(calls(names(at), 5)))))
    perform(session, who, "disable", reason="left")
    session.commit()
    run(session, job.id)
    session.refresh(job)
    assert (job.state, stored(session)) == (ImportState.PAUSED, 0)
    assert job.error is not None


def test_cells_of_refused_rows_rest_encrypted_and_the_file_is_gone(session: Session, at: House) -> None:
    who = importer(session, at.manager)
    job = imported(session, who, mapped(session, who, at, workbook([call(1, "Nobody we know"), call(2, names(at)[0])])))
    raw = session.connection().exec_driver_sql("select cells from import_refusal").scalars().all()
    assert raw
    assert all(b"Nobody" not in bytes(cells) for cells in raw)
    assert not (files.Folder.path / job.stored_name).exists()


def test_rows_left_out_by_decision_say_so(session: Session, at: House) -> None:
    who = importer(session, at.manager, Role.MANAGER)
    job = mapped(session, who, at, workbook([call(1, "Zoe"), call(2, names(at)[0])]), {"agent_id": {"zoe": 0}})
    imported(session, who, job)
    assert reasons(session, job)[2] == ["Rows with this name are left out, as was decided."]


def test_system_takes_in_a_file_that_nobody_uploaded(session: Session, at: House) -> None:
    with acting(running.SYSTEM, Door.COMMAND):
        job = ImportJob(
            entity="service_record", filename="x", stored_name="x", sha256="x", department_id=at.department.id
        )
        session.add(job)
        session.flush()
        assert running.actor_of(session, job).is_system
