"""From the proposal to the new post."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from engine.accounts import joining
from engine.notices.inbox import notify
from engine.rules import Facts, four_eyes
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.organisation import Staff
from models.post_change import ChangeState, PostChange
from models.words import _
from plugins.post_change.rules import APPROVED, PROPOSED, UNDER_WAY, person_does_not_decide, person_is_present


def note_present(session: Session, changes: Sequence[PostChange]) -> None:
    """Whoever decides on a proposal sees what it changes."""
    for change in changes:
        person = session.get(Staff, change.staff_id) if change.state in PROPOSED and change.staff_id else None
        if person is not None:
            _note_former(change, person)


def _note_former(change: PostChange, person: Staff) -> None:
    change.former_post, change.former_team_id = person.post, person.team_id
    change.former_superior_id = person.superior_id


def _decide(session: Session, change: PostChange, facts: Facts) -> None:
    change.decided_by_id, change.decided_at = facts.actor.staff_id, facts.now


def _approve(session: Session, change: PostChange, facts: Facts) -> None:
    """What is approved for today takes effect at once; the person is told of what is to come."""
    _decide(session, change, facts)
    session.flush()
    data = {"kind": change.kind, "post": change.new_post, "from": change.effective_on}
    key = f"post_change:{change.id}:approved"
    notify(session, change.department_id, [change.staff_id], "post_change.approved", key, data, subject=change)
    if change.effective_on <= facts.today:
        perform(session, change, "take_effect")


def _take_effect(session: Session, change: PostChange, facts: Facts) -> None:
    """Post, team and superior, and with the post the role of the account. What stood before is kept."""
    person, before = change.staff, change.staff.post
    _note_former(change, person)
    change.took_effect_at = facts.now
    person.post, person.team_id, person.superior_id = change.new_post, change.new_team_id, change.new_superior_id
    session.flush()
    joining.follow_post(session, person, before)
    told = {person.id, person.superior_id, change.former_superior_id, change.proposed_by_id} - {None}
    data = {"person": person.label, "kind": change.kind, "post": person.post}
    key = f"post_change:{change.id}:in_effect"
    recipients = sorted(number for number in told if number is not None)
    notify(session, change.department_id, recipients, "post_change.in_effect", key, data, subject=change)


VERDICT = Ask("verdict", _("Reason"))
MOVES = (
    Transition(
        "approve",
        PostChange,
        PROPOSED,
        ChangeState.APPROVED,
        _("Approve"),
        "ORG-7",
        guards=(four_eyes("ORG-7", PostChange, "proposed_by_id"), person_does_not_decide),
        effect=_approve,
        tone="good",
    ),
    Transition(
        "refuse",
        PostChange,
        PROPOSED,
        ChangeState.REFUSED,
        _("Reject"),
        "ORG-7",
        guards=(four_eyes("ORG-7", PostChange, "proposed_by_id"), person_does_not_decide),
        asks=(VERDICT,),
        effect=_decide,
        tone="bad",
    ),
    Transition(
        "withdraw",
        PostChange,
        UNDER_WAY,
        ChangeState.WITHDRAWN,
        _("Withdraw"),
        "ORG-7",
        asks=(VERDICT,),
        tone="warn",
    ),
    Transition(
        "take_effect",
        PostChange,
        APPROVED,
        ChangeState.IN_EFFECT,
        _("Take effect"),
        "ORG-7",
        guards=(person_is_present,),
        effect=_take_effect,
        by_system=True,
        tone="good",
    ),
)
