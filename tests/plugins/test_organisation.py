from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engine.clock import day_in
from engine.errors import ConflictError
from engine.transitions.performing import perform
from models.organisation import AGENT_POSTS, Department, OnCall, Post, Staff, StaffStatus, Team
from plugins.organisation.on_call import Reachable, reachable_now
from tests.factories.organisation import channel, department, staff, team
from tests.factories.quality import by
from tests.factories.refusals import objections, refusals, refused
from tests.fixtures.rulebook import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def home(session: Session) -> Department:
    return department(session)


@pytest.fixture
def manager(session: Session, home: Department) -> Staff:
    return staff(session, home, Post.MANAGER)


@pytest.fixture
def lead(session: Session, home: Department, manager: Staff) -> Staff:
    return staff(session, home, Post.SHIFT_LEAD, superior=manager)


Saved = Callable[..., list[str]]


@pytest.fixture
def saved(session: Session) -> Saved:
    """Write fields of a record; answers the rules that refuse it."""

    def save(record: Any, **fields: Any) -> list[str]:
        for name, value in fields.items():
            setattr(record, name, value)
        session.add(record)
        try:
            return refusals(session)
        except pytest.fail.Exception:
            return []

    return save


@pytest.mark.clause("ORG-1")
def test_reporting_line_without_circle(
    session: Session, home: Department, manager: Staff, lead: Staff, saved: Saved
) -> None:
    supervisor = staff(session, home, Post.SUPERVISOR, superior=manager)
    assert saved(lead, superior_id=supervisor.id) == []


@pytest.mark.clause("ORG-1")
@pytest.mark.parametrize("steps", [0, 1, 2])
def test_reporting_line_in_a_circle(
    session: Session, home: Department, manager: Staff, steps: int, saved: Saved
) -> None:
    line = [staff(session, home, Post.SUPERVISOR, superior=manager)]
    for _step in range(2):
        line.append(staff(session, home, Post.SUPERVISOR, superior=line[-1]))
    session.commit()
    assert saved(line[0], superior_id=line[steps].id) == ["staff.reporting_line_has_no_circle"]


@pytest.mark.clause("ORG-1")
def test_reporting_lines_that_circle_only_together(session: Session, home: Department, manager: Staff) -> None:
    one, two = (staff(session, home, Post.SUPERVISOR, superior=manager) for _ in range(2))
    session.commit()
    one.superior_id, two.superior_id = two.id, one.id
    assert set(refusals(session)) == {"staff.reporting_line_has_no_circle"}


@pytest.mark.clause("ORG-1")
@pytest.mark.parametrize("post", [post for post in Post if post is not Post.MANAGER])
def test_superior_missing(session: Session, home: Department, manager: Staff, post: Post, saved: Saved) -> None:
    person = staff(session, home, post, superior=manager, of=team(session, home))
    session.commit()
    assert saved(person, superior_id=None) == ["staff.direct_superior_is_named"]


@pytest.mark.clause("ORG-1")
def test_superior_is_not_asked_of_the_manager_nor_of_a_candidate(
    session: Session, home: Department, manager: Staff
) -> None:
    candidate = staff(session, home, Post.HR, status=StaffStatus.CANDIDATE)
    assert (manager.superior_id, candidate.superior_id) == (None, None)
    assert objections(session, candidate, "take_on", reason="Passed") == ["staff.direct_superior_is_named"]


@pytest.mark.clause("ORG-1")
@pytest.mark.parametrize("post", sorted(AGENT_POSTS))
def test_agent_without_a_team(session: Session, home: Department, manager: Staff, post: Post, saved: Saved) -> None:
    agent = staff(session, home, post, of=team(session, home), superior=manager)
    session.commit()
    assert saved(agent, team_id=None) == ["staff.agent_has_a_team"]


@pytest.mark.clause("ORG-1")
def test_trainer_needs_no_team(session: Session, home: Department, manager: Staff) -> None:
    assert staff(session, home, Post.TRAINER, superior=manager).team_id is None


@pytest.mark.clause("ORG-5")
@pytest.mark.parametrize("phone", [None, "13800000000", "+86 138-0000-0000", "（010）8888 6666转801"])
def test_phone_that_can_be_dialled(lead: Staff, saved: Saved, phone: str | None) -> None:
    lead.post = Post.TRAINER
    assert saved(lead, phone=phone) == []


