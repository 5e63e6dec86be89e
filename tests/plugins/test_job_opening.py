import pytest
from sqlalchemy.orm import Session

from engine.transitions.performing import perform
from models.job_opening import JobOpening, OpeningState
from tests.factories.hiring import Hiring, candidate, hiring, opening
from tests.factories.quality import by
from tests.factories.refusals import objections, refused


@pytest.fixture
def at(session: Session) -> Hiring:
    return hiring(session)


def draft(session: Session, at: Hiring, **values: object) -> JobOpening:
    made = opening(at.department, at.team, at.lead, name="在线客服", **values)
    session.add(made)
    session.flush()
    return made


@pytest.mark.clause("HIRE-1")
@pytest.mark.parametrize("part", ["duties", "requirements", "pay", "benefits"])
def test_opening_states_everything_before_it_is_published(session: Session, at: Hiring, part: str) -> None:
    made = draft(session, at, **{part: " "})
    assert objections(session, made, "publish") == [f"job_opening.{part}_stated"]
    setattr(made, part, "写明")
    with by(at.hr):
        perform(session, made, "publish")
        session.commit()
    assert (made.state, made.published_at is not None) == (OpeningState.PUBLISHED, True)


@pytest.mark.clause("HIRE-1")
def test_opening_says_where_the_new_person_will_stand(session: Session, at: Hiring) -> None:
    made = draft(session, at, team_id=None, superior_id=None)
    assert objections(session, made, "publish") == ["job_opening.superior_is_named", "job_opening.team_is_named"]


@pytest.mark.clause("HIRE-1")
def test_candidate_is_attached_to_a_published_opening_only(session: Session, at: Hiring) -> None:
    assert candidate(session, at).opening_id == at.opening.id
    made = draft(session, at)
    session.commit()
    with by(at.hr), refused(session, "candidate.opening_is_published"):
        candidate(session, at, opening_id=made.id)
    perform(session, made, "publish")
    perform(session, made, "close", reason="编制取消")
    session.commit()
    with by(at.hr), refused(session, "candidate.opening_is_published"):
        candidate(session, at, opening_id=made.id)


@pytest.mark.clause("HIRE-1")
def test_published_opening_stays_as_it_was_published(session: Session, at: Hiring) -> None:
    with by(at.hr):
        at.opening.headcount = 3
        session.commit()
        with refused(session, "job_opening.published_opening_stays"):
            at.opening.pay = "面议"


def test_opening_is_for_somebody(session: Session, at: Hiring) -> None:
    with refused(session, "job_opening.somebody_is_looked_for"):
        draft(session, at, headcount=0)
