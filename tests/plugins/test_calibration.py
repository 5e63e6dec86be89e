from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.transitions.performing import perform
from models.calibration import Calibration, CalibrationScore, CalibrationState
from models.obligation import Obligation, ObligationState
from tests.factories.quality import House, by, contact, house
from tests.factories.refusals import refused


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


@pytest.fixture
def calibration(session: Session, at: House) -> Calibration:
    record = contact(at, "C1")
    session.add(record)
    session.flush()
    made = Calibration(
        department_id=at.department.id,
        name="五月校准",
        service_record_id=record.id,
        scorecard_id=at.card.id,
        due_at=clock.now() + timedelta(days=2),
    )
    session.add(made)
    session.commit()
    return made


def score_of(session: Session, person: object) -> CalibrationScore:
    return session.scalars(select(CalibrationScore).where(CalibrationScore.inspector_id == person.id)).one()  # type: ignore[attr-defined]  # a person


@pytest.mark.clause("QA-10")
def test_inspectors_score_blind_and_their_spread_is_shown(
    session: Session, at: House, calibration: Calibration
) -> None:
    perform(session, calibration, "open")
    session.commit()
    scorers = [*at.inspectors, at.supervisor]
    for points, person in zip(("1", "2", "3"), scorers, strict=True):
        session.expire_all()
        with by(person):
            mine = score_of(session, person)
            mine.findings = [{"item_id": at.item().id, "severity": "minor", "deduction": points}]
            session.flush()
            perform(session, mine, "hand_in")
            session.commit()
    perform(session, calibration, "reveal", conclusion="统一尺度")
    session.commit()
    assert calibration.state is CalibrationState.REVEALED
    assert sorted(score.score for score in calibration.scores) == [Decimal(97), Decimal(98), Decimal(99)]
    assert {d.state for d in session.scalars(select(Obligation).where(Obligation.kind == "calibration"))} == {
        ObligationState.MET
    }


@pytest.mark.clause("QA-10")
def test_inspector_sees_own_blind_score_only(session: Session, at: House, calibration: Calibration) -> None:
    perform(session, calibration, "open")
    session.commit()
    session.expire_all()
    with by(at.inspectors[0]):
        assert session.scalars(select(CalibrationScore.inspector_id)).all() == [at.inspectors[0].id]


@pytest.mark.clause("QA-10")
def test_everybody_has_handed_in_before_revealing(session: Session, at: House, calibration: Calibration) -> None:
    perform(session, calibration, "open")
    session.commit()
    with refused(session, "calibration.everybody_has_handed_in"):
        perform(session, calibration, "reveal")


@pytest.mark.clause("QA-10")
def test_enough_inspectors_score(session: Session, at: House, calibration: Calibration) -> None:
    for person in (*at.inspectors, at.supervisor):
        perform(session, person, "suspend", reason="外出培训")
    session.commit()
    with refused(session, "calibration.enough_inspectors_score"):
        perform(session, calibration, "open")


@pytest.mark.clause("QA-10")
def test_due_moment_lies_ahead(session: Session, at: House, calibration: Calibration) -> None:
    with refused(session, "calibration.due_moment_lies_ahead"):
        calibration.due_at = clock.now() - timedelta(hours=1)


@pytest.mark.clause("QA-10", "QA-4")
@pytest.mark.parametrize("change", [{"deduction": "4"}, {"severity": "grave"}, {"item_id": 999_999}, {"item_id": None}])
def test_blind_findings_fit_the_scorecard(
    session: Session, at: House, calibration: Calibration, change: dict[str, object]
) -> None:
    perform(session, calibration, "open")
    session.commit()
    with refused(session, "calibration_score.blind_findings_fit_the_scorecard"):
        score_of(session, at.inspectors[0]).findings = [
            {"item_id": at.item().id, "severity": "minor", "deduction": "2"} | change
        ]
