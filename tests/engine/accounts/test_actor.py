from sqlalchemy.orm import Session

from engine.accounts.actor import actor_for
from engine.acting import Actor, Door, Role, acting
from models.organisation import Post
from tests.factories import accounts, organisation
from tests.factories.accounts import Logins


def test_agent_sees_their_own_team_only(session: Session, logins: Logins) -> None:
    actor = actor_for(session, logins.agent)
    assert (actor.roles, actor.team_ids) == (frozenset({Role.AGENT}), frozenset({logins.team.id}))


def test_lead_sees_the_teams_of_everybody_below(session: Session, logins: Logins) -> None:
    other = organisation.team(session, logins.department, "二组")
    below = organisation.staff(session, logins.department, Post.SHIFT_LEAD, superior=logins.lead.staff)
    organisation.staff(session, logins.department, of=other, superior=below)
    organisation.staff(
        session,
        logins.department,
        of=organisation.team(session, logins.department, "三组"),
        superior=logins.manager.staff,
    )
    assert actor_for(session, logins.lead).team_ids == {logins.team.id, other.id}


def test_others_get_no_teams_through_people_below_them(session: Session, logins: Logins) -> None:
    assert actor_for(session, logins.manager).team_ids == frozenset()


def test_moved_person_counts_from_now_on(session: Session, logins: Logins) -> None:
    other = organisation.team(session, logins.department, "二组")
    logins.agent.staff.team_id = other.id
    session.flush()
    assert actor_for(session, logins.agent).team_ids == {other.id}


def test_teams_are_found_whoever_looks(session: Session, logins: Logins) -> None:
    """Finding out who acts happens before anybody acts; a scope must not hide the answer."""
    with acting(Actor(None), Door.FORM):
        assert actor_for(session, logins.lead).team_ids == {logins.team.id}


def test_person_without_a_team_has_none(session: Session, logins: Logins) -> None:
    trainer = organisation.staff(session, logins.department, Post.TRAINER, superior=logins.manager.staff)
    assert actor_for(session, accounts.account(session, trainer)).team_ids == frozenset()
