"""Runs an import beside the request that started it. Should the process end, the scheduler goes on with it."""

import logging
import threading

from flask import Flask

from engine.database import db
from engine.importing.running import run

log = logging.getLogger(__name__)


def begin(app: Flask, job_id: int) -> None:
    """Start a worker for a job whose new state is committed; it ends by itself."""
    threading.Thread(target=_work, args=(app, job_id), name=f"import-{job_id}", daemon=True).start()


def _work(app: Flask, job_id: int) -> None:
    with app.app_context():
        try:
            run(db.session(), job_id)
        except Exception:
            # The thread has nobody to tell; the job keeps its state and the scheduler tries again.
            log.exception("import %s: the worker failed", job_id)
        finally:
            db.session.remove()
