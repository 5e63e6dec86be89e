from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts.actor import actor_for
from engine.acting import Role
from engine.errors import NotAllowedError
from engine.gate.bypass import maintenance_write
from engine.on_post import impediments
from engine.permissions import Sight, matrix
from engine.registry import registry
from engine.sweep import sweep
from engine.transitions.performing import objections as objections_to
from engine.transitions.performing import perform
from models.confidentiality_ack import AckCause, AckState, ConfidentialityAck, Undertaking, UndertakingState
from models.notification import Notification
from models.obligation import Obligation, ObligationState
from models.organisation import Post, Staff, StaffStatus
from plugins.confidentiality_ack.checking import doubtful, verify_signatures
from plugins.confidentiality_ack.signing import doubts
from tests.factories.accounts import account
from tests.factories.confidential import Signers, ack_of, next_version, publish, sign, signers, undertaking_of
from tests.factories.organisation import staff, team
from tests.factories.quality import by
from tests.factories.refusals import objections, refused

pytestmark = pytest.mark.clause("CNF-1")
NOW = datetime(2026, 5, 4, 2, 0, tzinfo=UTC)
IN_SEVEN_DAYS = datetime(2026, 5, 11, 16, tzinfo=UTC)


@pytest.fixture
def at(session: Session) -> Signers:
    return signers(session)


def sees_customers(session: Session, person: object) -> bool:
    holder = account(session, person, Role.AGENT)  # type: ignore[arg-type]  # a member of staff
    return actor_for(session, holder).sees_customers


def duty(session: Session, ack: ConfidentialityAck) -> Obligation:
    return session.scalars(
        select(Obligation).where(Obligation.kind == "confidentiality_ack", Obligation.subject_id == ack.id)
    ).one()


def test_adoption_brings_a_draft_and_asks_nobody_yet(session: Session, at: Signers) -> None:
    draft = undertaking_of(session, at)
    assert (draft.number, draft.state) == (1, UndertakingState.DRAFT)
    assert "客户" in draft.text_zh
    assert "customers" in draft.text_en
    assert session.scalar(select(func.count(ConfidentialityAck.id))) == 0
    assert sees_customers(session, at.agent)


def test_publishing_asks_everybody_within_the_days_set(session: Session, at: Signers) -> None:
    version = publish(session, at)
    assert (version.state, version.published_by_id) == (UndertakingState.IN_FORCE, at.manager.id)
    acks = session.scalars(select(ConfidentialityAck)).all()
    assert {ack.staff_id for ack in acks} == {p.id for p in (at.manager, at.hr, at.lead, at.agent, at.other)}
    mine = ack_of(session, at.agent)
    assert (mine.due_at, mine.cause, duty(session, mine).due_at) == (IN_SEVEN_DAYS, AckCause.JOINING, IN_SEVEN_DAYS)
    told = session.scalars(select(Notification).where(Notification.recipient_id == at.agent.id)).all()
    assert [notice.code for notice in told] == ["confidentiality_ack.to_sign"]


def test_author_does_not_publish_their_own_draft(session: Session, at: Signers) -> None:
    publish(session, at)
    made = next_version(session, at)
    with by(at.hr):
        assert objections(session, made, "publish") == ["undertaking.somebody_else_than_drafted_by_id_decides"]


def test_published_text_is_frozen(session: Session, at: Signers) -> None:
    version = publish(session, at)
    with by(at.hr), refused(session, "gate.closed_is_closed"):
        version.text_zh = "别的"


def test_text_is_needed_in_both_languages(session: Session, at: Signers) -> None:
    with by(at.hr), refused(session, "undertaking.text_stands_in_both_languages"):
        session.add(
            Undertaking(name={"zh": "承诺书", "en": "U"}, text_zh="正文", text_en=" ", effective_on=date(2026, 6, 1))
        )


def test_next_version_says_what_changes_and_waits_its_turn(session: Session, at: Signers) -> None:
    publish(session, at)
    second, third = next_version(session, at, on=date(2026, 5, 20)), next_version(session, at)
    publish(session, at, second)
    third.main_change = " "
    session.flush()
    with by(at.manager):
        assert objections(session, third, "publish") == [
            "undertaking.change_is_stated",
            "undertaking.one_version_waits_at_a_time",
        ]


def test_signature_keeps_name_time_language_and_digest(session: Session, at: Signers) -> None:
    version = publish(session, at)
    ack = sign(session, at.other, name=" ann  lee ", language="en")
    assert (ack.state, ack.signed_name, ack.language) == (AckState.SIGNED, "ann lee", "en")
    assert (ack.signed_at, ack.digest) == (NOW, version.digest_en)
    assert ack.valid_until == datetime(2027, 5, 4, 16, tzinfo=UTC)
    assert duty(session, ack).state is ObligationState.MET
    assert doubts(ack) == []


