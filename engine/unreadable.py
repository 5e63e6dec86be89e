"""Rows that were tampered with so that they cannot even be read: broken JSON, a code that no list holds."""

import logging
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.base import ExecutableOption

from models.base import Base

log = logging.getLogger(__name__)


def unreadable(
    session: Session, model: type[Base], ids: Sequence[int], loading: Sequence[ExecutableOption] = ()
) -> list[int]:
    """Those of the rows that fail to load by themselves, with what is read along with them. Costs a query each."""
    return [number for number in ids if not _can_be_read(session, model, number, loading)]


def _can_be_read(session: Session, model: type[Base], number: int, loading: Sequence[ExecutableOption]) -> bool:
    key: InstrumentedAttribute[int] = model.id  # type: ignore[attr-defined]  # engine tables have one
    try:
        session.scalars(select(model).where(key == number).options(*loading)).all()
    except SQLAlchemyError:
        raise
    except Exception:
        # Whatever a column's type makes of what stands there.
        log.exception("%s %s cannot be read", model.__tablename__, number)
        return False
    return True
