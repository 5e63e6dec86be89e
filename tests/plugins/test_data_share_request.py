from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Door, acting
from engine.clearance import clearances, taken
from engine.errors import NotAllowedError
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.data_share_request import DataShareRequest, ShareState
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from tests.factories.organisation import actor_of
from tests.factories.quality import House, by, house
from tests.factories.refusals import objections, refused

pytestmark = pytest.mark.clause("CNF-4")
LAST_DAY = date(2026, 5, 20)


@pytest.fixture
def at(session: Session) -> House:
    return house(session, packs="Q")


def asked(session: Session, at: House, **values: object) -> DataShareRequest:
    given = {"recipient": "集团审计部", "purpose": "年度审计", "contents": ["qa_inspection"], "expires_on": LAST_DAY}
    with by(at.supervisor):
        made = DataShareRequest(**(given | values))
        session.add(made)
        session.commit()
    return made


def approved(session: Session, at: House, **values: object) -> DataShareRequest:
    made = asked(session, at, **values)
    with by(at.manager):
        perform(session, made, "approve")
        session.commit()
    return made


def open_to(session: Session, at: House, entity: str = "qa_inspection") -> list[int]:
    return [each.record_id for each in clearances(session, entity, actor_of(at.supervisor))]


def test_approved_request_clears_what_it_names_for_whoever_asked(session: Session, at: House) -> None:
    made = asked(session, at)
    assert (made.requester_id, open_to(session, at)) == (at.supervisor.id, [])
    with by(at.manager):
        perform(session, made, "approve", verdict="仅汇总")
        session.commit()
    assert open_to(session, at) == [made.id]
    assert open_to(session, at, "qa_finding") == []
    assert clearances(session, "qa_inspection", actor_of(at.inspectors[0])) == []
    told = session.scalars(select(Notification.code).where(Notification.recipient_id == at.supervisor.id)).all()
    assert "data_share_request.decided" in told


def test_nobody_approves_their_own_request(session: Session, at: House) -> None:
    with by(at.manager):
        made = DataShareRequest(recipient="总部", purpose="核对", contents=["qa_report"], expires_on=LAST_DAY)
        session.add(made)
        session.commit()
        name = "data_share_request.somebody_else_than_requester_id_decides"
        assert objections(session, made, "approve") == [name]
        assert objections(session, made, "reject", verdict="否") == [name]


def test_only_hr_and_the_manager_decide(session: Session, at: House) -> None:
    made = asked(session, at)
    with by(at.inspectors[0]), pytest.raises(NotAllowedError):
        perform(session, made, "approve")


def test_request_states_purpose_recipient_and_known_contents(session: Session, at: House) -> None:
    with by(at.supervisor):
        with refused(session, "data_share_request.purpose_and_recipient_are_stated"):
            session.add(DataShareRequest(recipient=" ", purpose="x", contents=["qa_inspection"], expires_on=LAST_DAY))
        for contents in ([], ["staff"]):
            with refused(session, "data_share_request.contents_are_internal_data"):
                session.add(DataShareRequest(recipient="a", purpose="x", contents=contents, expires_on=LAST_DAY))


@pytest.mark.parametrize("day", [date(2026, 5, 3), date(2026, 6, 4)])
def test_request_ends_within_the_days_allowed(session: Session, at: House, day: date) -> None:
    with by(at.supervisor), refused(session, "data_share_request.expiry_is_within_bounds"):
        session.add(DataShareRequest(recipient="a", purpose="x", contents=["qa_inspection"], expires_on=day))


def test_what_has_run_out_is_not_approved(session: Session, at: House) -> None:
    made = asked(session, at)
    with clock.fixed_at(datetime(2026, 5, 22, tzinfo=UTC)), by(at.manager):
        assert objections(session, made, "approve") == ["data_share_request.request_is_still_of_use"]


def test_taking_is_counted_and_the_data_is_owed_back(session: Session, at: House) -> None:
    made = approved(session, at)
    with by(at.supervisor):
        (clearance,) = clearances(session, "qa_inspection", actor_of(at.supervisor))
        taken(session, clearance, "qa_inspection", 12)
        session.commit()
    assert (made.exports, made.last_export_at) == (1, clock.now())
    duty = session.scalars(select(Obligation).where(Obligation.kind == "share_expiry")).one()
    assert (duty.owner_id, duty.due_at) == (at.supervisor.id, datetime(2026, 5, 20, 16, tzinfo=UTC))
    with clock.fixed_at(datetime(2026, 5, 20, 16, 1, tzinfo=UTC)):
        assert sweep(session).failures == []
        assert (made.state, open_to(session, at), duty.state) == (ShareState.EXPIRED, [], ObligationState.OVERDUE)
        with by(at.inspectors[0]), pytest.raises(NotAllowedError):
            perform(session, made, "close", outcome="已删除")
        with by(at.supervisor):
            perform(session, made, "close", outcome="对方已删除并回函")
            session.commit()
    assert (made.state, duty.state) == (ShareState.CLOSED, ObligationState.MET)


def test_request_under_which_nothing_was_taken_closes_by_itself(session: Session, at: House) -> None:
    made = approved(session, at)
    with clock.fixed_at(datetime(2026, 5, 21, 16, tzinfo=UTC) + timedelta(hours=1)):
        sweep(session)
    assert made.state is ShareState.CLOSED


def test_whoever_asked_withdraws(session: Session, at: House) -> None:
    made = asked(session, at)
    with by(at.supervisor):
        perform(session, made, "withdraw")
        session.commit()
    assert made.state is ShareState.WITHDRAWN


def test_request_of_whoever_has_left_is_closed_by_who_stands_above(session: Session, at: House) -> None:
    with by(at.inspectors[0]):
        made = DataShareRequest(recipient="总部", purpose="核对", contents=["qa_report"], expires_on=LAST_DAY)
        session.add(made)
        session.commit()
    with by(at.manager):
        perform(session, made, "approve")
        session.commit()
    name = "data_share_request.requester_or_successor_closes"
    above = replace(actor_of(at.supervisor), line_ids=frozenset({at.inspectors[0].id}))
    with by(at.manager):
        assert objections(session, made, "close", outcome="已收回") == [name]
    with acting(above, Door.FORM):
        assert session.scalars(select(DataShareRequest)).all() == [made]
        assert objections(session, made, "close", outcome="已收回") == [name]
    perform(session, at.inspectors[0], "leave", reason="离职")
    session.commit()
    with by(at.inspectors[1]), pytest.raises(NotAllowedError):
        perform(session, made, "close", outcome="已收回")
    with by(at.manager):
        perform(session, made, "close", outcome="已收回")
        session.rollback()
    with acting(above, Door.FORM):
        perform(session, made, "close", outcome="已收回")
        session.commit()
    assert made.state is ShareState.CLOSED
