from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.notices.wording import read_out
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.accounts import Account
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from models.organisation import Post
from models.post_change import ChangeKind, ChangeState, PostChange
from tests.factories.accounts import account
from tests.factories.hiring import Hiring, hiring
from tests.factories.organisation import staff, team
from tests.factories.quality import by
from tests.factories.refusals import objections, refused

NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)
DAY = date(2026, 5, 20)
FIRST_MOMENT = datetime(2026, 5, 19, 16, 0, tzinfo=UTC)
"""Midnight of that day in Shanghai."""


@pytest.fixture
def at(session: Session) -> Hiring:
    with clock.fixed_at(NOW):
        return hiring(session)


def change(session: Session, at: Hiring, **values: object) -> PostChange:
    made = PostChange(
        **(
            {
                "department_id": at.department.id,
                "staff_id": at.agent.id,
                "kind": ChangeKind.PROMOTION,
                "new_post": Post.SHIFT_LEAD,
                "new_team_id": at.team.id,
                "new_superior_id": at.manager.id,
                "reason": "连续四个季度优秀",
                "effective_on": DAY,
            }
            | values
        )
    )
    session.add(made)
    session.flush()
    return made


def approved(session: Session, at: Hiring, **values: object) -> PostChange:
    with clock.fixed_at(NOW):
        with by(at.hr):
            made = change(session, at, **values)
        with by(at.manager):
            perform(session, made, "approve")
            session.commit()
    return made


@pytest.mark.clause("ORG-7")
def test_change_is_approved_by_somebody_else(session: Session, at: Hiring) -> None:
    with clock.fixed_at(NOW):
        with by(at.hr):
            made = change(session, at)
            session.commit()
            assert objections(session, made, "approve") == ["post_change.somebody_else_than_proposed_by_id_decides"]
        about_herself = change(session, at, staff_id=at.hr.id, new_post=Post.TRAINER, proposed_by_id=at.manager.id)
        with by(at.hr):
            assert objections(session, about_herself, "approve") == ["post_change.person_does_not_decide"]
        with by(at.manager):
            perform(session, made, "approve")
    assert (made.state, made.decided_by_id) == (ChangeState.APPROVED, at.manager.id)


@pytest.mark.clause("ORG-7")
def test_whoever_decides_sees_what_the_change_replaces(session: Session, at: Hiring) -> None:
    with clock.fixed_at(NOW), by(at.hr):
        made = change(session, at)
        assert (made.former_post, made.former_team_id) == (at.agent.post, at.team.id)
        other = staff(session, at.department, Post.SHIFT_LEAD, of=at.team, superior=at.manager)
        made.staff_id, made.new_post = other.id, Post.SUPERVISOR
        session.flush()
        assert (made.former_post, made.former_superior_id) == (Post.SHIFT_LEAD, at.manager.id)


@pytest.mark.clause("ORG-7")
def test_post_changes_on_its_day_and_not_before(session: Session, at: Hiring) -> None:
    made = approved(session, at)
    with clock.fixed_at(FIRST_MOMENT - timedelta(seconds=1)):
        sweep(session)
        session.refresh(at.agent)
        assert (at.agent.post, made.state) == (Post.HOTLINE_AGENT, ChangeState.APPROVED)
    with clock.fixed_at(FIRST_MOMENT):
        assert (sweep(session).done, sweep(session).done) == (1, 0)
    session.refresh(at.agent)
    assert (at.agent.post, at.agent.superior_id) == (Post.SHIFT_LEAD, at.manager.id)
    assert (made.former_post, made.former_superior_id) == (Post.HOTLINE_AGENT, at.lead.id)
    duty = session.scalars(select(Obligation).where(Obligation.kind == "post_change_effective")).one()
    assert (duty.state, duty.met_at) == (ObligationState.MET, FIRST_MOMENT)


