"""Files that are taken away: how many in a while, who took what, and tables of a page's own as Excel."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import IO, Any

from flask import abort, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from admin_views import preparing
from admin_views.formats import today
from admin_views.marking import mark_for
from engine import audit, clock
from engine.acting import current_act
from engine.answers import Clearance
from engine.clearance import taken
from engine.database import db, writing
from engine.tabular.writing import write_xlsx
from models.audit import AuditEntry

CAP = 100_000
"""Rows of one file. Whoever wants more narrows the page first."""
MOST, WITHIN = 30, timedelta(minutes=10)
"""So many files may one person take in so short a time: a program that empties the house takes more."""
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
TOO_MANY = 429


def admit() -> None:
    """Answers 429 to whoever took too many files lately, from whichever page."""
    actor = current_act().actor
    mine = (AuditEntry.actor_id == actor.staff_id, AuditEntry.action == "export", AuditEntry.at > clock.now() - WITHIN)
    if (db.session.scalar(select(func.count(AuditEntry.id)).where(*mine)) or 0) >= MOST:
        abort(TOO_MANY)


def noted(  # noqa: PLR0913 an audit row has that many sides
    entity: str,
    record_id: int | None,
    title: str,
    changes: Mapping[str, Any],
    *,
    clearance: Clearance | None = None,
    rows: int = 1,
    department_id: int | None = None,
) -> None:
    """Note who takes what, and under which approval. What is made beside the page is noted when it is kept."""
    # A page that is looked at holds a reading transaction: the note begins one of its own, which may write.
    db.session.rollback()
    with writing():
        if clearance is not None:
            changes = {**changes, "clearance": [None, clearance.key]}
            taken(db.session(), clearance, entity, rows)
        audit.note(db.session(), "export", entity, record_id, title, changes, department_id=department_id)
        if not preparing.is_preparing():
            db.session.commit()


def file_of(entity: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> ResponseReturnValue:
    """The rows as an Excel file. Answers 429 to whoever took too many files lately; the caller asked for the grant."""
    admit()
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 the answer closes it when it has been sent
    count = write_xlsx(file, header, rows, mark_for(entity))
    file.seek(0)
    name = f"{entity}_{today().isoformat()}.xlsx"
    noted(entity, None, "", {"rows": [None, count], "format": [None, "xlsx"], "filters": [None, sorted(request.args)]})
    return send_file(file, TYPES["xlsx"], as_attachment=True, download_name=name)
