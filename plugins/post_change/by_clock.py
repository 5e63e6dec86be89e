"""Approved changes take effect on their day; somebody is told when one cannot."""

import logging
from collections.abc import Sequence

from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.circumstances import today_in
from engine.errors import DutybookError, PolicyError
from engine.notices.inbox import notify
from engine.transitions.performing import perform
from models.post_change import ChangeState, PostChange
from models.words import Words

log = logging.getLogger(__name__)


def take_effect_by_clock(session: Session) -> int:
    """Approved changes take effect on their day, or on the first day after it on which somebody looks; how many did.

    One that cannot stops none of the others: whoever proposed and whoever approved it are told why, once a day.
    """
    waiting = session.scalars(
        select(PostChange).where(PostChange.state == ChangeState.APPROVED).order_by(PostChange.effective_on)
    ).all()
    done = 0
    for change in waiting:
        if change.effective_on <= today_in(session, change.department_id):
            done += _try(session, change)
    return done


def _try(session: Session, change: PostChange) -> int:
    try:
        with session.begin_nested():
            perform(session, change, "take_effect")
    except DutybookError as error:
        log.warning("change of post %s could not take effect: %s", change.id, error)
        session.refresh(change)
        _tell_why_not(session, change, error)
        return 0
    return 1


def _tell_why_not(session: Session, change: PostChange, error: DutybookError) -> None:
    told = sorted({number for number in (change.proposed_by_id, change.decided_by_id) if number is not None})
    data = {"person": change.label, "why": _sentences(error)}
    key = f"post_change:{change.id}:blocked:{today_in(session, change.department_id)}"
    notify(session, change.department_id, told, "post_change.blocked", key, data, subject=change)


def _sentences(error: DutybookError) -> Sequence[Words]:
    """What was objected, said in the language of each reader only when it is read."""
    if isinstance(error, PolicyError):
        return [LazyString(lambda violation: violation.text, violation) for violation in error.violations]
    return [getattr(error, "sentence", str(error))]
