from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.obligation import Obligation, ObligationState
from models.qa_inspection import Severity
from models.qa_report import QaReport, ReportState
from tests.factories.quality import House, by, drawn, house, told
from tests.factories.refusals import refused


@pytest.fixture
def at(session: Session) -> House:
    made = house(session)
    drawn(session, made)
    told(session, made, Severity.GENERAL, "5")
    return made


def drafted(session: Session, at: House, **values: object) -> QaReport:
    given = {"department_id": at.department.id, "month": "2026-05", "causes": "业务不熟", "measures": "专题培训"}
    report = QaReport(**(given | values))
    session.add(report)
    session.commit()
    return report


@pytest.mark.clause("QA-9")
def test_report_sums_the_month_from_the_records(session: Session, at: House) -> None:
    figures = drafted(session, at).editions[0].figures
    assert figures["scores"] == {"records": 1, "mean": "95.00", "lowest": "95.00", "highest": "95.00"}
    assert [point["month"] for point in figures["trend"]] == [
        "2025-12",
        "2026-01",
        "2026-02",
        "2026-03",
        "2026-04",
        "2026-05",
    ]
    assert [(row["name"], row["records"], row["mean"]) for row in figures["by_agent"]] == [(at.agent.name, 1, "95.00")]
    assert [(row["item"], row["findings"], row["points"]) for row in figures["by_item"]] == [
        (at.item().code, 1, "5.00")
    ]
    assert figures["by_severity"] == [{"name": "general", "findings": 1}]
    assert figures["rectification"] == {"opened": 1, "verified": 0, "in_time": 0, "failed": 0}


@pytest.mark.clause("QA-9")
def test_department_manager_reviews_what_is_submitted(session: Session, at: House) -> None:
    with by(at.supervisor):
        report = drafted(session, at)
        perform(session, report, "submit")
        session.commit()
    review = session.scalars(select(Obligation).where(Obligation.kind == "qa_report_review")).one()
    assert (report.state, review.state) == (ReportState.SUBMITTED, ObligationState.OPEN)
    with by(at.manager):
        perform(session, report, "approve")
        session.commit()
    assert (report.state, report.approved_by_id, review.state) == (
        ReportState.APPROVED,
        at.manager.id,
        ObligationState.MET,
    )
    with refused(session, "gate.closed_is_closed"):
        report.causes = "改写"


@pytest.mark.clause("QA-9")
@pytest.mark.parametrize("lacking", ["causes", "measures"])
def test_causes_and_measures_are_stated(session: Session, at: House, lacking: str) -> None:
    report = drafted(session, at, **{lacking: " "})
    with refused(session, "qa_report.causes_and_measures_are_stated"):
        perform(session, report, "submit")


@pytest.mark.clause("QA-9")
def test_submitter_does_not_approve(session: Session, at: House) -> None:
    with by(at.manager):
        report = drafted_by_manager(session, at)
    with by(at.manager), refused(session, "qa_report.somebody_else_than_submitted_by_id_decides"):
        perform(session, report, "approve")


def drafted_by_manager(session: Session, at: House) -> QaReport:
    """Submitted in the manager's own name, as a stand-in for a department without a QA supervisor."""
    with by(at.supervisor):
        report = drafted(session, at)
        perform(session, report, "submit")
        report.submitted_by_id = at.manager.id
        session.commit()
    return report


@pytest.mark.clause("QA-9")
@pytest.mark.parametrize("month", ["2026-13", "May", "2026-06"])
def test_reported_month_is_known(session: Session, at: House, month: str) -> None:
    with refused(session, "qa_report.reported_month_is_known"):
        session.add(QaReport(department_id=at.department.id, month=month))


@pytest.mark.clause("QA-9")
def test_report_is_due_on_the_fifth_and_overdue_after_it(session: Session, at: House) -> None:
    sweep(session)
    duty = session.scalars(
        select(Obligation).where(Obligation.kind == "qa_report", Obligation.period == "2026-05")
    ).one()
    assert duty.due_at == datetime(2026, 6, 5, 16, tzinfo=UTC)
    with clock.fixed_at(datetime(2026, 6, 5, 16, 1, tzinfo=UTC)):
        sweep(session)
        assert duty.state is ObligationState.OVERDUE
        perform(session, drafted(session, at), "submit")
        session.commit()
    assert duty.state is ObligationState.MET
