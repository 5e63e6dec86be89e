"""Ends work that does not end by itself: a handler in an endless loop, a server that answers one byte a minute.

Time limits of sockets count from byte to byte, and code in a loop has none. Whoever holds a database lock or a round
of sending must not be held for ever by one row.
"""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class OutOfPatienceError(TimeoutError):
    """The work took longer than it may. A kind of OSError: for a sender, a server that does not answer."""


class _Watch:
    """Interrupts one thread once, unless the work ended before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread = threading.get_ident()
        self._is_over = False
        self._struck = False

    def strike(self) -> None:
        """Raise OutOfPatienceError in the thread, at its next step of Python."""
        with self._lock:
            if not self._is_over:
                self._struck = True
                _raise_in(self._thread, OutOfPatienceError)

    def end(self) -> None:
        """The work is over. What was struck but has not arrived yet is taken back."""
        with self._lock:
            self._is_over = True
            if self._struck:
                _raise_in(self._thread, None)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise OutOfPatienceError inside the block after `seconds`.

    It arrives at the next step of Python: after a call that waits in the system has come back. So every such call
    inside needs a time limit of its own.
    """
    watch = _Watch()
    timer = threading.Timer(seconds, watch.strike)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        watch.end()
        timer.cancel()


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Python's own way to interrupt a thread; None takes back what has not arrived."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
