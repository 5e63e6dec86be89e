"""A process that imports files and says what it took: `python -m tests.bench.importing INSTANCE DATABASE ROWS`.

It stands alone, so that its peak of memory is the import's and nobody else's. The answer is one line of JSON.
"""

import csv
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app import create_app
from engine.acting import SYSTEM, Door, Role, acting
from engine.audit import faults
from engine.config import Settings
from engine.database import db
from engine.gate.bypass import maintenance_write
from engine.importing.running import run
from models.accounts import Account
from models.import_job import ImportJob
from models.service_record import ServiceRecord
from tests.bench.memory import peak
from tests.factories.importing import checking, counts, importer, mapped, started
from tests.factories.quality import House, house

HEADER = (
    "编号", "日期", "时间", "坐席", "问题分类", "是否接听", "是否解决", "应答时长（秒）", "通话时长", "满意度",
    "客户姓名", "客户电话", "问题描述", "处理过程",
)  # fmt: skip


def export(at: House, count: int) -> bytes:
    """Another system's export with every kind of cell, customers' names and numbers among them."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADER)
        lines.writerows(_call(at, count, number) for number in range(count))
        file.seek(0)
        return file.read().encode()


def _call(at: House, count: int, number: int) -> list[object]:
    return [
        f"{count}-{number:07}", f"2026-02-{number % 28 + 1:02}", f"{9 + number % 12:02}:15:{number % 60:02}",
        at.agents[number % 2].name, "Billing", "是", "是" if number % 4 else "否", 10 + number % 90,
        f"00:03:{number % 60:02}", number % 5 + 1, f"王芳{number}", f"138{number:08}",
        f"订单{number}还没有到，想问一下几天能到。", "已查询物流并回复客户。",
    ]  # fmt: skip


def taken(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of this process's own work."""
    clock, own = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - own


def measured(session: Session, at: House, who: Account, count: int) -> dict[str, Any]:
    """Import so many rows, then put the same rows in bare."""
    job = mapped(session, who, at, export(at, count))
    number, found = job.id, dict[str, Any]()
    checking(session, who, job)
    found["trial"], _own = taken(lambda: run(session, number))
    started(session, who, job)
    with peak(found):
        found["import"], found["own"] = taken(lambda: run(session, number))
    assert counts(session.get_one(ImportJob, number)) == (count, 0, 0)
    rows = [dict(row) for row in session.execute(select(ServiceRecord.__table__)).mappings()]
    bare = sorted(_bare(session, rows) for _round in range(3))
    found["bare"], found["bare_own"] = bare[1]
    _empty(session)
    return found | {"rows": count, "faults": len(list(faults(session)))}


def _bare(session: Session, rows: list[dict[str, Any]]) -> tuple[float, float]:
    """One INSERT of the rows into the empty table, with SQLAlchemy's Core and its types, and the commit."""
    _empty(session)

    def work() -> None:
        with maintenance_write(session.connection()) as connection:
            connection.execute(insert(ServiceRecord), rows)
        session.commit()

    return taken(work)


def _empty(session: Session) -> None:
    session.rollback()
    with maintenance_write(session.connection()) as connection:
        is_postgres = connection.dialect.name == "postgresql"
        connection.execute(text("TRUNCATE service_record CASCADE" if is_postgres else "DELETE FROM service_record"))
    session.commit()


def main(instance: str, database: str, size: str) -> None:
    app = create_app(Settings(instance_dir=Path(instance), database_url=database))
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        at = house(db.session())
        who = importer(db.session(), at.lead, Role.SHIFT_LEAD, Role.MANAGER)
        print(json.dumps(measured(db.session(), at, who, int(size))), flush=True)  # noqa: T201 the answer on the pipe


if __name__ == "__main__":
    main(*sys.argv[1:])
