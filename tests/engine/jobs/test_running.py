"""Long work on both databases: asked for once, done once, taken up again after a death, given up in the open."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Actor, Door, acting
from engine.hooks import hookimpl
from engine.jobs import tending
from engine.jobs.asking import enqueue, ensure
from engine.jobs.carrying import Carriage, Turn
from engine.jobs.claiming import LEASE, claim, is_due, renew
from engine.jobs.running import wait_after, work_on
from engine.jobs.tasks import HopelessError, LaterError, Task, Work
from engine.registry import registry
from models.job import Job, JobState, Lane
from models.obligation import Heartbeat

Does = Callable[[Session, Work], None]
ALL = tuple(Lane)


def nothing(session: Session, work: Work) -> None:
    """Work that is done as soon as it is begun."""


class Plugin:
    """One task, called `sample`, that does what the test wants."""

    def __init__(self) -> None:
        self.does: Does = nothing
        self.works: list[Work] = []
        self.tidied: list[Mapping[str, object]] = []

    @hookimpl
    def tasks(self) -> Sequence[Task]:
        return [Task("sample", "Sample", self._run, attempts=3, gave_up=self._tidy)]

    def _tidy(self, session: Session, work: Work) -> None:
        self.tidied.append(work.args)

    def _run(self, session: Session, work: Work) -> None:
        self.works.append(work)
        self.does(session, work)


@pytest.fixture
def sample() -> Iterator[Plugin]:
    plugin = Plugin()
    with registry.with_plugin(plugin):
        yield plugin


@pytest.fixture
def system(session: Session) -> Iterator[Session]:
    with acting(SYSTEM, Door.COMMAND, "the-request"):
        yield session


def ask(session: Session, key: str = "k", args: Mapping[str, object] | None = None) -> Job:
    number = enqueue(session, "sample", key, args)
    session.commit()
    return session.get_one(Job, number, populate_existing=True)


def work(session: Session, go_on: bool = True, minutes: float = 0) -> bool:
    """One claim and what comes of it, `minutes` from now; whether there was something to claim."""
    with clock.fixed_at(clock.now() + timedelta(minutes=minutes)):
        claimed = claim(session, ALL, clock.now())
        session.commit()
        if claimed is not None:
            work_on(session, claimed, lambda: go_on)
    return claimed is not None


def fail(session: Session, work: Work) -> None:
    session.add(Heartbeat(name="half", beat_at=clock.now()))
    session.flush()
    msg = "13800138000 was not liked"
    raise RuntimeError(msg)


def fresh(session: Session, job: Job) -> Job:
    session.rollback()
    session.refresh(job)
    return job


def test_hook_tasks_declares_long_work_by_name(system: Session, sample: Plugin) -> None:
    job = ask(system, args={"record": 7})
    assert is_due(system, [Lane.LONG], clock.now())
    assert not is_due(system, [Lane.QUICK], clock.now())
    assert work(system)
    assert (sample.works[0].args, sample.works[0].key, sample.works[0].attempt) == ({"record": 7}, "k", 1)
    assert fresh(system, job).state is JobState.DONE
    assert job.request_id == "the-request"
    assert not work(system)


def test_enqueue_falls_with_the_transaction(system: Session, sample: Plugin) -> None:
    enqueue(system, "sample", "k")
    system.rollback()
    assert system.scalars(select(Job)).all() == []
    assert not work(system)


def test_enqueue_of_an_unknown_task_is_refused(system: Session) -> None:
    with pytest.raises(KeyError):
        enqueue(system, "no such task", "k")


def test_same_key_is_one_row_until_it_is_done(system: Session, sample: Plugin) -> None:
    first, second = ask(system, args={"n": 1}), ask(system, args={"n": 2})
    assert first.id == second.id
    assert not ensure(system, "sample", "k")
    assert work(system)
    assert not work(system)
    assert [each.args for each in sample.works] == [{"n": 2}]
    assert ask(system).id != first.id


def test_asked_again_while_it_is_done_it_is_done_once_more(system: Session, sample: Plugin) -> None:
    """The second asker's change may have come too late for the run under way."""
    job = ask(system)
    turns: list[Turn] = []

    def asked_again(session: Session, done: Work) -> None:
        enqueue(session, "sample", "k")

    def note(session: Session, turn: Turn) -> None:
        turns.append(turn)

    sample.does = asked_again
    Carriage.carry = staticmethod(note)
    try:
        assert work(system)
    finally:
        Carriage.carry = staticmethod(Carriage.nobody)
    assert fresh(system, job).state is JobState.WAITING
    assert len({turn.name for turn in turns}) == 2
    sample.does = nothing
    assert work(system)
    assert fresh(system, job).state is JobState.DONE
    assert len(sample.works) == 2


