from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.errors import NotAllowedError
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from models.organisation import Post
from models.qa_inspection import FindingState, InspectionState, QaBatch, QaFinding, QaInspection, QaScore, Severity
from models.qa_plan import QaPlan
from models.scorecard import Scorecard, ScorecardItem
from tests.factories.granting import granted
from tests.factories.quality import House, by, drawn, finding, house, inspection_of, told
from tests.factories.refusals import refused


@pytest.fixture
def at(session: Session) -> House:
    made = house(session)
    drawn(session, made)
    return made


@pytest.fixture
def inspection(session: Session, at: House) -> QaInspection:
    return inspection_of(session, at.agent)


@pytest.fixture
def inspector(at: House, inspection: QaInspection) -> object:
    return next(person for person in at.inspectors if person.id == inspection.inspector_id)


@pytest.mark.clause("QA-4")
@pytest.mark.parametrize(
    ("severity", "points"),
    [
        (Severity.MINOR, "1"),
        (Severity.MINOR, "3"),
        (Severity.GENERAL, "4"),
        (Severity.GENERAL, "6"),
        (Severity.SEVERE, "7"),
        (Severity.SEVERE, "10"),
    ],
)
def test_deduction_is_within_its_band(
    session: Session, at: House, inspection: QaInspection, severity: Severity, points: str
) -> None:
    session.add(finding(at, inspection, severity, points))
    session.commit()
    assert inspection.running_score == Decimal(100) - Decimal(points)


@pytest.mark.clause("QA-4")
@pytest.mark.parametrize(
    ("severity", "points"),
    [
        (Severity.MINOR, "0"),
        (Severity.MINOR, "4"),
        (Severity.GENERAL, "3"),
        (Severity.GENERAL, "7"),
        (Severity.SEVERE, "6"),
        (Severity.SEVERE, "11"),
    ],
)
def test_deduction_is_within_its_band_outside(
    session: Session, at: House, inspection: QaInspection, severity: Severity, points: str
) -> None:
    with refused(session, "qa_finding.deduction_is_within_its_band"):
        session.add(finding(at, inspection, severity, points))


@pytest.mark.clause("QA-5")
def test_findings_of_one_record_add_up_and_stop_at_the_floor(
    session: Session, at: House, inspection: QaInspection
) -> None:
    session.add_all([finding(at, inspection, Severity.SEVERE, "10", item=n) for n in range(1, 4)])
    session.commit()
    assert inspection.running_score == 70
    session.add_all([finding(at, inspection, Severity.SEVERE, "10", item=n) for n in range(4, 13)])
    session.commit()
    assert inspection.running_score == 0


@pytest.mark.clause("QA-2")
def test_item_is_on_the_scorecard_of_another_edition(session: Session, at: House, inspection: QaInspection) -> None:
    other = Scorecard(
        department_id=at.department.id, name={"zh": "别", "en": "Other"}, edition="9", bands=at.card.bands
    )
    words = {"zh": "项", "en": "Item"}
    other.items = [
        ScorecardItem(
            department_id=at.department.id, code="x", name=words, category="c", category_name=words, position=1
        )
    ]
    session.add(other)
    session.commit()
    with refused(session, "qa_finding.item_is_on_the_scorecard"):
        wrong = finding(at, inspection)
        wrong.item_id = other.items[0].id
        session.add(wrong)


@pytest.mark.clause("QA-4")
def test_problem_is_stated_blank(session: Session, at: House, inspection: QaInspection) -> None:
    with refused(session, "qa_finding.problem_is_stated"):
        blank = finding(at, inspection)
        blank.problem = "  "
        session.add(blank)


@pytest.mark.clause("QA-6")
def test_findings_are_written_before_hand_in(session: Session, at: House, inspection: QaInspection) -> None:
    session.add(finding(at, inspection))
    session.flush()
    perform(session, inspection, "hand_in")
    session.commit()
    with refused(session, "qa_finding.findings_are_written_before_hand_in"):
        session.add(finding(at, inspection, item=2))
    with refused(session, "qa_finding.findings_are_written_before_hand_in"):
        inspection.findings[0].deduction = Decimal(1)
    with refused(session, "qa_finding.findings_are_written_before_hand_in"):
        session.delete(inspection.findings[0])