@pytest.mark.clause("ORG-5")
@pytest.mark.parametrize("phone", ["1380", "ask the front desk", "13800000000x", "1380000O000"])
def test_phone_that_cannot_be_dialled(lead: Staff, saved: Saved, phone: str) -> None:
    assert saved(lead, phone=phone) == ["staff.phone_can_be_dialled"]


@pytest.mark.clause("ORG-1")
def test_email_has_an_address(lead: Staff, saved: Saved) -> None:
    assert saved(lead, email="zhang@dutybook.example") == []
    assert saved(lead, email="zhang at dutybook") == ["staff.email_can_be_written_to"]


@pytest.mark.clause("TRN-3")
def test_only_who_was_here_before_is_entered_on_post(session: Session, home: Department, manager: Staff) -> None:
    personnel = staff(session, home, Post.HR, superior=manager)
    session.commit()
    began = day_in(home.timezone, home.created_at)

    def entered(status: StaffStatus, hired: date) -> Staff:
        made = Staff(department_id=home.id, number=f"N{hired:%d}{status}", name="新人", post=Post.TRAINER)
        made.status, made.hire_date, made.superior_id = status, hired, manager.id
        session.add(made)
        return made

    with by(personnel):
        entered(StaffStatus.ON_POST, began)
        entered(StaffStatus.TRAINEE, began + DAY)
        session.commit()
    with by(personnel), refused(session, "staff.whoever_is_hired_begins_as_trainee"):
        entered(StaffStatus.ON_POST, began + DAY)


MOVES = [
    ("put_on_post", {StaffStatus.TRAINEE, StaffStatus.SUSPENDED}, StaffStatus.ON_POST),
    ("suspend", {StaffStatus.ON_POST}, StaffStatus.SUSPENDED),
    ("leave", {StaffStatus.TRAINEE, StaffStatus.ON_POST, StaffStatus.SUSPENDED}, StaffStatus.LEFT),
    ("take_on", {StaffStatus.CANDIDATE}, StaffStatus.TRAINEE),
]


BEGINS = {status: status for status in (StaffStatus.CANDIDATE, StaffStatus.TRAINEE, StaffStatus.ON_POST)}
PATHS = {StaffStatus.SUSPENDED: "suspend", StaffStatus.LEFT: "leave"}


@pytest.mark.clause("ORG-1")
@pytest.mark.parametrize("status", StaffStatus)
@pytest.mark.parametrize(("move", "sources", "target"), MOVES)
def test_status_moves(
    session: Session,
    home: Department,
    manager: Staff,
    move: str,
    sources: set[StaffStatus],
    target: StaffStatus,
    status: StaffStatus,
) -> None:
    person = staff(session, home, Post.HR, superior=manager, status=BEGINS.get(status, StaffStatus.ON_POST))
    if status in PATHS:
        perform(session, person, PATHS[status], reason="Before")
    if status in sources:
        perform(session, person, move, reason="As agreed")
        assert person.status is target
    else:
        with pytest.raises(ConflictError):
            perform(session, person, move, reason="As agreed")


@pytest.mark.clause("ORG-1")
def test_status_moves_with_a_reason_only(session: Session, lead: Staff) -> None:
    assert objections(session, lead, "suspend", reason="  ") == ["staff.suspend.asks_reason"]


@pytest.mark.clause("ORG-3")
def test_second_manager(session: Session, home: Department, manager: Staff, saved: Saved) -> None:
    second = staff(session, home, Post.SUPERVISOR, superior=manager)
    session.commit()
    assert saved(second, post=Post.MANAGER) == ["staff.single_posts_have_one_holder"]


@pytest.mark.clause("ORG-3")
def test_manager_after_the_former_left(session: Session, home: Department, manager: Staff, saved: Saved) -> None:
    second = staff(session, home, Post.SUPERVISOR, superior=manager)
    perform(session, manager, "leave", reason="Retired")
    assert saved(second, post=Post.MANAGER) == []


@pytest.mark.clause("ORG-3")
def test_managers_of_two_departments(session: Session, manager: Staff) -> None:
    elsewhere = department(session, "售后中心")
    assert staff(session, elsewhere, Post.MANAGER).post is manager.post


