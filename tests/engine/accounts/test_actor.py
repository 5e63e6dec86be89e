from sqlalchemy.orm import Session

from engine.accounts.actor import actor_for
from engine.acting import Actor, Door, Role, acting
from models.organisation import Post
from tests.factories import accounts, organisation
from tests.factories.accounts import Office


def test_agent_sees_their_own_team_only(session: Session, office: Office) -> None:
    actor = actor_for(session, office.agent)
    assert (actor.roles, actor.team_ids) == (frozenset({Role.AGENT}), frozenset({office.team.id}))


def test_lead_sees_the_teams_of_everybody_below(session: Session, office: Office) -> None:
    other = organisation.team(session, office.department, "二组")
    below = organisation.staff(session, office.department, Post.SHIFT_LEAD, superior=office.lead.staff)
    organisation.staff(session, office.department, of=other, superior=below)
    organisation.staff(session, office.department, of=organisation.team(session, office.department, "三组"), superior=office.manager.staff)
    assert actor_for(session, office.lead).team_ids == {office.team.id, other.id}


def test_others_get_no_teams_through_people_below_them(session: Session, office: Office) -> None:
    assert actor_for(session, office.manager).team_ids == frozenset()


def test_moved_person_counts_from_now_on(session: Session, office: Office) -> None:
    other = organisation.team(session, office.department, "二组")
    office.agent.staff.team_id = other.id
    session.flush()
    assert actor_for(session, office.agent).team_ids == {other.id}


def test_teams_are_found_whoever_looks(session: Session, office: Office) -> None:
    """Finding out who acts happens before anybody acts; a scope must not hide the answer."""
    with acting(Actor(None), Door.FORM):
        assert actor_for(session, office.lead).team_ids == {office.team.id}


def test_person_without_a_team_has_none(session: Session, office: Office) -> None:
    trainer = organisation.staff(session, office.department, Post.TRAINER, superior=office.manager.staff)
    assert actor_for(session, accounts.account(session, trainer)).team_ids == frozenset()