def test_signature_needs_the_persons_own_name(session: Session, at: Signers) -> None:
    version = publish(session, at)
    ack = ack_of(session, at.agent)
    with by(at.agent):
        given = {"language": "zh", "digest": version.digest_zh}
        assert objections(session, ack, "sign", signed_name="王明", **given) == [
            "confidentiality_ack.own_name_is_typed"
        ]


def test_signature_needs_the_text_that_was_shown(session: Session, at: Signers) -> None:
    version = publish(session, at)
    ack = ack_of(session, at.agent)
    with by(at.agent):
        wrong = {"signed_name": "王小明", "language": "zh", "digest": version.digest_en}
        assert objections(session, ack, "sign", **wrong) == ["confidentiality_ack.text_shown_is_the_text_signed"]


def test_nobody_signs_for_somebody_else(session: Session, at: Signers) -> None:
    version = publish(session, at)
    ack = ack_of(session, at.agent)
    given = {"signed_name": "王小明", "language": "zh", "digest": version.digest_zh}
    with by(at.lead), pytest.raises(NotAllowedError):
        perform(session, ack, "sign", **given)
    assert objections(session, ack, "sign", **given) == ["confidentiality_ack.signer_is_the_person"]


def test_customers_stay_masked_until_it_is_signed(session: Session, at: Signers) -> None:
    publish(session, at)
    holder = account(session, at.agent, Role.AGENT)
    unsigned = actor_for(session, holder)
    assert matrix.sight(unsigned, "service_record", "customer_name") is Sight.MASKED
    sign(session, at.agent)
    signed = actor_for(session, holder)
    assert matrix.sight(signed, "service_record", "customer_name") is Sight.WRITE


def test_nothing_is_masked_where_no_pack_holds_the_clause(session: Session) -> None:
    at = signers(session, packs="I")
    assert undertaking_of(session, at) is None
    with by(at.hr):
        made = Undertaking(name={"zh": "书", "en": "U"}, text_zh="文", text_en="text", effective_on=date(2026, 5, 4))
        session.add(made)
        session.commit()
    publish(session, at, made)
    assert session.scalar(select(func.count(ConfidentialityAck.id))) == 0
    assert sees_customers(session, at.agent)


def test_unsigned_undertaking_keeps_people_off_post(session: Session, at: Signers) -> None:
    publish(session, at)
    sign(session, at.other)
    found = impediments(session, [at.agent, at.other], date(2026, 5, 4))
    assert [each.name for each in found[at.agent.id]] == ["confidentiality_ack.is_signed"]
    assert at.other.id not in found


def test_trainee_goes_on_post_once_signed(session: Session, at: Signers) -> None:
    publish(session, at)
    person = staff(
        session, at.department, of=team(session, at.department, "新人"), superior=at.lead, status=StaffStatus.TRAINEE
    )
    session.commit()
    move = registry.transition(Staff, "put_on_post")
    against = [[each.rule for each in objections_to(session, person, move, {"reason": "合格"})]]
    sign(session, person)
    against.append([each.rule for each in objections_to(session, person, move, {"reason": "合格"})])
    assert ["confidentiality_ack.is_signed" in rules for rules in against] == [True, False]


def test_whoever_joins_owes_it_in_the_same_transaction(session: Session, at: Signers) -> None:
    publish(session, at)
    person = staff(session, at.department, Post.TRAINER, superior=at.manager)
    session.commit()
    assert (ack_of(session, person).cause, ack_of(session, person).due_at) == (AckCause.JOINING, IN_SEVEN_DAYS)
    refused_one = staff(session, at.department, Post.TRAINER, superior=at.manager)
    number = refused_one.id
    session.rollback()
    assert session.scalars(select(ConfidentialityAck).where(ConfidentialityAck.staff_id == number)).all() == []


def test_candidate_owes_it_once_taken_on_and_is_released_on_leaving(session: Session, at: Signers) -> None:
    publish(session, at)
    person = staff(session, at.department, Post.TRAINER, superior=at.manager, status=StaffStatus.CANDIDATE)
    session.commit()
    assert ack_of(session, person) is None
    perform(session, person, "take_on", reason="录用")
    session.commit()
    ack = ack_of(session, person)
    assert ack.state is AckState.OWED
    perform(session, person, "leave", reason="离职")
    session.commit()
    assert (ack.state, duty(session, ack).state) == (AckState.RELEASED, ObligationState.VOID)


def test_material_version_is_signed_again_another_counts_as_signed(session: Session, at: Signers) -> None:
    publish(session, at)
    first = sign(session, at.agent)
    publish(session, at, next_version(session, at, material=False))
    assert ack_of(session, at.agent) is first
    publish(session, at, next_version(session, at))
    again = ack_of(session, at.agent)
    assert (again.cause, again.undertaking.number, again.state) == (AckCause.VERSION, 3, AckState.OWED)
    assert not sees_customers(session, at.agent)
    # Whoever had not signed the first one owes the newest, once.
    owed = session.scalars(select(ConfidentialityAck).where(ConfidentialityAck.staff_id == at.other.id)).all()
    assert [(ack.undertaking.number, ack.state) for ack in owed] == [(3, AckState.OWED)]