@pytest.mark.clause("ORG-3")
def test_quality_department_has_several_supervisors(session: Session, home: Department, manager: Staff) -> None:
    first, second = (staff(session, home, Post.QA_SUPERVISOR, superior=manager) for _ in range(2))
    assert first.post is second.post


@pytest.mark.clause("ORG-5")
@pytest.mark.parametrize("post", [Post.SHIFT_LEAD, Post.SUPERVISOR])
def test_lead_without_a_phone(session: Session, home: Department, manager: Staff, post: Post, saved: Saved) -> None:
    person = staff(session, home, post, superior=manager)
    session.commit()
    assert saved(person, phone=None) == ["staff.reachable_post_has_a_phone"]


@pytest.mark.clause("ORG-5")
def test_trainee_lead_without_a_phone_is_not_put_on_post(
    session: Session, home: Department, manager: Staff, saved: Saved
) -> None:
    person = staff(session, home, Post.SHIFT_LEAD, superior=manager, status=StaffStatus.TRAINEE)
    assert saved(person, phone=None) == []
    assert objections(session, person, "put_on_post", reason="Passed") == ["staff.reachable_post_has_a_phone"]


def duty(person: Staff, starts: datetime, hours: int) -> OnCall:
    return OnCall(
        department_id=person.department_id, staff_id=person.id, starts_at=starts, ends_at=starts + hours * HOUR
    )


@pytest.mark.clause("ORG-5")
@pytest.mark.parametrize(("hours", "expected"), [(12, []), (0, ["on_call.duty_ends_after_it_starts"])])
def test_length_of_a_duty(lead: Staff, hours: int, expected: list[str], saved: Saved) -> None:
    assert saved(duty(lead, NOW, hours)) == expected


@pytest.mark.clause("ORG-5")
def test_duty_of_somebody_whom_nobody_has_to_reach(
    session: Session, home: Department, manager: Staff, saved: Saved
) -> None:
    trainer = staff(session, home, Post.TRAINER, superior=manager)
    assert saved(duty(trainer, NOW, 12)) == ["on_call.on_call_person_is_reachable"]


@pytest.mark.clause("ORG-5")
def test_duty_of_a_suspended_lead(session: Session, lead: Staff, saved: Saved) -> None:
    perform(session, lead, "suspend", reason="Investigation")
    assert saved(duty(lead, NOW, 12)) == ["on_call.on_call_person_is_reachable"]


@pytest.mark.clause("ORG-5")
def test_reachable_now_is_whoever_is_on_call(session: Session, home: Department, manager: Staff, lead: Staff) -> None:
    supervisor = staff(session, home, Post.SUPERVISOR, superior=manager)
    session.add_all([duty(lead, NOW - 12 * HOUR, 12), duty(supervisor, NOW, 8), duty(lead, NOW + 8 * HOUR, 8)])
    session.flush()
    assert reachable_now(session, home.id, NOW) == [Reachable(supervisor, NOW + 8 * HOUR)]
    assert reachable_now(session, home.id, NOW + 8 * HOUR) == [Reachable(lead, NOW + 16 * HOUR)]


@pytest.mark.clause("ORG-5")
def test_reachable_now_without_a_duty_is_everybody_who_has_to_be(
    session: Session, home: Department, lead: Staff
) -> None:
    elsewhere = department(session, "售后中心")
    staff(session, elsewhere, Post.SUPERVISOR, superior=staff(session, elsewhere, Post.MANAGER))
    assert reachable_now(session, home.id, datetime(2026, 1, 1, tzinfo=UTC)) == [Reachable(lead, None)]


@pytest.mark.clause("ORG-2")
def test_team_without_a_channel(session: Session, home: Department, saved: Saved) -> None:
    assert saved(Team(department_id=home.id, name="二组")) == ["team.team_serves_a_channel"]


@pytest.mark.clause("ORG-2")
def test_team_with_a_channel(session: Session, home: Department, saved: Saved) -> None:
    assert saved(Team(department_id=home.id, name="二组", channels=[channel(session, home)])) == []


@pytest.mark.clause("ORG-2")
def test_team_that_loses_its_last_channel(session: Session, home: Department, saved: Saved) -> None:
    made = team(session, home)
    session.commit()
    assert saved(made, channels=[]) == ["team.team_serves_a_channel"]
