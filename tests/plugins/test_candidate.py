import json
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import attachments, clock
from engine.accounts import joining, one_time
from engine.errors import ConflictError, NotAllowedError, PolicyError
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.accounts import Account, AccountState
from models.attachment import Attachment
from models.audit import AuditEntry
from models.candidate import PERSONAL, Candidate, CheckResult, ClosedCause, Stage
from models.confidentiality_ack import AckState, ConfidentialityAck, Undertaking
from models.course import Course
from models.interview import Round
from models.job_opening import OpeningState
from models.notification import Notification
from models.organisation import Staff, StaffStatus
from models.training_session import Enrolment, EnrolmentReason
from tests.factories.hiring import FIRST_DAY, PHONE, Hiring, brought_to, candidate, hiring, interview, interviewed
from tests.factories.quality import by
from tests.factories.refusals import objections, refused

MOVES = ("invite", "invite_again", "check", "decide", "hire")


@pytest.fixture
def at(session: Session) -> Hiring:
    return hiring(session)


def proposed(session: Session, at: Hiring) -> Candidate:
    made = brought_to(session, at, Stage.DECISION)
    with by(at.hr):
        perform(session, made, "propose", offered_pay="7000", starts_on=FIRST_DAY)
        session.commit()
    return made


def approved(session: Session, at: Hiring) -> Candidate:
    made = proposed(session, at)
    with by(at.manager):
        perform(session, made, "approve")
        session.commit()
    return made


def hired(session: Session, at: Hiring, made: Candidate) -> Staff:
    with by(at.hr):
        perform(session, made, "hire", number="S9001", login="S9001")
        session.commit()
    return session.scalars(select(Staff).where(Staff.number == "S9001")).one()


@pytest.mark.clause("HIRE-2")
def test_candidate_passes_the_stages_in_their_order(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.DECISION)
    reached = [made.entered_at(stage) is not None for stage in list(Stage)[:5]]
    assert (made.stage, reached) == (Stage.DECISION, [True] * 5)


@pytest.mark.clause("HIRE-2")
@pytest.mark.parametrize("stage", [Stage.SCREENING, Stage.FIRST_INTERVIEW, Stage.SECOND_INTERVIEW])
def test_no_stage_is_skipped(session: Session, at: Hiring, stage: Stage) -> None:
    made = brought_to(session, at, stage)
    here = list(Stage).index(stage)
    for move in MOVES[here + 1 :]:
        with by(at.hr), pytest.raises(ConflictError):
            perform(session, made, move, number="1", login="x")
    with by(at.hr), refused(session, "gate.state_by_transition"):
        made.stage = Stage.DECISION


@pytest.mark.clause("HIRE-2")
def test_rejection_needs_a_reason(session: Session, at: Hiring) -> None:
    made = candidate(session, at)
    session.commit()
    with by(at.hr):
        assert objections(session, made, "reject", closed_cause=ClosedCause.PAY, closed_reason=" ") == [
            "candidate.reject.asks_closed_reason"
        ]
        perform(session, made, "reject", closed_cause=ClosedCause.PAY, closed_reason="期望过高")
        session.commit()
    assert (made.stage, made.closed_cause) == (Stage.REJECTED, ClosedCause.PAY)
    with by(at.hr), refused(session, "gate.closed_is_closed"):
        made.name = "别人"


@pytest.mark.clause("HIRE-2")
@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("application_has_arrived", {"applied_on": date(2026, 5, 5)}),
        ("phone_can_be_dialled", {"phone": "abc"}),
        ("email_can_be_written_to", {"email": "zhao.example.org"}),
    ],
)
def test_application_that_cannot_be_is_refused(
    session: Session, at: Hiring, rule: str, values: dict[str, object]
) -> None:
    with clock.fixed_at(datetime(2026, 5, 4, 2, 0, tzinfo=UTC)), by(at.hr):
        candidate(session, at, applied_on=date(2026, 5, 4), phone="010-6655 4433 转 801", email="a.b@example.org")
        with refused(session, f"candidate.{rule}"):
            candidate(session, at, **values)


@pytest.mark.clause("HIRE-4")
def test_nobody_starts_before_the_hire_is_decided(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.DECISION)
    today = clock.day_in(at.department.timezone, clock.now())
    with by(at.hr):
        assert objections(session, made, "propose", offered_pay="7000", starts_on=today - timedelta(days=1)) == [
            "candidate.first_day_lies_ahead"
        ]
        perform(session, made, "propose", offered_pay="7000", starts_on=today)
        session.commit()
    assert made.starts_on == today


