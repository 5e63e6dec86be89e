import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.service_record import ServiceRecord
from models.types import blind_index
from tests.factories.browsing import post
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs

CONTACT = "13800000000"


def first(qa: Inspected) -> ServiceRecord:
    with qa.session() as session:
        number = session.scalars(select(ServiceRecord.id).where(ServiceRecord.agent_id == qa.agent.id)).first()
    return qa.again(ServiceRecord, number)  # type: ignore[arg-type, no-any-return]  # the factory has written some


@pytest.mark.clause("SVC-1")
def test_agent_writes_a_record_down(qa: Inspected, client_as: ClientAs) -> None:
    known = first(qa)
    answer = post(
        client_as(qa.agent),
        "/service_record/new/",
        {
            "number": "N-1",
            "channel_id": str(known.channel_id),
            "topic_id": str(known.topic_id),
            "agent_id": str(qa.agent.id),
            "occurred_at": "2026-05-03T10:00",
            "customer_name": "李四",
            "customer_contact": "13911112222",
            "question": "怎么退货？",
            "answered-shown": "1",
            "answered": "1",
            "resolved": "1",
        },
    )
    assert answer.status_code == 303, answer.text
    with qa.session() as session:
        made = session.scalars(select(ServiceRecord).where(ServiceRecord.number == "N-1")).one()
        assert (made.team_id, made.resolved, made.customer_contact) == (qa.agent.team_id, True, "13911112222")


@pytest.mark.clause("CNF-2")
def test_contact_is_found_whole_without_standing_in_the_address(qa: Inspected, client_as: ClientAs) -> None:
    lead = in_english(client_as(qa.lead))
    answer = post(lead, "/service_record/find/", {"contact": f" {CONTACT} "})
    assert answer.status_code == 303
    assert CONTACT not in answer.location
    assert blind_index("service_record.customer_contact", CONTACT) in answer.location
    assert "8 rows · narrowed" in read(lead, answer.location)
    nothing = post(lead, "/service_record/find/", {"contact": CONTACT[:-1]})
    assert "No row matches" in read(lead, nothing.location)


@pytest.mark.clause("CNF-2")
def test_contact_is_not_found_by_those_who_see_it_masked(qa: Inspected, client_as: ClientAs) -> None:
    inspector = client_as(qa.inspector)
    assert inspector.get("/service_record/find/").status_code == 403
    everything = inspector.get("/service_record/").text.count('scope="row"')
    index = blind_index("service_record.customer_contact", "13899999999")
    assert inspector.get(f"/service_record/?flt_fingerprint={index}").text.count('scope="row"') == everything


@pytest.mark.clause("CNF-2")
def test_masked_contact_is_shown_once_with_its_reason(qa: Inspected, client_as: ClientAs) -> None:
    number = first(qa).id
    supervisor, inspector = client_as(qa.supervisor), client_as(qa.inspector)
    assert CONTACT not in supervisor.get(f"/service_record/details/?id={number}").text
    asked = {"id": str(number), "field": "customer_contact", "reason": "回访客户"}
    assert post(inspector, "/service_record/unmask/", asked).status_code == 403
    assert CONTACT in post(supervisor, "/service_record/unmask/", asked).text
    assert CONTACT not in supervisor.get(f"/service_record/details/?id={number}").text
    with qa.session() as session:
        kept = session.scalars(select(AuditEntry).where(AuditEntry.action == "unmask")).one()
        assert (kept.record_id, kept.changes["reason"][1]) == (number, "回访客户")


def test_record_is_found_by_its_number(qa: Inspected, client_as: ClientAs) -> None:
    record = first(qa)
    page = client_as(qa.lead).get(f"/service_record/?search={record.number}").text
    assert page.count('scope="row"') == 1
    assert record.number in page


def test_topics_are_called_by_their_names(qa: Inspected, client_as: ClientAs) -> None:
    record = first(qa)
    with qa.session() as session:
        topic = session.get_one(ServiceRecord, record.id).topic
        name = topic.name["en"]  # type: ignore[union-attr]  # the factory gives every record one
    assert name in read(in_english(client_as(qa.lead)), f"/service_record/details/?id={record.id}")
