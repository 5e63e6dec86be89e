"""What a change of post must be, and that a post changes in no other way."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.rules import EDIT, GUARD, Facts, Verdict, need, rule
from models.organisation import AGENT_POSTS, Post, Staff, StaffStatus
from models.post_change import ChangeState, PostChange
from models.words import _

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
    changed=("post", "team_id"),
    says=_(
        "Post and team change by an approved change of post, on its effective day. Propose one under “Changes of post”."
    ),
)
def post_changes_by_approval(person: Staff, facts: Facts) -> Verdict:
    """There is no second way past reason and approval. A first team is no transfer, a superior alone no post."""
    if facts.actor.is_system or facts.move is not None or person.status not in PRESENT:
        return True
    moved = [name for name in ("post", "team_id") if facts.before(name) is not None]
    return not moved or {"field": moved[0]}


RULES = (
    reason_is_stated,
    effect_lies_ahead,
    something_changes,
    person_is_present,
    one_change_at_a_time,
    new_agent_has_a_team,
    new_superior_is_named,
    approved_change_stays,
    post_changes_by_approval,
)