def test_later_asking_does_not_put_off_what_is_sooner(system: Session, sample: Plugin) -> None:
    job = ask(system)
    soon = job.run_at
    enqueue(system, "sample", "k", at=clock.now() + timedelta(hours=1))
    system.commit()
    assert fresh(system, job).run_at == soon


def test_args_rest_encrypted(system: Session, sample: Plugin) -> None:
    ask(system, args={"search": "王小明"})
    assert "王小明".encode() not in bytes(system.execute(text("SELECT args FROM job")).scalar_one())


def test_effect_and_end_are_one_commit(system: Session, sample: Plugin) -> None:
    job = ask(system)

    def effect(session: Session, done: Work) -> None:
        session.add(Heartbeat(name="done", beat_at=clock.now()))

    sample.does = effect
    assert work(system)
    system.rollback()
    assert system.get(Heartbeat, "done") is not None
    assert fresh(system, job).state is JobState.DONE


def test_failure_is_undone_and_tried_again_later(system: Session, sample: Plugin) -> None:
    job = ask(system)
    sample.does = fail
    assert work(system)
    assert system.get(Heartbeat, "half") is None
    fresh(system, job)
    assert (job.state, job.attempts, job.error) == (JobState.WAITING, 1, "RuntimeError")
    assert job.run_at > clock.now()
    assert not work(system)
    sample.does = nothing
    assert work(system, minutes=1)
    assert fresh(system, job).state is JobState.DONE


def test_poison_is_given_up_and_stands_in_the_open(system: Session, sample: Plugin) -> None:
    job = ask(system, args={"n": 1})
    sample.does = fail
    for minutes in (0, 1, 60):
        assert work(system, minutes=minutes)
    assert fresh(system, job).state is JobState.DEAD
    assert "13800138000" not in str(job.error)
    assert sample.tidied == [{"n": 1}]
    assert not work(system, minutes=600)
    other = ask(system, "other")
    sample.does = nothing
    assert work(system)
    assert fresh(system, other).state is JobState.DONE


def test_hopeless_work_is_given_up_at_once(system: Session, sample: Plugin) -> None:
    job = ask(system)

    def hopeless(session: Session, work: Work) -> None:
        msg = "the file is gone"
        raise HopelessError(msg)

    sample.does = hopeless
    assert work(system)
    assert fresh(system, job).state is JobState.DEAD
    assert job.error == "HopelessError: the file is gone"


def test_later_is_no_failure(system: Session, sample: Plugin) -> None:
    job = ask(system)

    def later(session: Session, work: Work) -> None:
        work.tell(3, 10)
        session.commit()
        raise LaterError(timedelta(seconds=5))

    sample.does = later
    for minute in range(6):
        assert work(system, minutes=minute)
    fresh(system, job)
    assert (job.state, job.attempts, job.done, job.total) == (JobState.WAITING, 0, 3, 10)


def test_dead_worker_s_row_is_taken_up_by_another(system: Session, sample: Plugin) -> None:
    job = ask(system)
    claimed = claim(system, ALL, clock.now())
    system.commit()
    assert claimed is not None
    assert not work(system)
    assert work(system, minutes=1)
    assert fresh(system, job).state is JobState.DONE
    assert sample.works[0].attempt == 2


def test_renewed_lease_holds_others_off(system: Session, sample: Plugin) -> None:
    ask(system)
    claimed = claim(system, ALL, clock.now())
    assert claimed is not None
    renew(system, [claimed.holder], clock.now() + LEASE)
    system.commit()
    with clock.fixed_at(clock.now() + LEASE * 1.5):
        assert claim(system, ALL, clock.now()) is None


def test_worker_that_lost_its_lease_writes_nothing(system: Session, sample: Plugin) -> None:
    job = ask(system)

    def outlived(session: Session, done: Work) -> None:
        session.connection().execute(text("UPDATE job SET holder = 'somebody else'"))
        session.commit()
        session.add(Heartbeat(name="late", beat_at=clock.now()))

    sample.does = outlived
    assert work(system)
    system.rollback()
    assert system.get(Heartbeat, "late") is None
    assert fresh(system, job).state is JobState.WAITING


