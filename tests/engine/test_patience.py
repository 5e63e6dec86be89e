import signal
import subprocess
import sys
import threading
import time

import pytest

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
