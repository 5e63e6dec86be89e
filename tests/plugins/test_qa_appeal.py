from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.permissions import Scope, matrix
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from models.qa_appeal import AppealState, QaAppeal
from models.qa_inspection import FindingState, InspectionState, QaInspection, Severity
from models.qa_report import QaReport
from models.qa_talk import QaTalk, TalkState
from models.rectification import RectificationTask, TaskState
from tests.factories.quality import House, by, drawn, house, told
from tests.factories.refusals import refused


@pytest.fixture
def at(session: Session) -> House:
    made = house(session)
    drawn(session, made)
    return made


@pytest.fixture
def inspection(session: Session, at: House) -> QaInspection:
    return told(session, at, Severity.SEVERE, "8")


def filed(session: Session, at: House, inspection: QaInspection, grounds: str = "录音可证") -> QaAppeal:
    with by(at.agent):
        appeal = QaAppeal(inspection_id=inspection.id, grounds=grounds)
        session.add(appeal)
        session.commit()
    return appeal


@pytest.mark.clause("QA-8")
def test_agent_questions_own_result_and_holds_it_open(session: Session, at: House, inspection: QaInspection) -> None:
    appeal = filed(session, at, inspection)
    assert (appeal.state, appeal.score_before, inspection.state) == (
        AppealState.FILED,
        "92.00",
        InspectionState.APPEALED,
    )


@pytest.mark.clause("QA-8")
def test_agent_questions_own_result_not_another_ones(session: Session, at: House, inspection: QaInspection) -> None:
    with by(at.agents[1]), refused(session, "gate.granted"):
        session.add(QaAppeal(inspection_id=inspection.id, grounds="代为申诉"))


