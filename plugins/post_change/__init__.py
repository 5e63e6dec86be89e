"""ORG-7: a post changes with reason and approval, on its effective day and not before.

- `rules`: what a change must be
- `moves`, `by_clock`: from the proposal to the new post, on its day
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.home_language import in_home_language
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.rules import Fill, last_editor
from engine.transitions.performing import perform
from models.organisation import Staff
from models.post_change import ChangeState, PostChange
from models.words import _
from plugins.post_change.by_clock import take_effect_by_clock
from plugins.post_change.moves import MOVES, note_present
from plugins.post_change.rules import PROPOSED, RULES, UNDER_WAY


@hookimpl
def due(session: Session) -> int:
    """Approved changes take effect on their day."""
    return take_effect_by_clock(session)


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


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="post_change",
        label=_("Changes of post"),
        built=("ORG-7",),
        entities=(PostChange,),
        fills=(last_editor(PostChange, "proposed_by_id", PROPOSED), Fill(PostChange, note_present)),
        rules=RULES,
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
