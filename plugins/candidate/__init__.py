"""HIRE-2, HIRE-4: candidates pass every stage in its order; who is not hired is forgotten after the time set."""

from datetime import datetime

from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.rules import Fill
from models.candidate import Candidate
from models.words import _
from plugins.candidate.erasing import erase_due
from plugins.candidate.importing import IMPORTABLE
from plugins.candidate.moves import MOVES
from plugins.candidate.rules import (
    application_has_arrived,
    applies_once,
    candidate_is_named,
    candidate_stays_with_the_opening,
    complete,
    email_can_be_written_to,
    opening_is_published,
    phone_can_be_dialled,
)


@hookimpl
def due(session: Session, now: datetime) -> int:
    """Personal data of people who were not hired is erased when its time is over."""
    return erase_due(session, now)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="candidate",
        label=_("Candidates"),
        built=("HIRE-2", "HIRE-4"),
        entities=(Candidate,),
        fills=(Fill(Candidate, complete),),
        importables=(IMPORTABLE,),
        rules=(
            opening_is_published,
            candidate_stays_with_the_opening,
            candidate_is_named,
            applies_once,
            application_has_arrived,
            phone_can_be_dialled,
            email_can_be_written_to,
        ),
        transitions=MOVES,
        notices=(
            Notice(
                "candidate.to_approve",
                _("A hire waits for your approval: %(candidate)s"),
                _(
                    "%(proposer)s proposes to hire %(candidate)s from %(from)s on. "
                    "Somebody other than the proposer must approve it."
                ),
            ),
            Notice(
                "candidate.joined",
                _("%(person)s joins as %(post)s"),
                _("%(person)s joins on %(from)s as %(post)s, as a trainee until they are put on post."),
            ),
        ),
    )
