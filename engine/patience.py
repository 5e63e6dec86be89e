"""Ends work that does not end by itself: a handler in an endless loop, a server that answers one byte a minute.

Time limits of sockets count from byte to byte, and code in a loop has none. Whoever holds a database lock or a round
of sending must not be held for ever by one row.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue

STOOD_STILL = 2.0
"""A watch that strikes later than this many seconds after its time was itself stopped, with the whole process."""
OUT_OF_THE_WAY = 0.05
"""Seconds after which the place that swallowed a strike is left: one that came sooner would be swallowed as well."""


class OutOfPatienceError(TimeoutError):
    """The work took longer than it may. A kind of OSError: for a sender, a server that does not answer."""


class _Watch:
    """Interrupts one thread once, unless the work ended before. Once more only when the strike is known to be lost."""

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
            _keeper_of_the_lost()
            _struck[self._thread] = self
            _raise_in(self._thread, OutOfPatienceError)

    def strike_again(self) -> None:
        """The strike before was lost, so none is under way: this one arrives where that one would have."""
        with self._lock:
            if not self._is_over:
                _struck[self._thread] = self
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


_struck: dict[int, _Watch] = {}
"""By thread: whose strike is under way in it, or was the last."""
_lost: SimpleQueue[_Watch] = SimpleQueue()
_keeper = threading.Thread()
_told_before = sys.unraisablehook


def _note_lost(told: "sys.UnraisableHookArgs") -> None:
    """Python tells here of errors that it swallows: those of destructors and of callbacks of weak references.

    It does so in the struck thread, in the middle of anything, with any lock held: so nothing is done but to put the
    watch into a queue that is made for such places.
    """
    watch = _struck.pop(threading.get_ident(), None) if told.exc_type is OutOfPatienceError else None
    if watch is None:
        _told_before(told)
    else:
        _lost.put(watch)


def _keeper_of_the_lost() -> None:
    """See to it that the one thread which strikes again is there; after a fork it is not."""
    global _keeper  # noqa: PLW0603 one for the process
    if not _keeper.is_alive():
        _keeper = threading.Thread(target=_strike_the_lost_again, daemon=True)
        _keeper.start()


def _strike_the_lost_again() -> None:
    while True:
        watch = _lost.get()
        time.sleep(OUT_OF_THE_WAY)
        watch.strike_again()


sys.unraisablehook = _note_lost
