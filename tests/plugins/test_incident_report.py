from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts.actor import actor_for
from engine.acting import Door, Role, acting
from engine.errors import NotAllowedError
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.audit import AuditEntry
from models.incident_report import IncidentReport, ReportState
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from models.organisation import Post, Staff
from tests.factories.accounts import account
from tests.factories.granting import granted
from tests.factories.hiring import Hiring, hiring
from tests.factories.organisation import staff
from tests.factories.quality import by
from tests.factories.refusals import objections, refused


@pytest.fixture
def at(session: Session) -> Hiring:
    return hiring(session)


def report(session: Session, sender: Staff, **values: object) -> IncidentReport:
    """What somebody reports in their own name; rolled-back tests commit by themselves."""
    with by(sender):
        made = IncidentReport(
            **({"name": "系统登录异常", "what": "三名坐席无法登录。", "occurred_at": clock.now()} | values)
        )
        session.add(made)
        session.commit()
    return made


def skipped(session: Session, at: Hiring) -> IncidentReport:
    return report(session, at.agent, addressee_id=at.manager.id, emergency=True, why_emergency="机房冒烟，班长不在。")


def duty(session: Session) -> Obligation:
    return session.scalars(select(Obligation).where(Obligation.kind == "followup_report")).one()


def told(session: Session, code: str) -> list[int]:
    return list(session.scalars(select(Notification.recipient_id).where(Notification.code == code)))


@pytest.mark.clause("ORG-4")
def test_report_goes_to_the_direct_superior(session: Session, at: Hiring) -> None:
    made = report(session, at.agent)
    assert (made.addressee_id, made.direct_superior_id, made.skipped) == (at.lead.id, at.lead.id, False)
    assert told(session, "incident.reported") == [at.lead.id]
    assert session.scalars(select(Obligation).where(Obligation.kind == "followup_report")).all() == []


@pytest.mark.clause("ORG-4")
def test_level_is_skipped_in_an_emergency_only(session: Session, at: Hiring) -> None:
    with refused(session, "incident_report.skipping_is_an_emergency"):
        report(session, at.agent, addressee_id=at.manager.id)
    with refused(session, "incident_report.skipping_is_an_emergency"):
        report(session, at.agent, addressee_id=at.manager.id, emergency=True, why_emergency=" ")
    assert skipped(session, at).skipped
    assert told(session, "incident.emergency") == [at.manager.id]


@pytest.mark.clause("ORG-4")
def test_report_goes_up_the_line_and_nowhere_else(session: Session, at: Hiring) -> None:
    for other in (at.hr, at.agent):
        with refused(session, "incident_report.addressee_stands_above"):
            report(session, at.agent, addressee_id=other.id, emergency=True, why_emergency="急")


@pytest.mark.clause("ORG-4")
def test_skipped_superior_is_owed_a_report_within_the_hours(session: Session, at: Hiring) -> None:
    made = skipped(session, at)
    owed = duty(session)
    assert (owed.owner_id, owed.due_at) == (at.agent.id, made.reported_at + timedelta(hours=24))
    follow_up = report(session, at.agent, follow_up_of_id=made.id)
    session.refresh(made)
    assert (follow_up.addressee_id, made.followed_up_at) == (at.lead.id, follow_up.reported_at)
    assert duty(session).state is ObligationState.MET


@pytest.mark.clause("ORG-4")
def test_owed_report_is_reminded_of_and_escalated(session: Session, at: Hiring) -> None:
    owed = (skipped(session, at), duty(session))[1]
    reached = []
    for hours in (20, 24, 48):
        with clock.fixed_at(owed.due_at + timedelta(hours=hours - 24)):
            sweep(session)
            query = select(Notification.recipient_id).where(Notification.obligation_id == owed.id)
            reached.append(set(session.scalars(query)))
    assert duty(session).state is ObligationState.OVERDUE
    assert reached == [{at.agent.id}, {at.agent.id, at.lead.id}, {at.agent.id, at.lead.id, at.manager.id}]


@pytest.mark.clause("ORG-4")
def test_follow_up_goes_to_who_was_passed_over(session: Session, at: Hiring) -> None:
    made, plain = skipped(session, at), report(session, at.agent)
    rule = "incident_report.follow_up_reaches_who_was_skipped"
    with refused(session, rule):
        report(
            session, at.agent, follow_up_of_id=made.id, addressee_id=at.manager.id, emergency=True, why_emergency="急"
        )
    with refused(session, rule):
        report(session, at.agent, follow_up_of_id=plain.id)