@pytest.mark.clause("QA-8")
def test_agent_questions_own_result_even_where_a_lead_may_file(
    session: Session, at: House, inspection: QaInspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(matrix.grants, ("qa_appeal", "create", Role.SHIFT_LEAD), Scope.TEAM)
    with by(at.lead), refused(session, "qa_appeal.agent_questions_own_result"):
        session.add(QaAppeal(inspection_id=inspection.id, grounds="代为申诉"))


@pytest.mark.clause("QA-8")
def test_result_was_told_and_not_settled(session: Session, at: House, inspection: QaInspection) -> None:
    filed(session, at, inspection)
    with by(at.agent), refused(session, "qa_appeal.result_was_told"):
        session.add(QaAppeal(inspection_id=inspection.id, grounds="再次申诉"))


@pytest.mark.clause("QA-8")
def test_appeal_is_in_time_on_the_last_day(session: Session, at: House, inspection: QaInspection) -> None:
    with clock.fixed_at(datetime(2026, 5, 9, 15, 59, tzinfo=UTC)):
        assert filed(session, at, inspection).id


@pytest.mark.clause("QA-8")
def test_appeal_is_in_time_a_minute_late(session: Session, at: House, inspection: QaInspection) -> None:
    with (
        clock.fixed_at(datetime(2026, 5, 9, 16, 1, tzinfo=UTC)),
        by(at.agent),
        refused(session, "qa_appeal.appeal_is_in_time"),
    ):
        session.add(QaAppeal(inspection_id=inspection.id, grounds="录音可证"))


@pytest.mark.clause("QA-8")
def test_grounds_are_stated_blank(session: Session, at: House, inspection: QaInspection) -> None:
    with by(at.agent), refused(session, "qa_appeal.grounds_are_stated"):
        session.add(QaAppeal(inspection_id=inspection.id, grounds=" "))


@pytest.mark.clause("QA-8")
def test_accepted_appeal_changes_score_task_and_talk_and_keeps_both_editions(
    session: Session, at: House, inspection: QaInspection
) -> None:
    appeal = filed(session, at, inspection)
    with by(at.supervisor):
        perform(session, appeal, "accept", answer="复听属实", revised={str(inspection.findings[0].id): "0"})
        session.commit()
    assert (inspection.score, inspection.state) == (Decimal(100), InspectionState.ACCEPTED)
    assert [(e.edition, e.score) for e in inspection.editions] == [(1, Decimal(92)), (2, Decimal(100))]
    assert inspection.findings[0].state is FindingState.WITHDRAWN
    assert session.scalars(select(RectificationTask.state)).all() == [TaskState.CANCELLED]
    assert session.scalars(select(QaTalk.state)).all() == [TalkState.DROPPED]
    answered = session.scalars(select(Notification.recipient_id).where(Notification.code == "qa.appeal_answered")).all()
    assert sorted(answered) == sorted([at.agent.id, inspection.inspector_id])


@pytest.mark.clause("QA-8")
def test_accepted_appeal_may_lower_a_deduction(session: Session, at: House, inspection: QaInspection) -> None:
    appeal = filed(session, at, inspection)
    perform(session, appeal, "accept", answer="减轻", revised={str(inspection.findings[0].id): "7"})
    session.commit()
    assert (inspection.score, inspection.findings[0].deduction) == (Decimal(93), Decimal(7))
    assert session.scalars(select(RectificationTask.state)).all() == [TaskState.OPEN]


@pytest.mark.clause("QA-8")
@pytest.mark.parametrize("points", ["8", "9", "3", "x", None])
def test_acceptance_revises_a_finding_to_fewer_points(
    session: Session, at: House, inspection: QaInspection, points: str | None
) -> None:
    appeal = filed(session, at, inspection)
    revised = {str(inspection.findings[0].id): points} if points else {}
    with refused(session, "qa_appeal.acceptance_revises_a_finding"):
        perform(session, appeal, "accept", answer="—", revised=revised)


@pytest.mark.clause("QA-8")
def test_inspector_does_not_answer(session: Session, at: House, inspection: QaInspection) -> None:
    appeal = filed(session, at, inspection)
    inspector = next(person for person in at.inspectors if person.id == inspection.inspector_id)
    with by(inspector), refused(session, "qa_appeal.somebody_else_than_inspector_id_decides"):
        perform(session, appeal, "reject", answer="维持")


@pytest.mark.clause("QA-8")
def test_rejected_appeal_settles_the_result_unchanged(session: Session, at: House, inspection: QaInspection) -> None:
    appeal = filed(session, at, inspection)
    with by(at.supervisor):
        perform(session, appeal, "reject", answer="维持原结果")
        session.commit()
    assert (inspection.state, inspection.score, len(inspection.editions)) == (InspectionState.ACCEPTED, Decimal(92), 1)


@pytest.mark.clause("QA-8", "QA-9")
def test_accepted_appeal_adds_an_edition_to_the_report(session: Session, at: House, inspection: QaInspection) -> None:
    report = QaReport(department_id=at.department.id, month="2026-05", causes="业务不熟", measures="培训")
    session.add(report)
    session.commit()
    with by(at.supervisor):
        perform(session, report, "submit")
        session.commit()
    with by(at.manager):
        perform(session, report, "approve")
        session.commit()
    appeal = filed(session, at, inspection)
    perform(session, appeal, "accept", answer="属实", revised={str(inspection.findings[0].id): "0"})
    session.commit()
    means = [edition.figures["scores"]["mean"] for edition in report.editions]
    assert means == ["92.00", "92.00", "100.00"]


@pytest.mark.clause("QA-8")
def test_answer_is_due_in_working_days_and_escalates(session: Session, at: House, inspection: QaInspection) -> None:
    appeal = filed(session, at, inspection)
    duty = session.scalars(select(Obligation).where(Obligation.kind == "appeal_answer")).one()
    # 4 and 5 May 2026 are Labour Day holidays, Saturday 9 May is a make-up working day: 6, 7, 8 May are counted.
    assert duty.due_at == datetime(2026, 5, 8, 16, tzinfo=UTC)
    with clock.fixed_at(datetime(2026, 5, 9, 16, 1, tzinfo=UTC)):
        sweep(session)
    assert duty.state is ObligationState.OVERDUE
    perform(session, appeal, "reject", answer="维持")
    session.commit()
    assert duty.state is ObligationState.MET
