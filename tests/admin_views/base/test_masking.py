import pytest
from sqlalchemy import select

from admin_views.base.masking import masked
from models.audit import AuditEntry
from models.qa_inspection import QaInspection
from models.service_record import ServiceRecord
from tests.factories.browsing import post
from tests.factories.inspected import Inspected
from tests.fixtures.client import ClientAs


def record(qa: Inspected) -> tuple[int, str]:
    """A record's number and what the customer is called."""
    with qa.session() as session:
        found = session.get_one(ServiceRecord, session.get_one(QaInspection, qa.inspection).service_record_id)
        found.customer_name = "欧阳测试客户名"
        return found.id, "欧阳测试客户名"


def unmask(number: int, reason: str, field: str = "customer_name") -> dict[str, str]:
    return {"id": str(number), "field": field, "reason": reason}


def test_masked_field_is_shown_once_for_a_reason_that_is_kept(qa: Inspected, client_as: ClientAs) -> None:
    number, name = record(qa)
    client = client_as(qa.supervisor)
    assert name not in client.get(f"/service_record/details/?id={number}").text
    assert name in post(client, "/service_record/unmask/", unmask(number, "客户来电核对身份")).text
    assert name not in client.get(f"/service_record/details/?id={number}").text
    with qa.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "unmask")).one()
        assert (entry.actor_id, entry.record_id) == (qa.supervisor.id, number)
        assert entry.changes == {"field": [None, "customer_name"], "reason": [None, "客户来电核对身份"]}


def test_without_a_reason_nothing_is_shown(qa: Inspected, client_as: ClientAs) -> None:
    number, name = record(qa)
    client = client_as(qa.supervisor)
    answer = post(client, "/service_record/unmask/", unmask(number, " "))
    assert answer.status_code == 303
    assert name not in client.get(answer.location).text


@pytest.mark.parametrize("field", ["customer_contact_index", "version", "nothing", "state"])
def test_only_masked_fields_of_the_page_are_unmasked(field: str, qa: Inspected, client_as: ClientAs) -> None:
    number, _name = record(qa)
    assert (
        post(client_as(qa.supervisor), "/service_record/unmask/", unmask(number, "客户来电", field)).status_code == 403
    )


def test_who_has_no_grant_sees_the_mask_only(qa: Inspected, client_as: ClientAs) -> None:
    number, name = record(qa)
    client = client_as(qa.manager)
    assert "/service_record/unmask/" not in client.get(f"/service_record/details/?id={number}").text
    answer = post(client, "/service_record/unmask/", unmask(number, "想看看"))
    assert (answer.status_code, name in answer.text) == (403, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (None, ""),
        ("王", "••••"),
        ("王小明", "王••••"),
        ("13812345678", "138••••78"),
        ("a@example.com", "a@e••••om"),
    ],
)
def test_masked(text: str | None, expected: str) -> None:
    assert masked(text) == expected
