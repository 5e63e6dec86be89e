import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable

import pytest

from engine import patience
from engine.patience import OutOfPatienceError, at_most


def spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_endless_work_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(OutOfPatienceError), at_most(0.1):
        spin(5)
    assert time.monotonic() - began < 2


def test_work_that_ends_in_time_is_left_alone() -> None:
    with at_most(0.05):
        done = 1
    spin(0.15)
    assert done == 1


def test_other_threads_are_left_alone() -> None:
    fell = []

    def neighbour() -> None:
        try:
            spin(0.4)
        except OutOfPatienceError:
            fell.append(True)

    thread = threading.Thread(target=neighbour)
    thread.start()
    with pytest.raises(OutOfPatienceError), at_most(0.05):
        spin(5)
    thread.join()
    assert fell == []


def test_patience_that_ends_with_the_work_strikes_inside_or_not_at_all() -> None:
    """The end of the work and of the patience at the same moment, many times."""
    for number in range(200):
        try:
            with at_most(0.0005):
                spin(0.0004 + number % 5 * 0.0001)
        except OutOfPatienceError:
            continue
        spin(0.0003)


class Lingering:
    """Takes its time when it goes, in a place where Python swallows every error."""

    def __del__(self) -> None:
        spin(0.3)


class Watched:
    """What a weak reference leads to."""


def in_a_destructor() -> None:
    Lingering()


def in_a_callback() -> None:
    gone = Watched()
    _kept = weakref.ref(gone, lambda _reference: spin(0.3))
    del gone


def go_on_after(*places: Callable[[], None]) -> None:
    for place in places:
        place()
    spin(20)


SWALLOWING = [in_a_destructor, in_a_callback]


@pytest.mark.parametrize("place", SWALLOWING)
def test_strike_that_is_swallowed_comes_again(place: Callable[[], None]) -> None:
    began = time.monotonic()
    with pytest.raises(OutOfPatienceError), at_most(0.1):
        go_on_after(place)
    assert time.monotonic() - began < 2


def test_strike_that_is_swallowed_again_and_again_comes_through() -> None:
    began = time.monotonic()
    with pytest.raises(OutOfPatienceError), at_most(0.05):
        go_on_after(*[in_a_destructor] * 8)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("place", SWALLOWING)
def test_work_that_ends_after_a_swallowed_strike_is_left_alone(place: Callable[[], None]) -> None:
    with at_most(0.1):
        place()
    spin(0.3)


def test_work_that_swallows_a_strike_as_it_ends_strikes_nobody_after() -> None:
    """The block and the wait for the next strike end at the same moment, many times."""
    for number in range(40):
        try:
            with at_most(0.01):
                in_a_destructor()
                spin(0.045 + number % 10 * 0.001)
        except OutOfPatienceError:
            continue
        spin(0.02)


def test_other_swallowed_errors_are_told_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(patience, "_told_before", lambda lost: told.append(lost.exc_type))
    kept = Watched()
    _reference = weakref.ref(kept, lambda _reference: 1 / 0)
    del kept
    assert told == [ZeroDivisionError]


def test_error_of_the_work_itself_comes_through() -> None:
    with pytest.raises(ZeroDivisionError), at_most(5):
        raise ZeroDivisionError
    assert threading.active_count() < 20


STRUCK = """
import sys
from contextlib import suppress
from engine import patience
with suppress(patience.OutOfPatienceError), patience.at_most(0.05):
    while True:
        pass
sys.settrace(lambda *_event: None)
print(patience.at_most.__name__)
(lambda: print("goes on"))()
"""


def test_program_goes_on_as_before_after_a_strike() -> None:
    """An interruption that stays announced slows every step down, and a traced function never begins."""
    command = [sys.executable, "-c", STRUCK]
    assert subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout.endswith("goes on\n")


STANDS_STILL = """
import time
from engine import patience
patience.STOOD_STILL = 0.3
try:
    with patience.at_most(1.0):
        print("begun", flush=True)
        while time.process_time() < {until}:
            pass
    print("done")
except patience.OutOfPatienceError:
    print("given up")
"""


@pytest.mark.parametrize(("work", "said"), [(0.05, "done"), (5.0, "given up")])
def test_process_that_stood_still_gets_its_time_anew(work: float, said: str) -> None:
    program = STANDS_STILL.format(until=f"begun + {work}").replace("try:", "begun = time.process_time()\ntry:", 1)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        child.send_signal(signal.SIGSTOP)
        time.sleep(2)
        child.send_signal(signal.SIGCONT)
        assert child.stdout.read() == f"{said}\n"
