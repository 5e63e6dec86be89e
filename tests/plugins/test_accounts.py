"""ORG-6, and the rules that keep accounts personal and duties apart."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import sessions, throttle
from engine.accounts.actor import actor_for
from engine.accounts.sessions import Ended, Holder
from engine.accounts.throttle import Caller
from engine.acting import Door, Role, acting
from engine.errors import NotAllowedError, PolicyError
from engine.permissions import Scope, matrix
from engine.registry import registry
from engine.transitions.performing import perform
from models.accounts import Account, AccountState, EndReason, Proof
from models.audit import AuditEntry
from models.organisation import Post, Staff, StaffStatus
from tests.factories import accounts, organisation
from tests.factories.accounts import Logins
from tests.fixtures.rulebook import NOW

HERE, ELSEWHERE = Caller("192.0.2.7"), Caller("198.51.100.9")


def broken(session: Session) -> set[str]:
    """The rules that the pending write breaks."""
    with pytest.raises(PolicyError) as refused:
        session.flush()
    session.rollback()
    return {violation.rule.removeprefix("account.") for violation in refused.value.violations}


def person(session: Session, logins: Logins, **how: Any) -> Staff:
    return organisation.staff(session, logins.department, superior=logins.manager.staff, of=logins.team, **how)


def account_for(logins: Logins, holder: Staff, **how: Any) -> Account:
    return Account(
        **{
            "department_id": logins.department.id,
            "staff_id": holder.id,
            "login": "fresh",
            "roles": ["agent"],
            **how,
        }
    )


@pytest.mark.clause("ORG-6")
def test_org_6_a_second_login_from_elsewhere_ends_the_first_and_is_recorded(session: Session, logins: Logins) -> None:
    first = sessions.open_session(session, logins.agent, Proof.FULL, HERE)
    second = sessions.open_session(session, logins.agent, Proof.FULL, ELSEWHERE)
    session.commit()
    over = sessions.look_up(session, first, demo=False)
    assert isinstance(over, Ended)
    assert over.why is EndReason.ELSEWHERE
    assert isinstance(sessions.look_up(session, second, demo=False), Holder)
    assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "session_ended")).all() == [
        "session_ended"
    ]


@pytest.mark.clause("ORG-6")
def test_org_6_one_login_ends_nothing(session: Session, logins: Logins) -> None:
    sessions.open_session(session, logins.agent, Proof.FULL, HERE)
    sessions.open_session(session, logins.lead, Proof.FULL, HERE)
    session.commit()
    assert session.scalars(select(AuditEntry.action).where(AuditEntry.action == "session_ended")).all() == []


@pytest.mark.clause("ORG-6")
def test_org_6_an_account_is_not_handed_on(session: Session, logins: Logins) -> None:
    logins.agent.staff_id = person(session, logins).id
    assert broken(session) == {"account_is_not_handed_on"}


@pytest.mark.clause("ORG-6")
def test_org_6_an_account_of_the_same_person_is_edited(session: Session, logins: Logins) -> None:
    logins.agent.login = "zhang.san"
    session.commit()
    assert logins.agent.login == "zhang.san"


def test_person_gets_one_account(session: Session, logins: Logins) -> None:
    session.add(account_for(logins, logins.agent.staff))
    assert broken(session) == {"person_has_one_account"}


def test_two_accounts_of_one_person_in_one_batch_are_seen(session: Session, logins: Logins) -> None:
    holder = person(session, logins)
    session.add_all([account_for(logins, holder, login="one"), account_for(logins, holder, login="two")])
    assert broken(session) == {"person_has_one_account"}


@pytest.mark.parametrize("login", ["zhang", "x", "", "Two Words", "ADMIN", "a" * 65, "semi;colon", "-dash"])
def test_login_that_will_not_do(session: Session, logins: Logins, login: str) -> None:
    session.add(account_for(logins, person(session, logins), login=login))
    assert broken(session) & {"login_is_free", "login_is_well_formed"}


@pytest.mark.parametrize("login", ["li.si", "李四", "li_si-2@example.org", "7号"])
def test_login_that_will_do(session: Session, logins: Logins, login: str) -> None:
    session.add(account_for(logins, person(session, logins), login=login))
    session.commit()


@pytest.mark.parametrize("status", [StaffStatus.LEFT, StaffStatus.CANDIDATE])
def test_account_is_for_a_present_member(session: Session, logins: Logins, status: StaffStatus) -> None:
    holder = person(
        session, logins, status=StaffStatus.CANDIDATE if status is StaffStatus.CANDIDATE else StaffStatus.ON_POST
    )
    if status is StaffStatus.LEFT:
        perform(session, holder, "leave", reason="another job")
    session.add(account_for(logins, holder))
    assert broken(session) == {"holder_is_a_member"}


def test_account_is_for_the_same_department(session: Session, logins: Logins) -> None:
    other = organisation.department(session, "外部")
    boss = organisation.staff(session, other, Post.MANAGER)
    session.add(account_for(logins, boss))
    assert broken(session) == {"holder_is_a_member"}


@pytest.mark.parametrize("roles", [[], ["king"], ["agent", "agent"], ["agent", "king"]])
def test_roles_come_from_the_list(session: Session, logins: Logins, roles: list[str]) -> None:
    session.add(account_for(logins, person(session, logins), roles=roles))
    assert broken(session) == {"roles_are_known"}


@pytest.mark.parametrize("roles", [["administrator", "auditor"], ["auditor", "hr", "administrator"]])
def test_administrator_and_auditor_are_not_one_account(session: Session, logins: Logins, roles: list[str]) -> None:
    session.add(account_for(logins, person(session, logins), roles=roles))
    assert broken(session) == {"administrator_does_not_audit"}


@pytest.mark.parametrize("roles", [["administrator"], ["auditor"], ["auditor", "hr"], ["administrator", "manager"]])
def test_administrator_or_auditor_is_fine(session: Session, logins: Logins, roles: list[str]) -> None:
    session.add(account_for(logins, person(session, logins), roles=roles))
    session.commit()


def test_nobody_changes_their_own_roles(session: Session, logins: Logins) -> None:
    with acting(actor_for(session, logins.manager), Door.FORM):
        logins.manager.roles = ["administrator", "manager", "hr"]
        assert broken(session) == {"roles_are_not_ones_own"}


def test_administrator_changes_the_roles_of_others(session: Session, logins: Logins) -> None:
    with acting(actor_for(session, logins.manager), Door.FORM):
        logins.agent.roles = ["agent", "trainer"]
        session.commit()
    assert logins.agent.roles == ["agent", "trainer"]


@pytest.mark.parametrize("door", list(Door))
def test_others_give_no_roles_through_any_door(
    session: Session, logins: Logins, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    hr = accounts.account(session, person(session, logins), Role.HR)
    session.commit()
    with acting(actor_for(session, hr), door):
        logins.agent.roles = ["manager"]
        assert broken(session) == {"gate.granted"}
        monkeypatch.setitem(matrix.grants, ("account", "edit", Role.HR), Scope.DEPARTMENT)
        logins.agent.roles = ["manager"]
        assert broken(session) == {"roles_come_from_an_administrator"}


def second_administrator(session: Session, logins: Logins) -> Account:
    made = accounts.account(session, person(session, logins), Role.ADMINISTRATOR)
    session.commit()
    return made


def test_last_administrator_keeps_the_role(session: Session, logins: Logins) -> None:
    logins.manager.roles = ["manager"]
    assert broken(session) == {"an_administrator_remains"}
    second_administrator(session, logins)
    logins.manager.roles = ["manager"]
    session.commit()


def disable(session: Session, account: Account) -> None:
    perform(session, account, "disable", reason="left")


def leave(session: Session, account: Account) -> None:
    perform(session, account.staff, "leave", reason="another job")


@pytest.mark.parametrize("shut", [disable, leave])
def test_last_administrator_is_not_shut_out(
    session: Session, logins: Logins, shut: Callable[[Session, Account], None]
) -> None:
    with pytest.raises(PolicyError):
        shut(session, logins.manager)
    session.rollback()
    second_administrator(session, logins)
    shut(session, logins.manager)
    session.commit()
    assert logins.manager.state is AccountState.DISABLED


def test_nobody_disables_themselves(session: Session, logins: Logins) -> None:
    second_administrator(session, logins)
    with acting(actor_for(session, logins.manager), Door.FORM), pytest.raises(PolicyError):
        perform(session, logins.manager, "disable", reason="by a slip")


def test_only_administrators_disable(session: Session, logins: Logins) -> None:
    with acting(actor_for(session, logins.lead), Door.FORM), pytest.raises(NotAllowedError):
        perform(session, logins.agent, "disable", reason="because")


def test_disabling_needs_a_reason_and_can_be_taken_back(session: Session, logins: Logins) -> None:
    with pytest.raises(PolicyError):
        perform(session, logins.agent, "disable")
    session.rollback()
    disable(session, logins.agent)
    perform(session, logins.agent, "enable")
    session.commit()
    assert logins.agent.state is AccountState.ACTIVE


def test_whoever_left_is_not_let_in_again(session: Session, logins: Logins) -> None:
    leave(session, logins.agent)
    session.commit()
    assert logins.agent.state is AccountState.DISABLED
    with pytest.raises(PolicyError):
        perform(session, logins.agent, "enable")


def test_state_is_not_written_by_hand(session: Session, logins: Logins) -> None:
    logins.agent.state = AccountState.DISABLED
    with pytest.raises(PolicyError):
        session.flush()


def test_sweep_ends_what_is_over(session: Session, logins: Logins) -> None:
    sessions.open_session(session, logins.agent, Proof.FULL, HERE)
    throttle.admit(session, "nobody", HERE)
    later = NOW + timedelta(hours=2)
    with clock.fixed_at(later):
        assert sum(registry.hook.due(session=session, now=later)) == 2
        session.commit()
        assert sum(registry.hook.due(session=session, now=later)) == 0
