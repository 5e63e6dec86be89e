"""What becomes of the data of people who were not hired: gone after the time set, while the figures stay."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.circumstances import today_in
from engine.packs import parameters
from engine.rules import Facts
from engine.transitions.performing import perform
from models.attachment import Attachment
from models.candidate import PERSONAL, Candidate, Stage
from models.organisation import Department

DAYS = "candidate_erase_days"
BATCH = 200


def erase_due(session: Session, now: datetime) -> int:
    """Erase whom the department has kept long enough; how many. A backlog is worked off sweep by sweep."""
    done = 0
    for department in session.scalars(select(Department).order_by(Department.id)).all():
        try:
            days = int(parameters.value(session, department.id, DAYS, today_in(session, department.id)))
        except parameters.UnknownParameterError:
            continue
        query = select(Candidate).where(
            Candidate.department_id == department.id,
            Candidate.stage == Stage.REJECTED,
            Candidate.erased_at.is_(None),
            Candidate.closed_at <= now - timedelta(days=days),
        )
        for candidate in session.scalars(query.order_by(Candidate.id).limit(BATCH)).all():
            perform(session, candidate, "erase")
            done += 1
    return done


def erase(session: Session, candidate: Candidate, facts: Facts) -> None:
    """Forget the person: fields, remarks of interviewers, résumé. The files leave the disk with the next tidying up."""
    for name in PERSONAL:
        setattr(candidate, name, None)
    for interview in candidate.interviews:
        interview.remark = None
    mine = (Attachment.entity == Candidate.__tablename__, Attachment.record_id == candidate.id)
    for file in session.scalars(select(Attachment).where(*mine)).all():
        session.delete(file)
    candidate.erased_at = facts.now