def test_work_that_kills_its_worker_is_given_up_in_time(system: Session, sample: Plugin) -> None:
    job = ask(system)
    for minutes in (0, 1, 2):
        with clock.fixed_at(clock.now() + timedelta(minutes=minutes)):
            assert claim(system, ALL, clock.now()) is not None
            system.commit()
    assert work(system, minutes=3)
    assert sample.works == []
    assert fresh(system, job).state is JobState.DEAD


def test_task_that_only_a_newer_program_knows_waits(system: Session, sample: Plugin) -> None:
    job = ask(system)
    system.execute(text("UPDATE job SET task = 'of tomorrow'"))
    system.commit()
    assert work(system)
    fresh(system, job)
    assert (job.state, job.attempts) == (JobState.WAITING, 0)


def test_account_that_asked_is_kept(session: Session, sample: Plugin) -> None:
    with acting(Actor(staff_id=3, account_id=4, department_id=5), Door.FORM):
        enqueue(session, "sample", "k")
        session.commit()
    assert work(session)
    assert (sample.works[0].account_id, sample.works[0].department_id) == (4, 5)


def test_revived_work_is_done_for_the_same_account(session: Session, sample: Plugin) -> None:
    sample.does = fail
    with acting(Actor(staff_id=3, account_id=4, department_id=5), Door.FORM):
        number = enqueue(session, "sample", "k", {"n": 1})
        session.commit()
    for minutes in (0, 1, 60):
        assert work(session, minutes=minutes)
    sample.does = nothing
    job = session.get_one(Job, number, populate_existing=True)
    assert tending.revive(session, job)
    session.commit()
    assert not tending.revive(session, fresh(session, job))
    assert work(session)
    assert fresh(session, job).state is JobState.DROPPED
    assert (sample.works[-1].account_id, sample.works[-1].args) == (4, {"n": 1})


def test_old_rows_are_forgotten_and_undone_ones_never(system: Session, sample: Plugin) -> None:
    ask(system, "done")
    assert work(system)
    undone = ask(system, "undone")
    assert tending.forget_old(system, clock.now()) == 0
    assert tending.forget_old(system, clock.now() + timedelta(days=400)) == 1
    system.commit()
    assert system.scalars(select(Job.id)).all() == [undone.id]


def test_lying_rows_are_those_that_nobody_took_up(system: Session, sample: Plugin) -> None:
    job = ask(system)
    grace = timedelta(seconds=15)
    assert tending.lying(system, clock.now(), grace) == []
    assert tending.lying(system, clock.now() + grace * 2, grace) == [job]


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 5), (2, 20), (3, 80), (20, 3600)])
def test_wait_grows_up_to_an_hour(attempt: int, seconds: int) -> None:
    assert wait_after(attempt) == timedelta(seconds=seconds)


def test_many_workers_do_each_piece_once(app: Flask, session: Session, sample: Plugin) -> None:
    """Eight threads, each with a connection of its own, take forty pieces from one another."""
    from engine.database import db

    with acting(SYSTEM, Door.COMMAND):
        for number in range(40):
            enqueue(session, "sample", f"k{number}")
        session.commit()

    def worker() -> None:
        with app.app_context(), acting(SYSTEM, Door.SCHEDULER):
            for _turn in range(60):
                try:
                    claimed = claim(db.session(), ALL, clock.now())
                    db.session.commit()
                    if claimed is not None:
                        work_on(db.session(), claimed, lambda: True)
                except OperationalError:
                    db.session.rollback()

    threads = [threading.Thread(target=worker, daemon=True) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    keys = [each.key for each in sample.works]
    assert len(keys) == len(set(keys)) == 40
    assert {each.attempt for each in sample.works} == {1}
    session.rollback()
    assert set(session.scalars(select(Job.state))) == {JobState.DONE}


def test_stuck_task_is_told_to_stop(system: Session, sample: Plugin) -> None:
    ask(system)
    went_on: list[bool] = []

    def stuck(session: Session, done: Work) -> None:
        went_on.append(done.go_on())
        with clock.fixed_at(clock.now() + timedelta(hours=3)):
            went_on.append(done.go_on())

    sample.does = stuck
    assert work(system)
    assert went_on == [True, False]


def test_tasks_of_the_product_have_distinct_stable_names(app: Flask) -> None:
    """Rows hold these names: one that changes leaves rows behind that nobody can do."""
    assert {"import", "send.mail", "send.groups", "send.calls"} <= set(registry.tasks)
    assert all(name == each.name for name, each in registry.tasks.items())
    assert replace(registry.tasks["import"], attempts=1).lane is Lane.LONG
