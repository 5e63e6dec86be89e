"""An importer as a process: `python -m tests.drills.importer INSTANCE DATABASE WORK...`; one line of JSON at its end.

`prepare ROWS` makes a department and a mapped, tried and started job; `go PLACE TIMES` works on what is to be done and,
with a place, kills itself when it has passed there so many times; `again ROWS` brings the same file once more; `look`
says what there is.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import create_app
from engine import failpoints
from engine.acting import SYSTEM, Door, Role, acting
from engine.audit import faults
from engine.config import Settings
from engine.database import db
from engine.importing import lease
from engine.importing.running import AT_WORK, run
from models.accounts import Account
from models.audit import AuditEntry
from models.import_job import ImportJob, ImportLease
from models.organisation import Department, Post, Staff
from models.service_record import ServiceRecord, Topic
from tests.bench.importing import export
from tests.factories.importing import importer, mapped, started, tried
from tests.factories.quality import House, house


def die_at(place: str, times: int) -> None:
    passed = 0

    def observe(reached: str) -> None:
        nonlocal passed
        passed += reached == place
        if reached == place and passed >= times:
            os.kill(os.getpid(), signal.SIGKILL)

    failpoints.observer = observe


def prepare(session: Session, rows: str) -> dict[str, Any]:
    at = house(session)
    who = importer(session, at.lead, Role.SHIFT_LEAD, Role.MANAGER)
    job = mapped(session, who, at, export(at, int(rows)))
    started(session, who, tried(session, who, job))
    return {"job": job.id}


def go(session: Session, place: str = "", times: str = "0") -> dict[str, Any]:
    if place:
        die_at(place, int(times))
    for number in session.scalars(select(ImportJob.id).where(ImportJob.state.in_(AT_WORK))).all():
        # The drill does not wait half a minute for a dead process's lease.
        holder = session.scalar(select(ImportLease.holder).where(ImportLease.job_id == number)) or ""
        lease.release(session, number, holder)
        session.commit()
        run(session, number)
    return look(session)


def again(session: Session, rows: str) -> dict[str, Any]:
    who = session.scalars(select(Account)).one()
    at = House.__new__(House)
    at.department = session.scalars(select(Department)).one()
    at.agents = list(session.scalars(select(Staff).where(Staff.post == Post.HOTLINE_AGENT).order_by(Staff.id)))
    first = session.scalars(select(ServiceRecord)).first()
    assert first is not None
    at.channel, at.topic = first.channel, session.get_one(Topic, first.topic_id)
    job = mapped(session, who, at, export(at, int(rows)))
    run(session, started(session, who, tried(session, who, job)).id)
    return look(session)


def look(session: Session) -> dict[str, Any]:
    """The counts of the latest job, and what the database holds."""
    job = session.scalars(select(ImportJob).order_by(ImportJob.id.desc())).first()
    assert job is not None
    told = select(func.count()).select_from(AuditEntry).where(AuditEntry.entity == "service_record")
    return {
        "state": job.state.value,
        "counts": [job.rows_taken, job.rows_same, job.rows_refused],
        "next": job.next_row,
        "records": session.scalar(select(func.count()).select_from(ServiceRecord)),
        "told": session.scalar(told),
        "faults": len(list(faults(session))),
    }


def main(instance: str, database: str, work: str, *rest: str) -> None:
    app = create_app(Settings(instance_dir=Path(instance), database_url=database))
    doing = {"prepare": prepare, "go": go, "again": again, "look": look}[work]
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        print(json.dumps(doing(db.session(), *rest)), flush=True)  # type: ignore[operator]  # noqa: T201 the answer on the pipe


if __name__ == "__main__":
    main(*sys.argv[1:])