@pytest.mark.clause("QA-4")
def test_finding_stays_with_its_record(session: Session, at: House, inspection: QaInspection) -> None:
    session.add(finding(at, inspection))
    session.commit()
    inspection.findings[0].cause = "忙中出错"
    session.commit()
    with refused(session, "gate.settled"):
        inspection.findings[0].inspection_id = inspection_of(session, at.agents[1]).id


@pytest.mark.clause("QA-6")
def test_draft_finding_can_be_taken_back(session: Session, at: House, inspection: QaInspection) -> None:
    session.add(finding(at, inspection))
    session.commit()
    session.delete(inspection.findings[0])
    session.commit()
    assert session.scalar(select(func.count(QaFinding.id))) == 0


@pytest.mark.clause("QA-6")
def test_assigned_inspector_writes_and_hands_in(
    session: Session, at: House, inspection: QaInspection, inspector: object
) -> None:
    with by(inspector):
        session.add(finding(at, inspection))
        session.flush()
        perform(session, inspection, "hand_in")
        session.commit()
    assert (inspection.state, inspection.score) == (InspectionState.HANDED_IN, 98)


@pytest.mark.clause("QA-6")
def test_assigned_inspector_writes_not_another_one(
    session: Session, at: House, inspection: QaInspection, inspector: object
) -> None:
    other = next(person for person in at.inspectors if person is not inspector)
    with by(other), refused(session, "qa_finding.assigned_inspector_writes"):
        session.add(finding(at, inspection))
    with by(other), refused(session, "qa_inspection.assigned_inspector_hands_in"):
        perform(session, inspection, "hand_in")


@pytest.mark.clause("ORG-3")
def test_inspector_is_not_the_agent(session: Session, inspection: QaInspection) -> None:
    with refused(session, "qa_inspection.inspector_is_not_the_agent"):
        inspection.inspector_id = inspection.agent_id


@pytest.mark.clause("ORG-3")
def test_somebody_else_than_the_inspector_reviews(session: Session, at: House, inspection: QaInspection) -> None:
    inspection.inspector_id = at.supervisor.id
    session.commit()
    with by(at.supervisor):
        perform(session, inspection, "hand_in")
        session.commit()
        with refused(session, "qa_inspection.somebody_else_than_inspector_id_decides"):
            perform(session, inspection, "review")


@pytest.mark.clause("QA-3")
def test_inspection_comes_from_a_draw_not_by_hand(session: Session, at: House, inspection: QaInspection) -> None:
    copied = {
        name: getattr(inspection, name)
        for name in ("draw_id", "batch_id", "occurred_at", "inspector_id", "scorecard_id")
    }
    grant = granted("qa_inspection", "create", Role.QA_SUPERVISOR)
    with grant, by(at.supervisor), refused(session, "qa_inspection.inspection_comes_from_a_draw"):
        session.add(
            QaInspection(
                department_id=at.department.id,
                service_record_id=inspection.service_record_id,
                agent_id=at.agent.id,
                **copied,
            )
        )


@pytest.mark.clause("QA-6")
def test_nothing_reaches_the_agent_before_the_review(session: Session, at: House, inspection: QaInspection) -> None:
    session.add(finding(at, inspection))
    session.flush()
    perform(session, inspection, "hand_in")
    session.commit()
    session.expire_all()
    for reader in (at.agent, at.lead):
        with by(reader):
            assert session.scalars(select(QaInspection.id)).all() == []
            assert session.scalars(select(QaFinding.id)).all() == []
    assert session.scalar(select(func.count(Notification.id)).where(Notification.code == "qa.result")) == 0


@pytest.mark.clause("QA-6")
def test_review_tells_the_agent_and_their_superior(session: Session, at: House) -> None:
    inspection = told(session, at)
    told_people = session.scalars(select(Notification.recipient_id).where(Notification.code == "qa.result")).all()
    assert sorted(told_people) == sorted([at.agent.id, at.lead.id])
    notice = session.scalars(select(Notification).where(Notification.code == "qa.result")).first()
    assert notice is not None
    assert (notice.data["number"], notice.data["score"]) == (inspection.service_record.number, "98.00")
    assert "未致歉 (−2)" in notice.data["problems"]
    session.expire_all()
    with by(at.agent):
        assert session.scalars(select(QaInspection.state)).all() == ["reviewed"]
        assert session.scalars(select(QaFinding.state)).all() == [FindingState.TOLD]