def test_coming_version_can_be_signed_ahead_and_masks_from_its_day(session: Session, at: Signers) -> None:
    publish(session, at)
    sign(session, at.agent)
    sign(session, at.other)
    second = publish(session, at, next_version(session, at, on=date(2026, 5, 20)))
    assert second.state is UndertakingState.PUBLISHED
    assert ack_of(session, at.agent).due_at == datetime(2026, 5, 27, 16, tzinfo=UTC)
    sign(session, at.agent)
    holders = {person: account(session, person, Role.AGENT) for person in (at.agent, at.other)}
    session.commit()
    assert actor_for(session, holders[at.other]).sees_customers
    with clock.fixed_at(datetime(2026, 5, 19, 16, 1, tzinfo=UTC)):
        assert sweep(session).failures == []
        assert second.state is UndertakingState.IN_FORCE
        assert [actor_for(session, holders[p]).sees_customers for p in (at.agent, at.other)] == [True, False]


def test_signature_is_renewed_after_its_term(session: Session, at: Signers) -> None:
    publish(session, at)
    signed = sign(session, at.agent)
    with clock.fixed_at(datetime(2027, 4, 26, 2, tzinfo=UTC)):
        sweep(session)
        assert ack_of(session, at.agent) is signed
    with clock.fixed_at(datetime(2027, 4, 28, 2, tzinfo=UTC)):
        sweep(session)
        sweep(session)
        renewal = ack_of(session, at.agent)
        assert (renewal.cause, renewal.due_at, renewal.masks_from) == (
            AckCause.RENEWAL,
            signed.valid_until,
            signed.valid_until,
        )
        assert sees_customers(session, at.agent)
    mine = select(func.count(ConfidentialityAck.id)).where(ConfidentialityAck.staff_id == at.agent.id)
    assert session.scalar(mine) == 2


def test_overdue_signature_reaches_the_superior_and_hr(session: Session, at: Signers) -> None:
    publish(session, at)
    with clock.fixed_at(IN_SEVEN_DAYS + timedelta(days=3, minutes=1)):
        assert sweep(session).failures == []
    ack = ack_of(session, at.agent)
    assert duty(session, ack).state is ObligationState.OVERDUE
    told = set(
        session.scalars(select(Notification.recipient_id).where(Notification.obligation_id == duty(session, ack).id))
    )
    assert {at.agent.id, at.lead.id, at.hr.id} <= told


def test_reminder_goes_out_once_in_half_a_day(session: Session, at: Signers) -> None:
    publish(session, at)
    ack = ack_of(session, at.agent)
    with by(at.lead):
        perform(session, ack, "remind")
        session.commit()
        assert objections(session, ack, "remind") == ["confidentiality_ack.reminder_is_not_repeated"]
    told = session.scalars(select(Notification.code).where(Notification.recipient_id == at.agent.id)).all()
    assert sorted(told) == ["confidentiality_ack.reminded", "confidentiality_ack.to_sign"]


def test_signature_is_asked_for_by_its_cause_not_by_hand(session: Session, at: Signers) -> None:
    version = publish(session, at)
    columns = {
        "undertaking_id": version.id,
        "staff_id": at.agent.id,
        "occasion": "99",
        "due_at": NOW,
        "masks_from": NOW,
    }
    with by(at.hr), refused(session, "gate.granted"):
        session.add(ConfidentialityAck(department_id=at.department.id, **columns))


def test_changed_text_and_forged_signature_are_found(session: Session, at: Signers) -> None:
    version = publish(session, at)
    ack = sign(session, at.agent)
    session.commit()
    assert list(doubtful(session)) == []
    with maintenance_write(session.connection()) as connection:
        connection.execute(update(ConfidentialityAck.__table__).values(signed_name="李四"))
    session.expire_all()
    assert [(record, doubt.code) for record, doubt in doubtful(session)] == [(f"confidentiality_ack:{ack.id}", "seal")]
    with maintenance_write(session.connection()) as connection:
        connection.execute(update(Undertaking.__table__).values(text_zh="改过的"))
    session.expire_all()
    assert {doubt.code for _record, doubt in doubtful(session)} == {"text", "seal"}
    assert {doubt.code for doubt in doubts(ack)} == {"text", "seal"}
    assert version.state is UndertakingState.IN_FORCE


def test_command_says_which_signature_does_not_hold(session: Session, at: Signers, app: object) -> None:
    publish(session, at)
    sign(session, at.agent)
    runner = app.test_cli_runner()  # type: ignore[attr-defined]  # the application
    fine = runner.invoke(verify_signatures, ["--json"])
    assert (fine.exit_code, '"signatures": 1' in fine.output, '"faults": []' in fine.output) == (0, True, True)
