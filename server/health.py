"""What supervisors, load balancers and collectors ask: /healthz, /readyz, /metrics. No session, no page, no person."""

import hmac
import logging
import shutil
from collections.abc import Iterator
from datetime import timedelta

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from admin_views import identity
from engine import clock
from engine.config import MEGABYTE, Settings
from engine.database import db, only_reading
from server import figures, metrics
from server.migration import is_at_head

PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
OK, STALE, FAILS = "ok", "stale", "fails"
TEXT = "text/plain; version=0.0.4; charset=utf-8"

health = Blueprint("health", __name__)
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Answer under three addresses, whatever host they are asked by: a collector knows machines, not our name."""
    app.register_blueprint(health)
    identity.answers_for_itself(app, health.name)
    inner = app.wsgi_app

    def by_any_name(environ: dict[str, object], start_response: object) -> object:
        if environ.get("PATH_INFO") in PATHS:
            environ["HTTP_HOST"] = "localhost"
        return inner(environ, start_response)  # type: ignore[arg-type]  # handed on as it came

    app.wsgi_app = by_any_name  # type: ignore[method-assign, assignment]  # Flask's documented way


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers. Nothing else is looked at: restarting it would mend nothing else."""
    return {"status": OK}


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    """Whether requests may be sent here, and what speaks against it.

    A silent scheduler is told and does not close the door, unless it is this very process's: the pages still work, and
    taking every web process away would make one fault into two.
    """
    found = dict(_checks(_settings()))
    is_ready = FAILS not in found.values()
    answer = jsonify({"status": OK if is_ready else FAILS, "checks": found})
    return answer, 200 if is_ready else 503


@health.get("/metrics")
def collected() -> ResponseReturnValue:
    """Figures for Prometheus, for whoever shows the token; without one in the settings, for this machine alone."""
    if not _may_collect(_settings()):
        return {"status": "forbidden"}, 403
    metrics.note_pool(db.engine)
    with only_reading():
        body = metrics.exposition(db.session(), clock.now())
        db.session.rollback()
    return Response(body, content_type=TEXT)


def _may_collect(settings: Settings) -> bool:
    if settings.metrics_token is None:
        return identity.is_from_this_machine()
    scheme, _space, shown = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.metrics_token.get_secret_value()
    return scheme.casefold() == "bearer" and hmac.compare_digest(shown.strip().encode(), wanted.encode())


def _checks(settings: Settings) -> Iterator[tuple[str, str]]:
    try:
        with only_reading():
            db.session.execute(text("SELECT 1"))
            yield "database", OK
            yield "migrations", OK if is_at_head(_app()) else FAILS
            yield "scheduler", _scheduler(settings)
            db.session.rollback()
    except SQLAlchemyError as error:
        log.warning("not ready: the database does not answer (%s)", type(error).__name__)
        db.session.rollback()
        yield "database", FAILS
    yield "disk", OK if free_megabytes(settings) >= settings.least_disk else FAILS


def _scheduler(settings: Settings) -> str:
    age = figures.heartbeat_age(db.session(), clock.now())
    if age is not None and age < patience(settings):
        return OK
    return FAILS if current_app.extensions.get(TICKS_HERE) else STALE


TICKS_HERE = "dutybook.ticks_here"
"""Key in `app.extensions`: set by a web process that runs the ticker itself."""


def patience(settings: Settings) -> timedelta:
    """How old the newest sign of life may be: a sweep may take a while."""
    return timedelta(seconds=max(60, 6 * settings.tick_seconds))


def free_megabytes(settings: Settings) -> int:
    """What is free where keys, files and a SQLite database are."""
    return shutil.disk_usage(settings.instance_dir).free // MEGABYTE


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001 the documented way past the proxy


def _settings() -> Settings:
    found: Settings = current_app.config["DUTYBOOK"]
    return found
