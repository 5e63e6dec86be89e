"""What the clock does to sittings: what ran out of time is handed in, who did not come is noted."""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.errors import ConflictError, PolicyError
from engine.notices.inbox import notify
from engine.rules import Facts
from engine.transitions.performing import perform
from models.exam import Exam, ExamForm, ExamState
from models.exam_sitting import ExamSitting, SittingState
from plugins.exam.taking import GRACE

log = logging.getLogger(__name__)


def settle_by_clock(session: Session, now: datetime) -> int:
    """Hand in what ran out of time, and note who let the exam's hours pass; how many sittings were settled.

    One that cannot be settled is left for the next time and keeps no other from it.
    """
    over = select(ExamSitting).where(ExamSitting.state == SittingState.UNDER_WAY, ExamSitting.ends_at < now - GRACE)
    missed = (
        select(ExamSitting)
        .join(ExamSitting.exam)
        .where(
            ExamSitting.state == SittingState.ASSIGNED,
            ExamSitting.attempt == 1,
            ExamSitting.closes_at < now,
            Exam.form == ExamForm.ONLINE,
            Exam.state == ExamState.OPEN,
        )
    )
    return _each(session, over, "hand_in") + _each(session, missed, "miss")


def _each(session: Session, query: Select[Any], move: str) -> int:
    done = 0
    for sitting in session.scalars(query.order_by(ExamSitting.id)).all():
        try:
            with session.begin_nested():
                perform(session, sitting, move)
        except (PolicyError, ConflictError, IntegrityError):
            log.exception("sitting %s: %s by the clock failed", sitting.id, move)
        else:
            done += 1
    return done


def tell_of_missing(session: Session, sitting: ExamSitting, facts: Facts) -> None:
    """The candidate, their superior and the trainer hear that the exam was not taken."""
    told = [sitting.staff_id, sitting.staff.superior_id, sitting.exam.trainer_id]
    data = {"exam": sitting.exam.name, "person": sitting.staff.label, "closes_at": sitting.closes_at}
    key = f"missed:{sitting.id}:{sitting.closes_at.isoformat()}"
    notify(
        session,
        sitting.department_id,
        [person for person in told if person],
        "exam.missed",
        key,
        data,
        subject=sitting,
    )
