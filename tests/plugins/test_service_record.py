import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.errors import PolicyError
from engine.packs.adoption import set_value
from engine.transitions.performing import perform
from models.organisation import Post, Tier
from models.service_record import Origin, RecordState, ServiceRecord, Topic
from models.types import blind_index
from tests.factories.organisation import staff, team
from tests.factories.quality import House, by, contact, house
from tests.factories.refusals import refused


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


def kept(session: Session, record: ServiceRecord) -> ServiceRecord:
    session.add(record)
    session.commit()
    return record


@pytest.mark.clause("SVC-1")
def test_complete_record_is_kept_with_its_agents_team(session: Session, at: House) -> None:
    record = kept(session, contact(at, "C1"))
    assert (record.team_id, record.state) == (at.team.id, RecordState.OPEN)


@pytest.mark.clause("SVC-1")
def test_mandatory_fields_are_filled_names_each_empty_field(session: Session, at: House) -> None:
    session.add(contact(at, "C1", customer_name=None, question=""))
    with pytest.raises(PolicyError) as error:
        session.flush()
    assert {v.field for v in error.value.violations} == {"customer_name", "question"}


@pytest.mark.clause("SVC-1", "DAT-1")
def test_imported_record_owes_only_what_its_system_knows(session: Session, at: House) -> None:
    kept(session, contact(at, "C1", origin=Origin.IMPORTED, customer_name=None, customer_contact=None, question=None))


@pytest.mark.clause("SVC-1")
def test_mandatory_fields_follow_the_department_from_its_date_on(session: Session, at: House) -> None:
    record = contact(at, "C1", question=None)
    rest = ["channel_id", "occurred_at", "agent_id"]
    set_value(session, at.department.id, "mandatory_fields", rest, record.occurred_at.date(), "问题由系统记录")
    kept(session, record)
    with refused(session, "service_record.mandatory_fields_are_filled"):
        session.add(contact(at, "C2", question=None, customer_name=None, customer_contact=None, days_ago=30))


@pytest.mark.clause("SVC-2")
def test_record_is_classified_missing_topic(session: Session, at: House) -> None:
    with refused(session, "service_record.record_is_classified"):
        session.add(contact(at, "C1", topic=None))


@pytest.mark.clause("SVC-2")
def test_topics_come_from_the_pack_and_carry_both_languages(session: Session, at: House) -> None:
    topics = session.scalars(select(Topic)).all()
    assert {"complaint", "suggestion"} <= {topic.code for topic in topics}
    with refused(session, "topic.topic_is_named_in_both_languages"):
        session.add(Topic(department_id=at.department.id, code="x", name={"zh": "其他"}))


@pytest.mark.clause("SVC-1")
def test_contact_has_happened_in_the_future(session: Session, at: House) -> None:
    with refused(session, "service_record.contact_has_happened"):
        session.add(contact(at, "C1", days_ago=-1))


@pytest.mark.clause("SVC-5")
@pytest.mark.parametrize("value", [1, 5])
def test_satisfaction_is_from_one_to_five(session: Session, at: House, value: int) -> None:
    assert kept(session, contact(at, "C1", satisfaction=value)).satisfaction == value


@pytest.mark.clause("SVC-5")
@pytest.mark.parametrize("value", [0, 6])
def test_satisfaction_is_from_one_to_five_outside(session: Session, at: House, value: int) -> None:
    with refused(session, "service_record.satisfaction_is_from_one_to_five"):
        session.add(contact(at, "C1", satisfaction=value))


@pytest.mark.clause("SVC-5")
def test_only_answered_contacts_are_rated_unanswered(session: Session, at: House) -> None:
    with refused(session, "service_record.only_answered_contacts_are_rated"):
        session.add(contact(at, "C1", satisfaction=3, answered=False))


@pytest.mark.clause("DAT-1")
def test_durations_are_not_negative_below_zero(session: Session, at: House) -> None:
    with refused(session, "service_record.durations_are_not_negative"):
        session.add(contact(at, "C1", talk_seconds=-1))


