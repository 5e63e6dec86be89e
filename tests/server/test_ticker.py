import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from server.ticker import Ticker

pytestmark = pytest.mark.slow


class Work:
    """Counts its calls and how many ran at the same time."""

    def __init__(self, does: Callable[[], None] = lambda: None) -> None:
        self.does = does
        self.calls = self.running = self.most = 0
        self.called = threading.Semaphore(0)

    def __call__(self) -> None:
        self.calls += 1
        self.running += 1
        self.most = max(self.most, self.running)
        self.called.release()
        try:
            self.does()
        finally:
            self.running -= 1

    def is_called(self, within: float) -> bool:
        return self.called.acquire(timeout=within)


@contextmanager
def ticking(**works: Work) -> Iterator[Ticker]:
    ticker = Ticker(works, seconds=1)
    ticker.start()
    yield ticker
    ticker.stop(within=5)


def fail() -> None:
    msg = "poison"
    raise RuntimeError(msg)


def test_tick_at_once_and_again() -> None:
    work = Work()
    with ticking(work=work):
        assert work.is_called(within=0.5)
        assert work.is_called(within=2)


def test_tick_after_a_failure() -> None:
    bad, good = Work(fail), Work()
    with ticking(bad=bad, good=good):
        assert [bad.is_called(within=3) for _ in range(3)] == [True] * 3
        assert good.calls >= 2


def test_tick_never_twice_at_a_time() -> None:
    slow, quick = Work(lambda: time.sleep(2.2)), Work()
    with ticking(slow=slow, quick=quick):
        assert slow.is_called(within=1)
        assert slow.is_called(within=4)
        assert slow.most == 1
        assert quick.calls >= 3


@pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(days=-365), timedelta(hours=2)])
def test_tick_after_the_clock_was_set(jump: timedelta) -> None:
    work = Work()
    with time_machine.travel(datetime.now(UTC)) as machine, ticking(work=work):
        assert work.is_called(within=0.5)
        machine.shift(jump)
        assert work.is_called(within=3)
        assert work.is_called(within=3)
        assert work.most == 1


def test_stop_waits_for_running_work() -> None:
    ended = []
    work = Work(lambda: (time.sleep(0.5), ended.append(True)))
    ticker = Ticker({"work": work}, seconds=1)
    ticker.start()
    assert work.is_called(within=1)
    assert ticker.stop(within=5) is True
    assert ended == [True]
    calls = work.calls
    assert not work.is_called(within=1.5)
    assert work.calls == calls


def test_stop_does_not_wait_for_ever() -> None:
    release = threading.Event()
    work = Work(release.wait)
    ticker = Ticker({"work": work}, seconds=1)
    ticker.start()
    assert work.is_called(within=1)
    assert ticker.stop(within=0.3) is False
    release.set()
