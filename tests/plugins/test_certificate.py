from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.certificate import Certificate, CertificateState
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from tests.factories.quality import by
from tests.factories.refusals import objections, refused
from tests.factories.training import School, school

EXPIRY = date(2026, 9, 1)


@pytest.fixture
def at(session: Session) -> School:
    return school(session)


def paper(at: School, **values: object) -> Certificate:
    given = {
        "department_id": at.department.id,
        "staff_id": at.agent.id,
        "name": "普通话水平测试",
        "issuer": "省语委",
        "issued_on": date(2023, 9, 1),
        "expires_on": EXPIRY,
    }
    return Certificate(**{**given, **values})


@pytest.fixture
def held(session: Session, at: School) -> Certificate:
    made = paper(at)
    with by(at.trainer):
        session.add(made)
        session.commit()
    return made


def duty(session: Session) -> Obligation:
    return session.scalars(select(Obligation).where(Obligation.kind == "certificate_expiry")).one()


@pytest.mark.clause("TRN-11")
def test_holder_is_reminded_before_the_expiry(session: Session, at: School, held: Certificate) -> None:
    owed = duty(session)
    assert (owed.owner_id, owed.due_at, held.team_id) == (
        at.agent.id,
        datetime(2026, 9, 1, 16, tzinfo=UTC),
        at.team.id,
    )
    with clock.fixed_at(owed.due_at - timedelta(days=59)):
        sweep(session)
    told = select(Notification.recipient_id).where(Notification.obligation_id == owed.id)
    assert session.scalars(told).all() == [at.agent.id]


@pytest.mark.clause("TRN-11")
def test_lapsed_certificate_is_expired_and_stays_owed(session: Session, held: Certificate) -> None:
    with clock.fixed_at(datetime(2026, 9, 1, 15, 59, tzinfo=UTC)):
        sweep(session)
    assert held.state is CertificateState.VALID
    with clock.fixed_at(datetime(2026, 9, 1, 16, 1, tzinfo=UTC)):
        sweep(session)
        sweep(session)
    session.refresh(held)
    assert (held.state, duty(session).state) == (CertificateState.EXPIRED, ObligationState.OVERDUE)


@pytest.mark.clause("TRN-11")
def test_renewed_certificate_is_followed_by_the_next(session: Session, at: School, held: Certificate) -> None:
    with by(at.trainer):
        assert objections(session, held, "renew", new_issued_on=date(2026, 5, 1), new_expires_on=EXPIRY) == [
            "certificate.renewal_reaches_further"
        ]
        perform(session, held, "renew", new_issued_on=date(2026, 5, 1), new_expires_on=date(2029, 5, 1))
        session.commit()
    fresh = session.scalars(select(Certificate).where(Certificate.state == CertificateState.VALID)).one()
    assert (held.state, fresh.name, fresh.expires_on) == (CertificateState.RENEWED, held.name, date(2029, 5, 1))
    states = session.scalars(select(Obligation.state).order_by(Obligation.id)).all()
    assert states == [ObligationState.MET, ObligationState.OPEN]


@pytest.mark.clause("TRN-11")
def test_withdrawn_certificate_owes_nothing(session: Session, at: School, held: Certificate) -> None:
    with by(at.manager):
        perform(session, held, "withdraw", reason="造假")
        session.commit()
    assert duty(session).state is ObligationState.VOID


@pytest.mark.clause("TRN-11")
@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"expires_on": date(2023, 9, 1)}, "expiry_follows_issue"),
        ({"issued_on": date(2027, 1, 1), "expires_on": None}, "certificate_is_issued"),
    ],
)
def test_dates_are_those_of_the_paper(session: Session, at: School, values: dict[str, object], rule: str) -> None:
    with refused(session, f"certificate.{rule}"):
        session.add(paper(at, **values))


@pytest.mark.clause("TRN-11")
def test_agent_records_no_certificate(session: Session, at: School) -> None:
    with by(at.agent), refused(session, "gate.granted"):
        session.add(paper(at))


@pytest.mark.clause("TRN-11")
def test_nobody_vouches_for_their_own_certificate(session: Session, at: School) -> None:
    with by(at.trainer), refused(session, "certificate.somebody_else_vouches"):
        session.add(paper(at, staff_id=at.trainer.id))
    with by(at.manager):
        mine = paper(at, staff_id=at.trainer.id)
        session.add(mine)
        session.commit()
    for name, value in {"expires_on": None, "course_id": at.course.id, "staff_id": at.agent.id}.items():
        with by(at.trainer), refused(session, "certificate.somebody_else_vouches"):
            setattr(mine, name, value)
    with by(at.trainer):
        mine.number = "A-17"
        session.commit()
        assert objections(session, mine, "renew", new_issued_on=date(2026, 5, 1)) == [
            "certificate.somebody_else_vouches"
        ]
    with by(at.manager):
        perform(session, mine, "renew", new_issued_on=date(2026, 5, 1))
        session.commit()
    assert mine.state is CertificateState.RENEWED


@pytest.mark.clause("TRN-11")
def test_nobody_withdraws_their_own_expired_certificate(session: Session, at: School) -> None:
    with by(at.trainer):
        mine = paper(at, staff_id=at.manager.id, expires_on=date(2024, 9, 1))
        session.add(mine)
        session.commit()
    with by(at.manager):
        assert objections(session, mine, "withdraw", reason="过期") == ["certificate.somebody_else_vouches"]
