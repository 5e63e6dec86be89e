"""Takes a policy pack into a department, and sets single values from a date on (ORG-8)."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tally
from engine.acting import consequences, seeing_all
from engine.errors import PolicyError, Violation
from engine.packs import declared
from engine.packs.loader import load_packs
from engine.packs.schema import Pack
from engine.registry import registry
from models.organisation import Department
from models.policy import Adoption, ParameterValue
from models.words import _


def adopt(session: Session, department: Department, pack_code: str, *, rank: int, valid_from: date) -> Adoption:
    """Let the department run by a pack from a day on; of two packs that set the same value, the higher `rank` wins.

    In order: the adoption (or its newer version) with every value that the pack declares, then whatever other domains
    begin with (channels, topics, the scorecard). Adopting a pack again in another version adds that version's values
    from the day on; what the department set itself stays. The caller acts and commits. Raises PolicyError for an
    unknown pack, a rank that is taken or changed, or a version adopted already; PackRefused when a pack file is faulty.
    """
    pack = load_packs().get(pack_code)
    adoption = _adoption(session, department, pack_code, rank)
    if pack is not None:
        _refuse_same_version(session, adoption, pack)
        adoption.pack_version, adoption.adopted_on = pack.version, valid_from
        session.add_all(_values(department, pack, valid_from))
    session.flush()
    if pack is not None:
        with consequences(), seeing_all():
            registry.hook.adopted(session=session, department=department, pack=pack)
            session.flush()
    return adoption


def set_value(  # noqa: PLR0913, PLR0917 a value has that many sides
    session: Session,
    department_id: int,
    name: str,
    value: Any,  # noqa: ANN401 numbers, tables, lists
    valid_from: date,
    reason: str,
) -> ParameterValue:
    """Set one value from a day on, as JSON holds it; the day may lie in the past, where closed records stay as judged.

    The caller acts and commits. Raises PolicyError when no adopted pack knows the name, when the value breaks the
    pack's type or bounds, or without a reason.
    """
    row = ParameterValue(
        department_id=department_id, name=name, clause="", value=value, valid_from=valid_from, reason=reason
    )
    session.add(row)
    session.flush()
    return row


def _adoption(session: Session, department: Department, pack_code: str, rank: int) -> Adoption:
    with seeing_all():
        adoption = session.scalars(
            select(Adoption).where(Adoption.department_id == department.id, Adoption.pack == pack_code)
        ).one_or_none()
    if adoption is None:
        adoption = Adoption(department_id=department.id, pack=pack_code)
        session.add(adoption)
    adoption.rank = rank
    return adoption


def _refuse_same_version(session: Session, adoption: Adoption, pack: Pack) -> None:
    """The gate cannot see it: an adoption that changes nothing is not written."""
    if adoption.pack_version == pack.version:
        says = _("Version %(version)s of this pack is adopted already.")
        violation = Violation("adoption.version_differs", "", says, {"version": pack.version}, "pack", adoption)
        tally.count_broken(session, [violation])
        raise PolicyError([violation])


def _values(department: Department, pack: Pack, valid_from: date) -> list[ParameterValue]:
    return [
        ParameterValue(
            department_id=department.id,
            name=each.name,
            clause=each.clause,
            value=each.value,
            valid_from=valid_from,
            pack=pack.code,
            pack_version=pack.version,
        )
        for each in declared.values_of(pack)
    ]
