"""Who brought what: imports and mappings name their authors, also those whom the reader could not look up."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from engine.acting import seeing_all
from engine.database import db
from models.organisation import Staff


def authors_of(rows: Sequence[Any]) -> dict[int, Staff]:
    """The people who made the rows, by their ids."""
    with seeing_all():
        people = db.session.scalars(select(Staff).where(Staff.id.in_({row.created_by_id for row in rows}))).all()
    return {person.id: person for person in people}
