import pytest
from sqlalchemy import select

from models.service_record import ServiceRecord
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs

pytestmark = pytest.mark.clause("CNF-3")


def test_record_shows_what_its_customer_was_told(qa: Inspected, client_as: ClientAs) -> None:
    with qa.session() as session:
        number = session.scalars(select(ServiceRecord.id).where(ServiceRecord.agent_id == qa.agent.id)).first()
    page = read(in_english(client_as(qa.agent)), f"/service_record/details/?id={number}")
    for part in (
        "What the customer was told",
        "To take up and handle",
        "Customer's name、Customer's contact",
        "Spoken",
    ):
        assert part in page
