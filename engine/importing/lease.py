"""One worker a job: whoever holds the lease works; a worker that died lets it run out, and the next one goes on."""

import os
import secrets
import socket
import threading
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from models.import_job import ImportLease

LENGTH = timedelta(seconds=30)
"""Renewed with every batch, which takes a second or two."""


def holder_name() -> str:
    """A name that no other worker has."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}:{secrets.token_hex(4)}"[:120]


def claim(session: Session, job_id: int, holder: str) -> bool:
    """Take the lease, or renew it; False while another worker holds it. The caller commits."""
    now = clock.now()
    free = (ImportLease.until <= now) | (ImportLease.holder == holder)
    mine = update(ImportLease).where(ImportLease.job_id == job_id, free).values(holder=holder, until=now + LENGTH)
    return session.connection().execute(mine).rowcount == 1


def release(session: Session, job_id: int, holder: str) -> None:
    """Let the next worker begin at once. The caller commits."""
    mine = (ImportLease.job_id == job_id) & (ImportLease.holder == holder)
    session.connection().execute(update(ImportLease).where(mine).values(until=clock.now(), holder=""))


def begin(session: Session, job_id: int) -> None:
    """The lease of a fresh job, held by nobody."""
    session.add(ImportLease(job_id=job_id, until=clock.now()))


def is_free(session: Session, job_id: int, now: datetime) -> bool:
    """Whether no worker has the job in hand."""
    until = session.scalar(select(ImportLease.until).where(ImportLease.job_id == job_id))
    return until is None or until <= now
