"""Long work done at once, in the test's own thread, by the very code that workers run."""

from flask import Flask


def work_off(app: Flask) -> int:
    """Do everything that is due; how many pieces that was."""
    from models.job import Lane
    from server.bench import Bench

    bench, pieces = Bench(app), 0
    while bench.do_next(tuple(Lane)):
        pieces += 1
    return pieces
