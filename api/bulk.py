"""Many new records at once: all of them or none, and of each refused one what speaks against it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from api.bodies import json_object
from api.door import pages
from api.problems import METHOD, UNPROCESSABLE, ProblemError, Said, problem_of, said, wrong
from api.reading import answer, opened, resource
from api.writing import CREATED, fresh, written
from engine.database import db
from engine.errors import PolicyError
from models.words import _

MOST = 1000


@pages.post("/<entity>/bulk")
def create_many(entity: str) -> ResponseReturnValue:
    """New records, in one transaction."""
    if not resource(entity).offered().creatable:
        raise ProblemError(METHOD, _("Records of this kind are not written directly."), headers={"Allow": "GET"})
    offered = opened(entity, "create", writing=True)
    rows = _rows(json_object())

    def work() -> Callable[[], Response]:
        refused: dict[int, Sequence[Said]] = {}
        records = []
        for index, row in enumerate(rows):
            try:
                records.append(fresh(offered, row))
            except ProblemError as error:
                refused[index] = error.violations
        if refused:
            raise _refusal(refused, len(rows))
        _write(records)
        return lambda: answer({"items": [{"id": each.id, "version": each.version} for each in records]}, CREATED)

    return written(work)


def _rows(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows, faults = (
        body.get("items"),
        [wrong(name[:80], _("There is no such field.")) for name in body if name != "items"],
    )
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not 0 < len(rows) <= MOST:
        faults.append(wrong("items", _("A list of 1 to %(most)s objects is expected.", most=MOST)))
    if faults or not isinstance(rows, list):
        raise ProblemError(UNPROCESSABLE, _("Nothing was saved: some fields cannot be taken."), faults)
    return rows


def _write(records: Sequence[Any]) -> None:
    """One flush, so that rules load what they need once for all. Raises ProblemError by rows."""
    db.session.add_all(records)
    places = {record: index for index, record in enumerate(records)}
    try:
        db.session.flush()
    except PolicyError as error:
        broken: defaultdict[int, list[Said]] = defaultdict(list)
        for violation in error.violations:
            broken[places.get(violation.record, 0)].append(said(violation))
        raise _refusal(broken, len(records)) from error
    except IntegrityError as error:
        raise _refusal(_contested(records), len(records)) from error


def _contested(records: Sequence[Any]) -> dict[int, Sequence[Said]]:
    """Which rows the database refuses, found by writing one after the other; none of them stays."""
    db.session.rollback()
    found: dict[int, Sequence[Said]] = {}
    for index, record in enumerate(records):
        try:
            with db.session.begin_nested():
                db.session.add(record)
                db.session.flush()
        except (IntegrityError, PolicyError) as error:
            found[index] = problem_of(error).violations
    db.session.rollback()
    return found


def _refusal(broken: Mapping[int, Sequence[Said]], count: int) -> ProblemError:
    rows = [{"index": index, "violations": [each.plain() for each in broken[index]]} for index in sorted(broken)]
    first = broken[min(broken)] if broken else ()
    detail = _("Nothing was saved: %(refused)s of %(count)s rows were refused.", refused=len(rows), count=count)
    return ProblemError(UNPROCESSABLE, detail, first, more={"rows": rows})