def test_report_is_of_the_past_and_ones_own(session: Session, at: Hiring) -> None:
    with refused(session, "incident_report.incident_has_happened"):
        report(session, at.agent, occurred_at=clock.now() + timedelta(hours=1))
    colleague = staff(session, at.department, of=at.team, superior=at.lead)
    with refused(session, "gate.granted"):
        report(session, at.agent, sender_id=colleague.id)


def test_sent_report_stays(session: Session, at: Hiring) -> None:
    made = report(session, at.agent)
    grant = granted("incident_report", "edit", Role.AGENT)
    with grant, by(at.agent), refused(session, "incident_report.sent_report_stays"):
        made.what = "没有的事"


@pytest.mark.clause("ORG-4")
def test_addressee_answers_or_passes_it_up_one_level(session: Session, at: Hiring) -> None:
    made = report(session, at.agent)
    with by(at.manager), pytest.raises(NotAllowedError):
        perform(session, made, "reply", answer="已处理")
    with by(at.agent):
        # It is their own report: the role lets them, the clause does not.
        assert objections(session, made, "reply", answer="已处理") == ["incident_report.addressee_acts"]
    with by(at.lead):
        perform(session, made, "pass_up", remark="超出班组权限")
        session.commit()
    assert (made.addressee_id, made.levels) == (at.manager.id, 1)
    with by(at.manager):
        assert objections(session, made, "pass_up", remark="再上报") == ["incident_report.somebody_stands_above"]
        perform(session, made, "reply", answer="已联系信息部修复")
        session.commit()
    assert made.state is ReportState.ANSWERED
    assert told(session, "incident.answered") == [at.agent.id]


@pytest.mark.clause("ORG-4")
def test_report_is_seen_by_sender_addressee_and_who_stands_above(session: Session, at: Hiring) -> None:
    other_lead = staff(session, at.department, Post.SHIFT_LEAD, superior=at.manager)
    colleague = staff(session, at.department, of=at.team, superior=at.lead)
    report(session, at.agent)
    seen = {}
    for person in (at.agent, at.lead, at.manager, other_lead, colleague, at.hr):
        holder = actor_for(session, account(session, person))
        session.commit()
        with acting(holder, Door.FORM):
            seen[person.id] = len(session.scalars(select(IncidentReport)).all())
    assert seen == {at.agent.id: 1, at.lead.id: 1, at.manager.id: 1, other_lead.id: 0, colleague.id: 0, at.hr.id: 0}


def leaves(session: Session, at: Hiring, person: Staff) -> None:
    with by(at.hr):
        perform(session, person, "leave", reason="离职")
        session.commit()


@pytest.mark.clause("ORG-4")
def test_report_to_somebody_who_leaves_goes_up_one_level(session: Session, at: Hiring) -> None:
    made, answered = report(session, at.agent), report(session, at.agent, name="工单积压")
    with by(at.lead):
        perform(session, answered, "reply", answer="已处理")
        session.commit()
    leaves(session, at, at.lead)
    assert (made.addressee_id, made.levels, answered.addressee_id) == (at.manager.id, 1, at.lead.id)
    assert told(session, "incident.reported") == [at.lead.id, at.lead.id, at.manager.id]
    with by(at.manager):
        perform(session, made, "reply", answer="已联系信息部修复")
        session.commit()
    # The line runs over whoever has left.
    assert report(session, at.agent, name="耳机损坏").addressee_id == at.manager.id


@pytest.mark.clause("ORG-4")
def test_report_to_the_topmost_who_leaves_waits_for_their_successor(session: Session, at: Hiring) -> None:
    made = report(session, at.lead)
    leaves(session, at, at.manager)
    sweep(session)
    assert (made.addressee_id, made.state) == (at.manager.id, ReportState.REPORTED)
    successor = staff(session, at.department, Post.MANAGER, name="钱进")
    session.commit()
    sweep(session)
    sweep(session)
    assert (made.addressee_id, made.levels) == (successor.id, 1)
    assert told(session, "incident.reported") == [at.manager.id, successor.id]
    moved = select(AuditEntry.changes).where(AuditEntry.entity == "incident_report", AuditEntry.action == "pass_up")
    assert session.scalars(moved).one()["addressee_id"] == [at.manager.id, successor.id]


@pytest.mark.clause("ORG-4")
def test_report_to_the_topmost_who_leaves_goes_to_who_shares_the_post(session: Session, at: Hiring) -> None:
    second = staff(session, at.department, Post.MANAGER, name="钱进")
    made = report(session, at.lead)
    leaves(session, at, at.manager)
    assert made.addressee_id == second.id