@pytest.mark.clause("HIRE-3")
def test_second_round_waits_for_every_sheet_of_the_first(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.FIRST_INTERVIEW)
    with by(at.hr):
        assert objections(session, made, "invite_again") == ["candidate.first_round_is_passed"]
    interviewed(session, at, made, Round.FIRST)
    interview(session, at, made, Round.FIRST, at.manager)
    with by(at.hr):
        assert objections(session, made, "invite_again") == ["candidate.first_round_is_passed"]


@pytest.mark.clause("HIRE-3")
@pytest.mark.parametrize(("points", "passes"), [(59, False), (60, True)])
def test_background_check_needs_both_rounds_passed(session: Session, at: Hiring, points: int, passes: bool) -> None:
    made = brought_to(session, at, Stage.SECOND_INTERVIEW)
    with by(at.hr):
        assert objections(session, made, "check") == ["candidate.second_round_is_passed"]
    interviewed(session, at, made, Round.SECOND, points)
    with by(at.hr):
        if passes:
            perform(session, made, "check")
        else:
            assert objections(session, made, "check") == ["candidate.second_round_is_passed"]
    assert (made.stage is Stage.BACKGROUND_CHECK) == passes


@pytest.mark.clause("HIRE-4")
def test_decision_needs_a_check_that_passed(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.BACKGROUND_CHECK)
    with by(at.hr):
        assert objections(session, made, "decide") == ["candidate.background_is_checked"]
        assert objections(session, made, "record_check", check_result=CheckResult.PASSED) == [
            "candidate.record_check.asks_check_evidence"
        ]
        perform(session, made, "record_check", check_result=CheckResult.FAILED, check_evidence="学历不实")
        assert objections(session, made, "decide") == ["candidate.background_is_checked"]


@pytest.mark.clause("HIRE-4")
def test_hire_is_approved_by_somebody_else(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.DECISION)
    with by(at.manager):
        assert "candidate.hire_is_proposed" in objections(session, made, "approve")
        perform(session, made, "propose", offered_pay="7000", starts_on=FIRST_DAY)
        assert objections(session, made, "approve") == ["candidate.somebody_else_than_proposed_by_id_decides"]
    with by(at.hr):
        assert "candidate.hire_is_approved" in objections(session, made, "hire", number="S1", login="s1")
        perform(session, made, "approve")
        assert made.approved_by_id == at.hr.id
        # Another offer is another decision.
        perform(session, made, "propose", offered_pay="9000", starts_on=FIRST_DAY)
    assert (made.approved_by_id, made.approved_at) == (None, None)


@pytest.mark.clause("HIRE-4")
def test_proposal_reaches_somebody_who_may_approve_it(session: Session, at: Hiring) -> None:
    made = brought_to(session, at, Stage.DECISION)
    query = select(Notification.recipient_id).where(Notification.code == "candidate.to_approve")
    for proposer, approver in ((at.hr, at.manager), (at.manager, at.hr)):
        with by(proposer):
            perform(session, made, "propose", offered_pay="7000", starts_on=FIRST_DAY)
            session.commit()
        assert session.scalars(query.order_by(Notification.id.desc())).first() == approver.id
    assert len(session.scalars(query).all()) == 2


@pytest.mark.clause("HIRE-1")
def test_filled_opening_is_closed_with_a_reason_in_the_departments_language(session: Session, at: Hiring) -> None:
    at.department.language = "en"
    session.commit()
    hired(session, at, approved(session, at))
    assert at.opening.state is OpeningState.CLOSED
    closed = select(AuditEntry).where(AuditEntry.entity == "job_opening", AuditEntry.action == "close")
    assert session.scalars(closed).one().changes["reason"] == [None, "Hire"]


