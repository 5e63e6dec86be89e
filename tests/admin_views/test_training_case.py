import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.service_record import ServiceRecord
from models.training_case import TrainingCase
from tests.factories.browsing import post
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english
from tests.fixtures.client import ClientAs

pytestmark = pytest.mark.clause("TRN-12")
MARK = re.compile(r'<mark title="([^"]+)">([^<]+)')
REAL = {"name": "退货", "situation": "客户王小明来电，手机13812345678。", "handling": "已致歉", "lesson": "先安抚"}


@pytest.fixture
def trainer(qa: Inspected, client_as: ClientAs) -> FlaskClient:
    return in_english(client_as(qa.supervisor))


def test_refused_case_shows_what_was_found_highlighted(qa: Inspected, trainer: FlaskClient) -> None:
    answer = post(trainer, "/training_case/new/", REAL)
    assert answer.status_code == 422
    assert MARK.findall(answer.text) == [("Name", "王小明"), ("Phone number or messenger account", "13812345678")]
    assert "Mask all of it" in answer.text
    with qa.session() as session:
        assert session.scalars(select(TrainingCase)).all() == []


def test_one_press_masks_and_the_case_can_be_saved(qa: Inspected, trainer: FlaskClient) -> None:
    answer = post(trainer, "/training_case/mask/", REAL)
    assert answer.status_code == 200
    assert "客户【姓名】来电，手机【联系电话】。" in answer.text
    assert MARK.findall(answer.text) == []
    masked = REAL | {"situation": "客户【姓名】来电，手机【联系电话】。"}
    assert post(trainer, "/training_case/new/", masked).status_code == 303


def test_case_begins_with_a_real_records_text(qa: Inspected, trainer: FlaskClient) -> None:
    with qa.session() as session:
        record = session.scalars(select(ServiceRecord)).first()
        assert record is not None
        record.question, record.customer_name = "慕容雪说退货太慢", "慕容雪"
        number = record.id
    page = trainer.get(f"/training_case/new/?service_record_id={number}").text
    assert ("Name", "慕容雪") in MARK.findall(page)
    assert f"training_case/new/?service_record_id={number}" in trainer.get(f"/service_record/details/?id={number}").text


def test_record_that_one_may_not_see_gives_no_case(qa: Inspected, client_as: ClientAs) -> None:
    lead = client_as(qa.lead)
    assert lead.get("/training_case/new/?service_record_id=987654").status_code == 404
