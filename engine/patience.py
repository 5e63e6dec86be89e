"""Ends work that does not end by itself: a handler in an endless loop, a server that answers one byte a minute.

Time limits of sockets count from byte to byte, and code in a loop has none. Whoever holds a database lock or a round
of sending must not be held for ever by one row.
"""

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

STOOD_STILL = 2.0
"""A watch that strikes later than this many seconds after its time was itself stopped, with the whole process."""


class OutOfPatienceError(TimeoutError):
    """The work took longer than it may. A kind of OSError: for a sender, a server that does not answer."""


class _Watch:
    """Interrupts one thread once, unless the work ended before."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._thread = threading.get_ident()
        self._is_over = False
        self._timer = self._wind_up()

    def end(self) -> None:
        """The work is over. A strike at the last moment arrives in here, where it does no harm."""
        with suppress(OutOfPatienceError):
            with self._lock:
                self._is_over = True
            self._timer.cancel()

    def _wind_up(self) -> threading.Timer:
        timer = threading.Timer(self._seconds, self._strike, (time.monotonic() + self._seconds,))
        timer.daemon = True
        timer.start()
        return timer

    def _strike(self, expected: float) -> None:
        """Raise OutOfPatienceError in the thread, at its next step of Python.

        When the process stood still meanwhile, the work had no time either: it gets its time anew.
        """
        with self._lock:
            if self._is_over:
                return
            if time.monotonic() - expected > STOOD_STILL:
                self._timer = self._wind_up()
                return
            _raise_in(self._thread, OutOfPatienceError)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise OutOfPatienceError inside the block after `seconds`.

    It arrives at the next step of Python: after a call that waits in the system has come back. So every such call
    inside needs a time limit of its own.
    """
    watch = _Watch(seconds)
    try:
        yield
    finally:
        watch.end()


def _raise_in(thread: int, error: type[BaseException]) -> None:
    """Python's own way to interrupt a thread.

    It cannot be taken back: told of None instead, Python looks for an interruption before every step ever after.
    """
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