@pytest.mark.clause("HIRE-4", "ORG-1")
def test_one_press_makes_the_trainee_and_the_invitation(session: Session, at: Hiring) -> None:
    made = approved(session, at)
    person = hired(session, at, made)
    account = session.scalars(select(Account).where(Account.staff_id == person.id)).one()
    assert (person.status, person.name, person.phone) == (StaffStatus.TRAINEE, "赵小川", PHONE)
    assert (person.post, person.team_id, person.superior_id) == (at.opening.post, at.team.id, at.lead.id)
    assert (person.hire_date, made.staff_id, made.stage) == (FIRST_DAY, person.id, Stage.HIRED)
    assert (account.state, account.login, account.roles) == (AccountState.INVITED, "s9001", ["agent"])
    secret = joining.handed_over(session, account.id)
    assert secret is not None
    assert one_time.holder_of(session, secret) is account
    assert joining.handed_over(session, account.id) is None
    assert at.opening.state is OpeningState.CLOSED


def account_of(session: Session, person: Staff) -> Account:
    return session.scalars(select(Account).where(Account.staff_id == person.id)).one()


@pytest.mark.clause("HIRE-4")
def test_invitation_is_issued_again_until_the_account_is_opened(session: Session, at: Hiring) -> None:
    made = approved(session, at)
    person = hired(session, at, made)
    account = account_of(session, person)
    earlier = joining.handed_over(session, account.id) or ""
    with by(at.hr):
        perform(session, made, "invite_to_account")
        session.commit()
    with pytest.raises(one_time.SpentError):
        one_time.holder_of(session, earlier)
    secret = joining.handed_over(session, account.id) or ""
    with by(at.lead), pytest.raises(NotAllowedError):
        perform(session, made, "invite_to_account")
    one_time.redeem(session, secret, "a long and quiet river")
    session.commit()
    with by(at.hr):
        assert objections(session, made, "invite_to_account") == ["candidate.account_waits_for_its_person"]


@pytest.mark.clause("HIRE-4", "ORG-6")
def test_nobody_takes_over_more_rights_than_the_hire_gave_by_an_invitation(session: Session, at: Hiring) -> None:
    made = approved(session, at)
    account_of(session, hired(session, at, made)).roles = ["agent", "administrator"]
    session.commit()
    with by(at.hr):
        assert objections(session, made, "invite_to_account") == ["candidate.account_waits_for_its_person"]


@pytest.mark.clause("HIRE-4", "TRN-2", "CNF-1")
def test_hire_brings_onboarding_and_the_undertaking_in_the_same_transaction(session: Session, at: Hiring) -> None:
    version = session.scalars(select(Undertaking).where(Undertaking.department_id == at.department.id)).one()
    perform(session, version, "publish")
    session.commit()
    sweep(session)
    made = approved(session, at)
    with by(at.hr):
        perform(session, made, "hire", number="S9001", login="s9001")
        session.rollback()
    assert joined_with(session, "S9001") == (0, 0, 0, 0)
    with by(at.hr):
        perform(session, made, "hire", number="S9001", login="s9001")
        session.commit()
    onboarding = session.scalar(select(func.count(Course.id)).where(Course.is_onboarding.is_(True)))
    assert onboarding
    assert joined_with(session, "S9001") == (1, 1, onboarding, 1)


def joined_with(session: Session, number: str) -> tuple[int, int, int, int]:
    """How many staff records, accounts, enrolments and undertakings to sign there are of the number."""
    session.expire_all()
    mine = select(Staff.id).where(Staff.number == number)
    counts = (
        select(func.count(Staff.id)).where(Staff.number == number),
        select(func.count(Account.id)).where(Account.staff_id.in_(mine)),
        select(func.count(Enrolment.id)).where(
            Enrolment.staff_id.in_(mine), Enrolment.reason == EnrolmentReason.ONBOARDING
        ),
        select(func.count(ConfidentialityAck.id)).where(
            ConfidentialityAck.staff_id.in_(mine), ConfidentialityAck.state == AckState.OWED
        ),
    )
    staff, accounts, enrolments, acks = (session.scalar(query) or 0 for query in counts)
    return staff, accounts, enrolments, acks


@pytest.mark.clause("HIRE-4")
def test_hire_that_breaks_anywhere_leaves_nothing_behind(session: Session, at: Hiring) -> None:
    made = approved(session, at)
    with by(at.hr), pytest.raises(PolicyError):
        # The login is malformed: the account is refused after the staff record was written.
        perform(session, made, "hire", number="S9001", login="not a login")
    session.rollback()
    assert session.scalars(select(Staff).where(Staff.number == "S9001")).all() == []
    assert session.get_one(Candidate, made.id).stage is Stage.DECISION


