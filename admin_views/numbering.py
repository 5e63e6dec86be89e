"""The number that comes next: forms that ask for one begin with it."""

import re
from typing import Any

from sqlalchemy import select

from engine.acting import seeing_all
from engine.database import db

NUMBER = re.compile(r"(.*?)([0-9]{1,9})")
TRIES = 100


def next_number(model: type[Any], department_id: int | None, first: str) -> str:
    """The number after the one given out last, written like it; `first` where there is none yet."""
    with seeing_all():
        query = select(model.number).where(model.department_id == department_id)
        last = db.session.scalar(query.order_by(model.id.desc()).limit(1))
        if last is None:
            return first
        found = NUMBER.fullmatch(last)
        head, digits = (found[1], found[2]) if found else (last, "0")
        following = [f"{head}{int(digits) + step:0{len(digits)}}" for step in range(1, TRIES)]
        taken = set(db.session.scalars(query.where(model.number.in_(following))))
    return next((number for number in following if number not in taken), "")