@pytest.mark.clause("QA-6")
def test_sent_back_record_is_scored_again(
    session: Session, at: House, inspection: QaInspection, inspector: object
) -> None:
    perform(session, inspection, "hand_in")
    perform(session, inspection, "send_back", reason="证据不足")
    session.commit()
    assert (inspection.state, inspection.score) == (InspectionState.ASSIGNED, None)
    with by(inspector):
        session.add(finding(at, inspection))
        session.commit()


@pytest.mark.clause("QA-6")
def test_shares_are_due_by_week_and_met_by_handing_in(session: Session, at: House) -> None:
    first = session.scalars(select(QaBatch).order_by(QaBatch.week, QaBatch.id)).first()
    assert first is not None
    duty = session.scalars(
        select(Obligation).where(Obligation.kind == "hand_in", Obligation.subject_id == first.id)
    ).one()
    assert (duty.owner_id, duty.due_at) == (first.inspector_id, datetime(2026, 5, 6, 16, tzinfo=UTC))
    for inspection in session.scalars(select(QaInspection).where(QaInspection.batch_id == first.id)).all():
        perform(session, inspection, "hand_in")
    session.commit()
    assert duty.state is ObligationState.MET
    review = session.scalars(
        select(Obligation).where(Obligation.kind == "review", Obligation.subject_id == first.id)
    ).one()
    assert (review.owner_post, review.state) == (Post.QA_SUPERVISOR, ObligationState.OPEN)
    assert review.due_at == datetime(2026, 5, 7, 16, tzinfo=UTC)
    for inspection in session.scalars(select(QaInspection).where(QaInspection.batch_id == first.id)).all():
        perform(session, inspection, "review")
    session.commit()
    assert review.state is ObligationState.MET


@pytest.mark.clause("QA-6")
def test_share_that_is_not_handed_in_is_overdue(session: Session, at: House) -> None:
    with clock.fixed_at(datetime(2026, 5, 6, 16, 1, tzinfo=UTC)):
        sweep(session)
    late = session.scalars(
        select(Obligation).where(Obligation.kind == "hand_in", Obligation.state == ObligationState.OVERDUE)
    ).all()
    assert late
    escalated = session.scalars(
        select(Notification).where(
            Notification.recipient_id == at.supervisor.id, Notification.code == "obligation.escalated"
        )
    ).all()
    assert {notice.obligation_id for notice in escalated} == {duty.id for duty in late}


@pytest.mark.clause("QA-8")
def test_agent_confirms_own_result_only(session: Session, at: House) -> None:
    inspection = told(session, at)
    with by(at.agents[1]), pytest.raises(NotAllowedError):
        perform(session, inspection, "acknowledge")
    with by(at.agent):
        perform(session, inspection, "acknowledge")
        session.commit()
    assert inspection.state is InspectionState.ACCEPTED


@pytest.mark.clause("QA-8")
def test_unused_appeal_window_confirms_the_result(session: Session, at: House) -> None:
    inspection = told(session, at)
    with clock.fixed_at(datetime(2026, 5, 9, 15, 59, tzinfo=UTC)):
        sweep(session)
        assert inspection.state is InspectionState.REVIEWED
    with clock.fixed_at(datetime(2026, 5, 9, 16, 1, tzinfo=UTC)):
        sweep(session)
        assert inspection.state is InspectionState.ACCEPTED


@pytest.mark.clause("QA-8")
def test_first_edition_of_the_score_is_kept(session: Session, at: House) -> None:
    inspection = told(session, at)
    assert session.execute(
        select(QaScore.edition, QaScore.score).where(QaScore.inspection_id == inspection.id)
    ).all() == [(1, Decimal("98.00"))]


@pytest.mark.clause("QA-3")
def test_draw_without_an_inspector_is_refused(session: Session, at: House) -> None:
    plan = session.scalars(select(QaPlan)).one()
    for person in at.inspectors:
        perform(session, person, "suspend", reason="培训")
    session.commit()
    with refused(session, "qa_inspection.somebody_can_score"):
        perform(session, plan, "draw", reason="再抽")