def test_nobody_is_hired_through_a_closed_opening(session: Session, at: Hiring) -> None:
    made = approved(session, at)
    perform(session, at.opening, "close", reason="编制取消")
    with by(at.hr):
        assert objections(session, made, "hire", number="S1", login="s1") == ["candidate.opening_still_stands"]


def test_same_phone_applies_once_for_an_opening(session: Session, at: Hiring) -> None:
    candidate(session, at)
    session.commit()
    with by(at.hr), refused(session, "candidate.applies_once"):
        candidate(session, at, name="赵大川")
    with by(at.hr):
        candidate(session, at, phone="13900005678")


def test_application_stays_with_its_opening_and_has_a_name(session: Session, at: Hiring) -> None:
    made = candidate(session, at)
    session.commit()
    with by(at.hr), refused(session, "candidate.candidate_is_named"):
        made.name = " "
    with by(at.hr), refused(session, "candidate.candidate_stays_with_the_opening"):
        session.add(other := type(at.opening)(**_copied(at.opening)))
        session.flush()
        made.opening_id = other.id


def _copied(opening: object) -> dict[str, object]:
    return {name: getattr(opening, name) for name in ("department_id", "name", "post", "headcount")}


@pytest.mark.clause("HIRE-2")
def test_rejected_are_forgotten_after_the_time_set_and_counted_on(session: Session, at: Hiring, tmp_path: Path) -> None:
    made = brought_to(session, at, Stage.SECOND_INTERVIEW)
    made.interviews[0].remark = "表达流畅"
    file = attachments.keep(session, tmp_path, made, "赵小川简历.pdf", BytesIO(b"%PDF-1.7 resume"))
    session.commit()
    perform(session, made, "reject", closed_cause=ClosedCause.INTERVIEW, closed_reason="赵小川复试未到场")
    session.commit()
    stored, closed = file.stored, made.closed_at
    assert closed is not None
    with clock.fixed_at(closed + timedelta(days=180) - timedelta(minutes=1)):
        sweep(session)
        session.refresh(made)
        assert made.name == "赵小川"
    with clock.fixed_at(closed + timedelta(days=180)):
        assert (sweep(session).done, sweep(session).done) == (1, 0)
    session.refresh(made)
    assert {getattr(made, name) for name in PERSONAL} == {None}
    assert made.interviews[0].remark is None
    assert (made.stage, made.closed_cause, made.erased_at) == (
        Stage.REJECTED,
        ClosedCause.INTERVIEW,
        closed + timedelta(days=180),
    )
    assert made.second_interview_at is not None
    assert session.scalars(select(Attachment)).all() == []
    # Files that no row names any more leave the disk with the next tidying up.
    with clock.fixed_at(datetime.now(UTC) + timedelta(days=400)):
        attachments.sweep(session, tmp_path)
    assert not (tmp_path / stored).exists()
    kept = json.dumps([[e.record_title, e.changes] for e in session.scalars(select(AuditEntry))], ensure_ascii=False)
    assert "赵小川" not in kept
    assert PHONE not in kept
    assert "erase" in session.scalars(select(AuditEntry.action)).all()


def test_under_way_and_hired_are_not_forgotten(session: Session, at: Hiring) -> None:
    made = approved(session, at)
    hired(session, at, made)
    other = session.get_one(Candidate, made.id)
    with clock.fixed_at(clock.now() + timedelta(days=3000)):
        sweep(session)
    assert other.name == "赵小川"


def test_only_hr_moves_candidates(session: Session, at: Hiring) -> None:
    made = candidate(session, at)
    session.commit()
    for person in (at.lead, at.agent, at.manager):
        with by(person), pytest.raises(NotAllowedError):
            perform(session, made, "invite")


def test_candidates_are_seen_by_hr_and_who_interviews_them(session: Session, at: Hiring) -> None:
    mine = brought_to(session, at, Stage.FIRST_INTERVIEW)
    candidate(session, at, phone="13900005678")
    interview(session, at, mine, Round.FIRST, at.lead)
    session.commit()
    seen = {}
    for person in (at.hr, at.lead, at.agent):
        with by(person):
            seen[person.name] = len(session.scalars(select(Candidate)).all())
    assert seen == {"何静": 2, "林涛": 1, "张伟": 0}