@pytest.mark.clause("ORG-7")
def test_missed_day_is_made_up_for_once(session: Session, at: Hiring) -> None:
    made = approved(session, at)
    with clock.fixed_at(FIRST_MOMENT + timedelta(days=9)):
        assert (sweep(session).done, sweep(session).done) == (1, 0)
    assert made.state is ChangeState.IN_EFFECT
    told = select(Notification.recipient_id).where(Notification.code == "post_change.in_effect")
    assert sorted(session.scalars(told)) == sorted([at.agent.id, at.lead.id, at.manager.id, at.hr.id])


@pytest.mark.clause("ORG-7")
def test_roles_follow_the_post(session: Session, at: Hiring) -> None:
    login = account(session, at.agent)
    login.roles = ["agent", "trainer"]
    session.commit()
    approved(session, at)
    with clock.fixed_at(FIRST_MOMENT):
        sweep(session)
    assert session.get_one(Account, login.id).roles == ["shift_lead", "trainer"]


@pytest.mark.clause("ORG-7")
def test_post_is_not_changed_by_hand(session: Session, at: Hiring) -> None:
    with by(at.hr), refused(session, "staff.post_changes_by_approval"):
        at.agent.post = Post.ONLINE_AGENT


@pytest.mark.clause("ORG-7")
def test_transfer_to_another_team_is_a_change_of_post(session: Session, at: Hiring) -> None:
    other = team(session, at.department, "二组")
    trainer = staff(session, at.department, Post.TRAINER, superior=at.manager)
    session.commit()
    with by(at.hr), refused(session, "staff.post_changes_by_approval"):
        at.agent.team_id = other.id
    with by(at.hr):
        at.agent.superior_id = at.manager.id
        trainer.team_id = other.id
        session.commit()


@pytest.mark.clause("ORG-7")
@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"reason": " "}, "reason_is_stated"),
        ({"effective_on": date(2026, 5, 3)}, "effect_lies_ahead"),
        ({"new_superior_id": None}, "new_superior_is_named"),
        ({"new_post": Post.ONLINE_AGENT, "new_team_id": None}, "new_agent_has_a_team"),
    ],
)
def test_incomplete_change_is_refused(session: Session, at: Hiring, values: dict[str, object], rule: str) -> None:
    with clock.fixed_at(NOW), by(at.hr), refused(session, f"post_change.{rule}"):
        change(session, at, **values)


def test_change_changes_something_and_one_at_a_time(session: Session, at: Hiring) -> None:
    with clock.fixed_at(NOW):
        with by(at.hr), refused(session, "post_change.something_changes"):
            change(session, at, new_post=at.agent.post, new_superior_id=at.lead.id)
        with by(at.hr):
            change(session, at)
            session.commit()
            with refused(session, "post_change.one_change_at_a_time"):
                change(session, at, effective_on=date(2026, 7, 1))


def test_who_left_changes_no_post(session: Session, at: Hiring) -> None:
    perform(session, at.agent, "leave", reason="离职")
    session.commit()
    with clock.fixed_at(NOW), by(at.hr), refused(session, "post_change.person_is_present"):
        change(session, at)


@pytest.mark.clause("ORG-7")
def test_approved_change_stays_or_is_withdrawn(session: Session, at: Hiring) -> None:
    made = approved(session, at)
    with clock.fixed_at(NOW), by(at.hr):
        with refused(session, "post_change.approved_change_stays"):
            made.effective_on = date(2026, 5, 10)
        perform(session, made, "withdraw", verdict="本人放弃")
        session.commit()
    with clock.fixed_at(FIRST_MOMENT):
        sweep(session)
    assert (at.agent.post, made.state) == (Post.HOTLINE_AGENT, ChangeState.WITHDRAWN)


