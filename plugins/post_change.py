"""ORG-7: a post changes with reason and approval, on its effective day and not before."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.accounts import joining
from engine.circumstances import today_in
from engine.errors import DutybookError, PolicyError
from engine.home_language import in_home_language
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.rules import EDIT, GUARD, Facts, Verdict, four_eyes, last_editor, need, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.organisation import AGENT_POSTS, Post, Staff, StaffStatus
from models.post_change import ChangeState, PostChange
from models.words import Words, _

log = logging.getLogger(__name__)
PRESENT = frozenset({StaffStatus.TRAINEE, StaffStatus.ON_POST, StaffStatus.SUSPENDED})
PROPOSED, APPROVED = frozenset({ChangeState.PROPOSED}), frozenset({ChangeState.APPROVED})
UNDER_WAY = PROPOSED | APPROVED


@need()
def people(session: Session, changes: Sequence[PostChange]) -> Mapping[PostChange, Staff]:
    """Whom each change is about."""
    found = {p.id: p for p in session.scalars(select(Staff).where(Staff.id.in_({c.staff_id for c in changes})))}
    return {change: found[change.staff_id] for change in changes if change.staff_id in found}


@need(default=False)
def another_under_way(session: Session, changes: Sequence[PostChange]) -> Mapping[PostChange, bool]:
    """For each change, whether another one of the same person is proposed or approved."""
    rows = session.execute(
        select(PostChange.id, PostChange.staff_id).where(
            PostChange.staff_id.in_({c.staff_id for c in changes}), PostChange.state.in_(UNDER_WAY)
        )
    ).all()
    known = [(number, person) for number, person in rows] + [(id(c), c.staff_id) for c in changes if c.id is None]
    return {c: any(p == c.staff_id and n not in {c.id, id(c)} for n, p in known) for c in changes}


@rule("ORG-7", PostChange, field="reason", says=_("A change of post needs a reason."))
def reason_is_stated(change: PostChange, facts: Facts) -> Verdict:
    """Whoever is moved may ask why."""
    return bool((change.reason or "").strip())


@rule(
    "ORG-7",
    PostChange,
    field="effective_on",
    changed=("effective_on",),
    says=_("A change of post takes effect today or later, not on a day that is past."),
)
def effect_lies_ahead(change: PostChange, facts: Facts) -> Verdict:
    """Nobody is moved behind their back."""
    return facts.move is not None or change.effective_on is None or change.effective_on >= facts.today


@rule(
    "ORG-7",
    PostChange,
    field="new_post",
    changed=("new_post", "new_team_id", "new_superior_id", "staff_id"),
    needs=(people,),
    says=_("Post, team and superior are what they are already: nothing would change."),
)
def something_changes(change: PostChange, facts: Facts) -> Verdict:
    """A change changes something."""
    person: Staff | None = facts.loaded(people)
    if person is None or facts.move is not None:
        return True
    present = (person.post, person.team_id, person.superior_id)
    return present != (change.new_post, change.new_team_id, change.new_superior_id)


@rule(
    "ORG-7",
    PostChange,
    field="staff_id",
    changed=("staff_id",),
    needs=(people,),
    says=_("Only current staff can change posts."),
)
def person_is_present(change: PostChange, facts: Facts) -> Verdict:
    """Who left, or has not come, holds no post."""
    person: Staff | None = facts.loaded(people)
    return person is not None and person.status in PRESENT


@rule(
    "ORG-7",
    PostChange,
    field="staff_id",
    changed=("staff_id",),
    needs=(another_under_way,),
    says=_("Another change of post is under way for this person. Settle that one first."),
)
def one_change_at_a_time(change: PostChange, facts: Facts) -> Verdict:
    """What the second one starts from is known only when the first is settled."""
    return not facts.loaded(another_under_way)


@rule("ORG-7", PostChange, field="new_team_id", says=_("An agent belongs to a team: name the new one."))
def new_agent_has_a_team(change: PostChange, facts: Facts) -> Verdict:
    """Said now, not when it takes effect."""
    return change.new_post not in AGENT_POSTS or change.new_team_id is not None


@rule("ORG-7", PostChange, field="new_superior_id", says=_("Name the new direct superior; nobody is their own."))
def new_superior_is_named(change: PostChange, facts: Facts) -> Verdict:
    """Only the department manager has none."""
    if change.new_superior_id is None:
        return change.new_post is Post.MANAGER
    return change.new_superior_id != change.staff_id


@rule(
    "ORG-7",
    PostChange,
    on=frozenset({EDIT}),
    changed=("staff_id", "kind", "new_post", "new_team_id", "new_superior_id", "reason", "effective_on"),
    says=_("An approved change stays as it was approved. Withdraw it and propose another one."),
)
def approved_change_stays(change: PostChange, facts: Facts) -> Verdict:
    """What takes effect is what was approved."""
    return facts.move is not None or change.state is ChangeState.PROPOSED


@rule("ORG-7", PostChange, on=GUARD, says=_("Nobody decides on their own post."))
def person_does_not_decide(change: PostChange, facts: Facts) -> Verdict:
    """Neither up nor down."""
    return facts.actor.is_system or facts.actor.staff_id != change.staff_id


@rule(
    "ORG-7",
    Staff,
    field="post",
    on=frozenset({EDIT}),
    changed=("post",),
    says=_("A post changes by an approved change of post, on its effective day. Propose one under “Changes of post”."),
)
def post_changes_by_approval(person: Staff, facts: Facts) -> Verdict:
    """There is no second way past reason and approval."""
    return facts.actor.is_system or facts.move is not None or person.status not in PRESENT


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
    person = change.staff
    change.former_post, change.former_team_id = person.post, person.team_id
    change.former_superior_id, change.took_effect_at = person.superior_id, facts.now
    person.post, person.team_id, person.superior_id = change.new_post, change.new_team_id, change.new_superior_id
    session.flush()
    joining.follow_post(session, person, change.former_post)
    told = {person.id, person.superior_id, change.former_superior_id, change.proposed_by_id} - {None}
    data = {"person": person.label, "kind": change.kind, "post": person.post}
    key = f"post_change:{change.id}:in_effect"
    recipients = sorted(number for number in told if number is not None)
    notify(session, change.department_id, recipients, "post_change.in_effect", key, data, subject=change)


@hookimpl
def due(session: Session, now: datetime) -> int:
    """Approved changes take effect on their day, or on the first day after it on which somebody looks.

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


