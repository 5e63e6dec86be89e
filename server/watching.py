"""Around every request: its id, its line in the log, its count. Outside of Flask, so that no failure escapes it."""

import logging
import re
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, request, request_finished, request_started
from werkzeug.wsgi import ClosingIterator

from engine.acting import NobodyActingError, current_act, tied_to
from server import metrics

if TYPE_CHECKING:
    from engine.config import Settings

WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,40}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ROUTE, ACTOR = "dutybook.route", "dutybook.actor"
QUIET = frozenset({"/healthz", "/readyz", "/metrics", "/static/<path:filename>"})
"""Routes whose good answers are counted and not logged: they would drown the rest."""
UNKNOWN = "(none)"
GOOD = 400

log = logging.getLogger("server.request")


def init_app(app: Flask) -> None:
    """Watch every request of an application."""
    app.wsgi_app = Watch(app)  # type: ignore[method-assign]  # Flask's documented way
    request_started.connect(_note_route, app)
    request_finished.connect(_note_actor, app)


class Watch:
    """The middleware. An id that comes from outside counts only when a trusted proxy stands in front."""

    def __init__(self, app: Flask) -> None:
        """`app` is the whole application."""
        settings: Settings = app.config["DUTYBOOK"]
        self._inner = app.wsgi_app
        self._believes = settings.proxies > 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 WSGI's types
        """Answer the request."""
        seen = Seen(environ, self._id_of(environ))

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401 WSGI's types
            seen.status = int(status[:3])
            return start_response(status, [*headers, ("X-Request-ID", seen.request_id)], *rest)

        with tied_to(seen.request_id):
            try:
                answer = self._inner(environ, start)
            except BaseException:
                seen.end()
                raise
        return ClosingIterator(answer, [seen.end])

    def _id_of(self, environ: dict[str, Any]) -> str:
        asked = environ.get("HTTP_X_REQUEST_ID", "")
        return asked if self._believes and WELL_FORMED.fullmatch(asked) else uuid.uuid4().hex


class Seen:
    """One request, from its first byte to its last."""

    def __init__(self, environ: dict[str, Any], request_id: str) -> None:
        """Begins now. Route and actor are noted in `environ` while Flask knows them."""
        self._environ = environ
        self._began = time.monotonic()
        self._ended = False
        self.request_id = request_id
        self.status = 500

    def end(self) -> None:
        """Count it and write its line, once."""
        if self._ended:
            return
        self._ended = True
        seconds = time.monotonic() - self._began
        route = self._environ.get(ROUTE, UNKNOWN)
        asked = self._environ.get("REQUEST_METHOD", "")
        method = asked if asked in METHODS else "OTHER"
        metrics.count_request(method, route, self.status, seconds)
        if route in QUIET and self.status < GOOD:
            return
        line = {"method": method, "route": route, "status": self.status, "seconds": round(seconds, 3)}
        line |= {"actor": self._environ.get(ACTOR), "request_id": self.request_id}
        log.info("request", extra=line)


def _note_route(sender: Flask, **_more: Any) -> None:  # noqa: ANN401, ARG001 the signal's signature
    request.environ[ROUTE] = str(request.url_rule) if request.url_rule else UNKNOWN


def _note_actor(sender: Flask, **_more: Any) -> None:  # noqa: ANN401, ARG001 the signal's signature
    try:
        request.environ[ACTOR] = current_act().actor.staff_id
    except NobodyActingError:
        return
