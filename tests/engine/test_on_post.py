"""Who may stand on which channel: what domains say against it, asked in one place."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.accounts.actor import actor_for
from engine.acting import Role
from engine.answers import Impediment
from engine.errors import PolicyError
from engine.hooks import hookimpl
from engine.on_post import impediments
from engine.packs.adoption import adopt
from engine.permissions import Sight, matrix
from engine.registry import registry
from engine.transitions.performing import perform, state_of
from models.course import Course
from models.organisation import Department, Post, Staff, StaffStatus
from tests.factories.accounts import account
from tests.factories.organisation import channel, department, staff, team
from tests.fixtures.rulebook import NOW

TODAY = NOW.date()


class Neighbour:
    """A domain that keeps people off post for what it is told to."""

    def __init__(self, *found: Impediment, withheld: frozenset[int] = frozenset()) -> None:
        self.found, self.kept_from, self.asked = found, withheld, 0

    @hookimpl
    def impediments(self, people: Sequence[Staff], on: date) -> list[Impediment]:
        self.asked += 1
        ids = {person.id for person in people}
        return [each for each in self.found if each.person_id in ids and on == TODAY]

    @hookimpl
    def withheld(self, staff_id: int) -> bool:
        return staff_id in self.kept_from


@pytest.fixture
def home(session: Session) -> Department:
    made = department(session)
    adopt(session, made, "C", rank=1, valid_from=date(2026, 1, 1))
    # The department trains nobody: what keeps people off post here is what the test's own domain says.
    for course in session.scalars(select(Course).where(Course.department_id == made.id)):
        course.is_onboarding = False
    session.flush()
    return made


@pytest.fixture
def manager(session: Session, home: Department) -> Staff:
    return staff(session, home, Post.MANAGER)


@pytest.fixture
def trainee(session: Session, home: Department, manager: Staff) -> Staff:
    return staff(session, home, of=team(session, home), superior=manager, status=StaffStatus.TRAINEE)


def unfinished(person: Staff, clause: str = "TRN-3", **sides: Any) -> Impediment:
    return Impediment(person.id, "enrolment.onboarding_is_done", clause, "Onboarding is not finished.", **sides)


def names(found: Sequence[Impediment]) -> list[str]:
    return [each.name for each in found]


def test_hook_impediments_are_gathered_for_all_people_at_once(session: Session, manager: Staff, trainee: Staff) -> None:
    neighbour = Neighbour(unfinished(trainee))
    with registry.with_plugin(neighbour):
        found = impediments(session, [trainee, manager], TODAY)
    assert names(found[trainee.id]) == ["staff.is_at_work", "enrolment.onboarding_is_done"]
    assert manager.id not in found
    assert neighbour.asked == 1


@pytest.mark.clause("TRN-3")
def test_trainee_is_not_put_on_post_past_an_impediment(session: Session, trainee: Staff) -> None:
    with registry.with_plugin(Neighbour(unfinished(trainee))), pytest.raises(PolicyError) as caught:
        perform(session, trainee, "put_on_post", reason="ready")
    assert [(v.rule, v.clause) for v in caught.value.violations] == [("enrolment.onboarding_is_done", "TRN-3")]
    assert state_of(trainee) is StaffStatus.TRAINEE


@pytest.mark.clause("TRN-3")
def test_trainee_without_an_impediment_goes_on_post(session: Session, trainee: Staff) -> None:
    with registry.with_plugin(Neighbour()):
        perform(session, trainee, "put_on_post", reason="ready")
    assert state_of(trainee) is StaffStatus.ON_POST


def test_one_channel_alone_does_not_keep_a_person_off_post(session: Session, home: Department, trainee: Staff) -> None:
    closed = channel(session, home)
    with registry.with_plugin(Neighbour(unfinished(trainee, channel_id=closed.id))):
        perform(session, trainee, "put_on_post", reason="ready")
        assert [each.channel_id for each in impediments(session, [trainee], TODAY)[trainee.id]] == [closed.id]


def test_clause_that_was_not_adopted_keeps_nobody_off(session: Session, trainee: Staff) -> None:
    with registry.with_plugin(Neighbour(unfinished(trainee, clause="QA-3"))):
        assert names(impediments(session, [trainee], TODAY)[trainee.id]) == ["staff.is_at_work"]


@pytest.mark.parametrize("status", [StaffStatus.CANDIDATE, StaffStatus.SUSPENDED, StaffStatus.LEFT])
def test_status_alone_keeps_off_post(session: Session, trainee: Staff, status: StaffStatus) -> None:
    trainee.status = status
    with session.no_autoflush:
        assert names(impediments(session, [trainee], TODAY)[trainee.id]) == ["staff.is_at_work"]


def test_hook_withheld_masks_customers_whatever_the_role_shows(
    session: Session, home: Department, manager: Staff
) -> None:
    agent = staff(session, home, of=team(session, home), superior=manager)
    entrance = account(session, agent, Role.AGENT)
    with registry.with_plugin(Neighbour()):
        assert matrix.sight(actor_for(session, entrance), "service_record", "customer_name") is Sight.WRITE
    with registry.with_plugin(Neighbour(withheld=frozenset({agent.id}))):
        actor = actor_for(session, entrance)
    assert matrix.sight(actor, "service_record", "customer_name") is Sight.MASKED
    assert matrix.sight(actor, "service_record", "question") is Sight.WRITE
    assert matrix.sight(actor, "staff", "email") is Sight.MASKED
