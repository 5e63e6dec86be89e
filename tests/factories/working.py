"""Long work done at once, in the test's own thread, by the very code that workers run."""

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.browsing import post


def work_off(app: Flask) -> int:
    """Do everything that is due; how many pieces that was."""
    from models.job import Lane
    from server.bench import Bench

    bench, pieces = Bench(app), 0
    while bench.do_next(tuple(Lane)):
        pieces += 1
    return pieces


def prepared(client: FlaskClient, address: str, *, buffered: bool = True) -> TestResponse:
    """The file that a page offers to make beside it: asked for, made, taken away.

    Whoever takes it not `buffered` closes the answer.
    """
    assert client.get(address).status_code == 200
    asked = post(client, "/prepared/ask", {"address": address})
    assert asked.status_code == 303
    assert work_off(client.application) == 1
    return client.get(f"{asked.location}/file", buffered=buffered)