@pytest.mark.clause("ORG-7")
def test_change_that_cannot_take_effect_stops_no_other(session: Session, at: Hiring) -> None:
    # Who reports to the shift lead cannot become their superior while they do.
    circle = {"staff_id": at.lead.id, "new_post": Post.SHIFT_LEAD, "new_superior_id": at.agent.id}
    blocked = approved(session, at, **circle, effective_on=date(2026, 5, 19))
    other = approved(session, at, staff_id=at.hr.id, new_post=Post.TRAINER, new_team_id=None)
    with clock.fixed_at(FIRST_MOMENT):
        assert sweep(session).done == 1
        sweep(session)
    assert (blocked.state, other.state) == (ChangeState.APPROVED, ChangeState.IN_EFFECT)
    told = session.scalars(select(Notification).where(Notification.code == "post_change.blocked")).all()
    assert sorted(notice.recipient_id for notice in told) == sorted([at.hr.id, at.manager.id])
    # Whoever writes it does not know in which language it is read.
    assert read_out(told[0], "en").text.endswith("The reporting line would run in a circle. (ORG-1)")
    assert "The reporting line" not in read_out(told[0], "zh_Hans_CN").text


def test_change_of_today_takes_effect_with_its_approval(session: Session, at: Hiring) -> None:
    made = approved(session, at, effective_on=date(2026, 5, 4))
    assert (made.state, at.agent.post) == (ChangeState.IN_EFFECT, Post.SHIFT_LEAD)


def test_person_hears_of_it_when_it_is_approved(session: Session, at: Hiring) -> None:
    with clock.fixed_at(NOW), by(at.hr):
        made = change(session, at)
        session.commit()
    with by(at.agent):
        assert session.scalars(select(PostChange)).all() == []
    with clock.fixed_at(NOW), by(at.manager):
        perform(session, made, "approve")
        session.commit()
    with by(at.agent):
        assert session.scalars(select(PostChange)).all() == [made]


@pytest.mark.clause("ORG-7")
def test_whoever_edits_a_proposal_does_not_approve_it(session: Session, at: Hiring) -> None:
    with clock.fixed_at(NOW):
        with by(at.hr):
            made = change(session, at)
            session.commit()
        with by(at.manager):
            made.effective_on = date(2026, 6, 1)
            session.commit()
            assert objections(session, made, "approve") == ["post_change.somebody_else_than_proposed_by_id_decides"]
        with by(at.hr):
            perform(session, made, "approve")
            session.commit()
    assert (made.state, made.proposed_by_id, made.decided_by_id) == (ChangeState.APPROVED, at.manager.id, at.hr.id)


@pytest.mark.clause("ORG-7")
def test_proposal_handed_to_another_person_is_judged_anew(session: Session, at: Hiring) -> None:
    gone = staff(session, at.department, of=at.team, superior=at.lead)
    busy = staff(session, at.department, of=at.team, superior=at.lead)
    free = staff(session, at.department, of=at.team, superior=at.lead)
    perform(session, gone, "leave", reason="离职")
    session.commit()
    with clock.fixed_at(NOW), by(at.hr):
        change(session, at, staff_id=busy.id)
        made = change(session, at)
        session.commit()
        with refused(session, "post_change.person_is_present"):
            made.staff_id = gone.id
        with refused(session, "post_change.one_change_at_a_time"):
            made.staff_id = busy.id
        made.staff_id = free.id
        session.commit()
    assert made.staff_id == free.id


@pytest.mark.clause("ORG-7")
def test_change_of_whoever_leaves_is_withdrawn(session: Session, at: Hiring) -> None:
    made = approved(session, at)
    other = approved(session, at, staff_id=at.hr.id, new_post=Post.TRAINER, new_team_id=None)
    with by(at.hr):
        perform(session, at.agent, "leave", reason="离职")
        session.commit()
    assert (made.state, other.state) == (ChangeState.WITHDRAWN, ChangeState.APPROVED)
    assert made.verdict
    with clock.fixed_at(FIRST_MOMENT):
        sweep(session)
    assert at.agent.post is Post.HOTLINE_AGENT
