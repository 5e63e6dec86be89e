"""Seconds by the clock."""

import statistics
import time
from collections.abc import Callable

ROUNDS = 15


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median of some rounds, in seconds, after one that does not count."""
    work()
    taken = []
    for _round in range(rounds):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)