@pytest.mark.clause("SVC-5")
def test_satisfied_customer_lets_the_record_rest(session: Session, at: House) -> None:
    record = kept(session, contact(at, "C1"))
    with by(at.agent):
        perform(session, record, "solve", handling="核对订单", result="已退款")
        perform(session, record, "record_feedback", satisfaction=3, feedback="可以")
    assert (record.state, record.resolved, record.satisfaction) == (RecordState.EVALUATED, True, 3)


@pytest.mark.clause("SVC-5")
def test_dissatisfied_customer_reopens_the_record(session: Session, at: House) -> None:
    record = kept(session, contact(at, "C1"))
    with by(at.agent):
        perform(session, record, "solve", handling="核对订单", result="已退款")
        perform(session, record, "record_feedback", satisfaction=2, feedback="没有解决")
    assert (record.state, record.resolved) == (RecordState.OPEN, False)


@pytest.mark.clause("SVC-6")
def test_whole_record_is_archived_and_then_only_read(session: Session, at: House) -> None:
    record = kept(
        session, contact(at, "C1", handling="核对", result="已退款", feedback="好", state=RecordState.EVALUATED)
    )
    perform(session, record, "archive")
    session.commit()
    with refused(session, "gate.closed_is_closed"):
        record.result = "改写"


@pytest.mark.clause("SVC-6")
def test_record_is_whole_missing_result(session: Session, at: House) -> None:
    record = kept(session, contact(at, "C1", handling="核对", feedback="好", state=RecordState.EVALUATED))
    with refused(session, "service_record.record_is_whole"):
        perform(session, record, "archive")


@pytest.mark.clause("ORG-2")
def test_transfer_goes_up_to_a_serving_team(session: Session, at: House) -> None:
    experts = team(session, at.department, "专家组", serves=at.channel)
    experts.tier = Tier.SECOND
    lead = staff(session, at.department, Post.SHIFT_LEAD, of=experts, superior=at.manager)
    record = kept(session, contact(at, "C1"))
    with by(at.agent):
        perform(session, record, "transfer", to_team=experts.id, reason="需要技术支持")
    assert (record.team_id, record.agent_id) == (experts.id, lead.id)


@pytest.mark.clause("ORG-2")
def test_transfer_goes_up_to_a_serving_team_not_sideways_nor_to_nobody(session: Session, at: House) -> None:
    sideways = team(session, at.department, "二组", serves=at.channel)
    staff(session, at.department, of=sideways, superior=at.lead)
    empty = team(session, at.department, "空组", serves=at.channel)
    empty.tier = Tier.THIRD
    record = kept(session, contact(at, "C1"))
    for target in (sideways.id, empty.id, 999_999):
        with refused(session, "service_record.transfer_goes_up_to_a_serving_team"):
            perform(session, record, "transfer", to_team=target, reason="转派")


@pytest.mark.clause("CNF-2")
def test_customer_rests_encrypted_and_is_found_by_exact_contact(session: Session, at: House) -> None:
    kept(session, contact(at, "C1", customer_contact=" 13900001234 "))
    stored = session.execute(text("SELECT customer_name, customer_contact FROM service_record")).one()
    assert all("王芳".encode() not in bytes(cell) and b"1390000" not in bytes(cell) for cell in stored)
    index = blind_index("service_record.customer_contact", "13900001234")
    assert session.scalars(select(ServiceRecord.number).where(ServiceRecord.customer_contact_index == index)).all() == [
        "C1"
    ]


@pytest.mark.clause("CNF-2")
def test_agent_sees_own_records_only(session: Session, at: House) -> None:
    session.add_all([contact(at, "MINE"), contact(at, "YOURS", at.agents[1])])
    session.commit()
    session.expire_all()
    with by(at.agent):
        assert session.scalars(select(ServiceRecord.number)).all() == ["MINE"]
