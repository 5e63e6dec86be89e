"""A table that is taken away from a page of the product's own: an Excel file, noted in the audit with who took it."""

import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Any

from flask import abort, request, send_file
from flask.typing import ResponseReturnValue

from admin_views.base.exporting import MOST, TYPES, taken_lately
from admin_views.formats import today
from admin_views.marking import mark_for
from engine import audit
from engine.database import db
from engine.tabular.writing import write_xlsx

CAP = 100_000
"""Rows of one file. Whoever wants more narrows the page first."""
TOO_MANY = 429


def file_of(entity: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> ResponseReturnValue:
    """The rows as an Excel file. Answers 429 to whoever took too many files lately; the caller asked for the grant."""
    if taken_lately() >= MOST:
        abort(TOO_MANY)
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 the answer closes it when it has been sent
    count = write_xlsx(file, header, rows, mark_for(entity))
    file.seek(0)
    day = today()
    # Pages that are looked at hold a reading transaction: the note begins one of its own.
    db.session.rollback()
    audit.note(
        db.session(),
        "export",
        entity,
        None,
        changes={"rows": [None, count], "format": [None, "xlsx"], "filters": [None, sorted(request.args)]},
    )
    db.session.commit()
    return send_file(file, TYPES["xlsx"], as_attachment=True, download_name=f"{entity}_{day.isoformat()}.xlsx")