@hookimpl
def left(session: Session, person: Staff) -> None:
    """Whoever leaves holds no post any more: what is proposed or approved for them is withdrawn."""
    why = in_home_language(session, person.department_id, _("Left the department"))
    waiting = select(PostChange).where(PostChange.staff_id == person.id, PostChange.state.in_(UNDER_WAY))
    for change in session.scalars(waiting).all():
        perform(session, change, "withdraw", verdict=why)


EFFECT = Kind(
    "post_change_effective",
    "ORG-7",
    PostChange,
    _("Change of post takes effect"),
    owed=lambda c: c.state is ChangeState.APPROVED,
    met=lambda c: c.state is ChangeState.IN_EFFECT,
    due=lambda c, facts: end_of(c.effective_on, facts.zone),
    owner=lambda c: c.staff_id,
)

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


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="post_change",
        label=_("Changes of post"),
        built=("ORG-7",),
        entities=(PostChange,),
        fills=(last_editor(PostChange, "proposed_by_id", PROPOSED),),
        rules=(
            reason_is_stated,
            effect_lies_ahead,
            something_changes,
            person_is_present,
            one_change_at_a_time,
            new_agent_has_a_team,
            new_superior_is_named,
            approved_change_stays,
            post_changes_by_approval,
        ),
        transitions=MOVES,
        obligations=(EFFECT,),
        notices=(
            Notice(
                "post_change.approved",
                _("%(kind)s from %(from)s on"),
                _("%(kind)s: from %(from)s on your post is %(post)s."),
            ),
            Notice(
                "post_change.in_effect",
                _("%(person)s: %(kind)s is in effect"),
                _("From today on %(person)s is %(post)s (%(kind)s)."),
            ),
            Notice(
                "post_change.blocked",
                _("The change of post of %(person)s could not take effect"),
                _("The change of post of %(person)s was due and could not take effect: %(why)s"),
            ),
        ),
    )
