from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.errors import NotAllowedError
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from models.qa_inspection import QaInspection, Severity
from models.qa_talk import QaTalk, TalkReason
from models.rectification import ManagementMeasure, MeasureState, RectificationTask, TaskState
from tests.factories.granting import granted
from tests.factories.quality import House, by, drawn, finding, house, inspection_of, told
from tests.factories.refusals import refused

DUE = {"minor": 11, "general": 9, "severe": 7}


@pytest.fixture
def at(session: Session) -> House:
    made = house(session)
    drawn(session, made)
    return made


@pytest.fixture
def task(session: Session, at: House) -> RectificationTask:
    told(session, at, Severity.GENERAL, "5")
    return session.scalars(select(RectificationTask)).one()


def duty(session: Session, kind: str) -> Obligation:
    return session.scalars(select(Obligation).where(Obligation.kind == kind)).one()


@pytest.mark.clause("RCT-1")
@pytest.mark.parametrize(
    ("severity", "points"), [(Severity.MINOR, "1"), (Severity.GENERAL, "5"), (Severity.SEVERE, "9")]
)
def test_reviewed_finding_opens_a_task_due_by_severity(
    session: Session, at: House, severity: Severity, points: str
) -> None:
    told(session, at, severity, points)
    opened = session.scalars(select(RectificationTask)).one()
    assert (opened.agent_id, opened.severity) == (at.agent.id, severity)
    assert opened.due_at == datetime(2026, 5, DUE[severity.value], 16, tzinfo=UTC)
    assert duty(session, "rectification").due_at == opened.due_at
    assert session.scalars(
        select(Notification.recipient_id).where(Notification.code == "rectification.opened")
    ).all() == [at.agent.id]


@pytest.mark.clause("RCT-1")
def test_task_is_opened_by_its_finding_not_by_hand(session: Session, at: House, task: RectificationTask) -> None:
    copied = {name: getattr(task, name) for name in ("agent_id", "inspector_id", "severity", "problem", "due_at")}
    with by(at.supervisor), refused(session, "gate.granted"):
        session.add(RectificationTask(finding_id=task.finding_id, **copied))
    with refused(session, "rectification_task.task_is_opened_by_its_finding"):
        session.add(RectificationTask(department_id=at.department.id, **copied))


@pytest.mark.clause("RCT-2")
def test_only_verification_closes_the_task(session: Session, at: House, task: RectificationTask) -> None:
    with by(at.agent):
        perform(session, task, "complete", measures="重听录音，学习话术")
        session.commit()
    assert (task.state, duty(session, "rectification").state) == (TaskState.COMPLETED, ObligationState.MET)
    verification = duty(session, "verification")
    assert (verification.owner_id, verification.state) == (task.inspector_id, ObligationState.OPEN)
    inspector = next(person for person in at.inspectors if person.id == task.inspector_id)
    with by(inspector):
        perform(session, task, "verify", verdict="已改正")
        session.commit()
    assert (task.state, verification.state, task.verified_by_id) == (
        TaskState.VERIFIED,
        ObligationState.MET,
        inspector.id,
    )


@pytest.mark.clause("RCT-2")
def test_measures_are_stated_before_completion(session: Session, at: House, task: RectificationTask) -> None:
    with by(at.agent), refused(session, "rectification_task.measures_are_stated"):
        perform(session, task, "complete", measures=" ")


@pytest.mark.clause("RCT-2")
def test_measures_are_written_while_open(session: Session, at: House, task: RectificationTask) -> None:
    with by(at.agent):
        task.measures = "先写一半"
        session.commit()
        perform(session, task, "complete")
        session.commit()
        with refused(session, "rectification_task.measures_are_written_while_open"):
            task.measures = "改写"


@pytest.mark.clause("RCT-2")
def test_agent_completes_not_a_colleague(session: Session, at: House, task: RectificationTask) -> None:
    with by(at.agents[1]), pytest.raises(NotAllowedError):
        perform(session, task, "complete", measures="代写")


@pytest.mark.clause("RCT-2")
def test_agent_cannot_verify(session: Session, at: House, task: RectificationTask) -> None:
    with by(at.agent):
        perform(session, task, "complete", measures="已改")
        session.commit()
        with pytest.raises(NotAllowedError):
            perform(session, task, "verify", verdict="自查通过")


@pytest.mark.clause("RCT-3")
def test_rejected_rectification_is_due_again_and_asks_for_a_talk(
    session: Session, at: House, task: RectificationTask
) -> None:
    perform(session, task, "complete", measures="已改")
    perform(session, task, "reject", verdict="未见改进")
    session.commit()
    assert (task.state, task.failures) == (TaskState.OPEN, 1)
    assert duty(session, "rectification").state is ObligationState.OPEN
    assert session.scalars(select(QaTalk.reason)).all() == [TalkReason.POOR_RECTIFICATION]
    assert session.scalars(select(ManagementMeasure)).all() == []


@pytest.mark.clause("RCT-3")
def test_overdue_rectification_asks_for_a_talk(session: Session, at: House, task: RectificationTask) -> None:
    with clock.fixed_at(datetime(2026, 5, 9, 16, 1, tzinfo=UTC)):
        sweep(session)
    assert (task.failures, duty(session, "rectification").state) == (1, ObligationState.OVERDUE)
    assert duty(session, "retalk").state is ObligationState.OPEN


@pytest.mark.clause("RCT-3")
def test_second_failure_asks_for_a_management_measure(session: Session, at: House, task: RectificationTask) -> None:
    for _time in range(2):
        perform(session, task, "complete", measures="已改")
        perform(session, task, "reject", verdict="未见改进")
    session.commit()
    measure = session.scalars(select(ManagementMeasure)).one()
    owed = duty(session, "management_measure")
    assert (task.failures, measure.state, owed.state) == (2, MeasureState.OWED, ObligationState.OPEN)
    with by(at.supervisor):
        perform(session, measure, "decide", measure="跟班学习两天")
        session.commit()
    assert (measure.state, owed.state) == (MeasureState.DECIDED, ObligationState.MET)


@pytest.mark.clause("RCT-3")
def test_measure_is_asked_for_by_its_cause_not_by_hand(session: Session, at: House, task: RectificationTask) -> None:
    grant = granted("management_measure", "create", Role.QA_SUPERVISOR)
    with grant, by(at.supervisor), refused(session, "management_measure.measure_is_asked_for_by_its_cause"):
        session.add(ManagementMeasure(task_id=task.id, agent_id=task.agent_id, asked_at=clock.now()))


def second_result(session: Session, at: House, item: int) -> QaInspection:
    """The agent's other drawn record, told with a finding on the given item."""
    other = session.scalars(
        select(QaInspection).where(QaInspection.agent_id == at.agent.id, QaInspection.state == "assigned")
    ).first()
    assert other is not None
    session.add(finding(at, other, item=item))
    session.flush()
    perform(session, other, "hand_in")
    perform(session, other, "review")
    session.commit()
    return other


@pytest.mark.clause("RCT-4")
def test_same_problem_again_is_recurring(session: Session, at: House, task: RectificationTask) -> None:
    assert not task.recurring
    again = second_result(session, at, item=1)
    assert again.findings[0].recurring
    assert session.scalars(
        select(RectificationTask.recurring).where(RectificationTask.finding_id == again.findings[0].id)
    ).one()


@pytest.mark.clause("RCT-4")
def test_another_problem_is_not_recurring(session: Session, at: House, task: RectificationTask) -> None:
    assert not second_result(session, at, item=2).findings[0].recurring
    assert inspection_of(session, at.agent).findings[0].recurring is False
