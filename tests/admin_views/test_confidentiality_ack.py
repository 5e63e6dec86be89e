import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from engine import clock
from engine.transitions.performing import perform
from models.confidentiality_ack import AckState, ConfidentialityAck, Undertaking, UndertakingState
from models.notification import Notification
from models.organisation import Department
from models.service_record import ServiceRecord
from tests.factories.browsing import post
from tests.factories.office import Office, office
from tests.factories.pages import in_chinese, in_english, read
from tests.fixtures.client import ClientAs
from tests.fixtures.rulebook import NOW

pytestmark = pytest.mark.clause("CNF-1")
HIDDEN = re.compile(r'name="(ask_language|ask_digest|version)" value="([^"]*)"')


@pytest.fixture
def floor(app: Flask) -> Iterator[Office]:
    """An office whose undertaking has just been published."""
    from datetime import date

    from engine.packs.adoption import adopt

    with clock.fixed_at(NOW):
        made = office(app)
        with made.session() as session:
            adopt(session, session.get_one(Department, made.home.id), "C", rank=0, valid_from=date(2026, 1, 1))
            perform(session, session.scalars(select(Undertaking)).one(), "publish")
        yield made


def number_of(floor: Office, person: object) -> int:
    with floor.session() as session:
        query = select(ConfidentialityAck.id).where(ConfidentialityAck.staff_id == person.id)  # type: ignore[attr-defined]  # a Staff
        return session.scalars(query).one()


def sign(client: FlaskClient, number: int, name: str) -> int:
    """Read the page, type the name, press the button: what a phone or a keyboard sends."""
    page = client.get(f"/confidentiality_ack/details/?id={number}").text
    hidden = dict(HIDDEN.findall(page))
    answer = post(client, f"/confidentiality_ack/move/sign/?id={number}", hidden | {"ask_signed_name": name})
    return answer.status_code


def test_person_reads_and_signs_on_one_page(floor: Office, client_as: ClientAs) -> None:
    number, client = number_of(floor, floor.agent), in_chinese(client_as(floor.agent))
    page = client.get(f"/confidentiality_ack/details/?id={number}")
    assert "郑重承诺" in page.text
    assert 'id="signed-name"' in page.text
    assert sign(client, number, "王坐席") == 303
    signed = floor.again(number_row(floor, number))
    assert (signed.state, signed.signed_name, signed.language) == (AckState.SIGNED, "王坐席", "zh")
    page = client.get(f"/confidentiality_ack/details/?id={number}")
    assert str(signed.digest) in page.text
    assert 'id="signed-name"' not in page.text


def number_row(floor: Office, number: int) -> ConfidentialityAck:
    with floor.session() as session:
        found = session.get_one(ConfidentialityAck, number)
        session.refresh(found)
        session.expunge(found)
        return found


def test_text_is_signed_in_the_language_in_which_it_was_read(floor: Office, client_as: ClientAs) -> None:
    number, client = number_of(floor, floor.agent), in_english(client_as(floor.agent))
    assert "customers" in read(client, f"/confidentiality_ack/details/?id={number}")
    assert sign(client, number, "王坐席") == 303
    assert number_row(floor, number).language == "en"


def test_wrong_name_is_said_beside_the_line_and_the_text_stays(floor: Office, client_as: ClientAs) -> None:
    number, client = number_of(floor, floor.agent), in_english(client_as(floor.agent))
    page = client.get(f"/confidentiality_ack/details/?id={number}").text
    hidden = dict(HIDDEN.findall(page))
    answer = post(client, f"/confidentiality_ack/move/sign/?id={number}", hidden | {"ask_signed_name": "王"})
    assert answer.status_code == 422
    assert "Type your name as it stands in your staff record: 王坐席." in answer.text
    assert "SHA-256" in answer.text
    assert 'value="王"' in answer.text


def test_everybody_sees_their_own_only_and_leads_their_team(floor: Office, client_as: ClientAs) -> None:
    number = number_of(floor, floor.agent)
    assert client_as(floor.other_agent).get(f"/confidentiality_ack/details/?id={number}").status_code == 404
    page = read(in_english(client_as(floor.lead)), "/confidentiality_ack/")
    assert "Who has not signed" in page
    assert "2 signatures are missing" in page


def test_one_press_reminds_everybody_who_has_not_signed(floor: Office, client_as: ClientAs) -> None:
    sign(in_chinese(client_as(floor.agent)), number_of(floor, floor.agent), "王坐席")
    hr = in_english(client_as(floor.hr))
    assert "<summary>Without a team" in hr.get("/confidentiality_ack/").text
    answer = post(hr, "/confidentiality_ack/remind/")
    assert answer.status_code == 303
    with floor.session() as session:
        reminded = select(Notification.recipient_id).where(Notification.code == "confidentiality_ack.reminded")
        told = set(session.scalars(reminded))
    assert told == {floor.manager.id, floor.hr.id, floor.lead.id, floor.other_agent.id}
    assert (
        "Everybody was reminded in the last twelve hours already."
        in hr.get(post(hr, "/confidentiality_ack/remind/").location).text
    )


def test_record_says_why_its_customer_is_masked(floor: Office, client_as: ClientAs) -> None:
    client = in_english(client_as(floor.agent))
    with floor.session() as session:
        record = ServiceRecord(
            department_id=floor.home.id,
            number="R1",
            channel_id=floor.channel.id,
            agent_id=floor.agent.id,
            occurred_at=NOW,
            customer_name="慕容雪",
            customer_contact="13800000000",
            question="怎么退货？",
        )
        session.add(record)
        session.flush()
        address = f"/service_record/details/?id={record.id}"
    page = read(client, address)
    assert "masked for you until you sign" in page
    assert "慕容雪" not in page
    sign(client, number_of(floor, floor.agent), "王坐席")
    page = read(client, address)
    assert "masked for you until you sign" not in page
    assert "慕容雪" in page


def test_agent_cannot_remind(floor: Office, client_as: ClientAs) -> None:
    assert post(client_as(floor.agent), "/confidentiality_ack/remind/").status_code == 403


def test_signed_copy_is_a_pdf_with_text_name_and_seal(floor: Office, client_as: ClientAs) -> None:
    number, client = number_of(floor, floor.agent), in_english(client_as(floor.agent))
    assert client.get(f"/confidentiality_ack/copy/?id={number}").status_code == 303
    sign(client, number, "王坐席")
    with client.get(f"/confidentiality_ack/copy/?id={number}") as answer:
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    signed = number_row(floor, number)
    flat = text.replace("\n", "").replace(" ", "")
    for part in ("王坐席", str(signed.digest), str(signed.seal), "Iundertake"):
        assert part in flat


def test_version_page_shows_both_texts_and_who_signed(floor: Office, client_as: ClientAs) -> None:
    hr = in_english(client_as(floor.hr))
    page = read(hr, "/undertaking/details/?id=1")
    assert "Both texts are as they were published." in page
    assert "5 Not signed" in page
    answer = post(hr, "/undertaking/next/", {"id": "1"})
    assert answer.status_code == 303
    with floor.session() as session:
        draft = session.scalars(select(Undertaking).order_by(Undertaking.number.desc())).first()
        assert draft is not None
        assert (draft.number, draft.state, draft.drafted_by_id) == (2, UndertakingState.DRAFT, floor.hr.id)


def test_signing_is_no_move_for_several_people(floor: Office, client_as: ClientAs) -> None:
    offered = re.findall(r'<option value="(\w+)"', client_as(floor.hr).get("/confidentiality_ack/").text)
    assert "remind" in offered
    assert "sign" not in offered
    agent = in_english(client_as(floor.agent))
    assert 'value="sign"' not in agent.get("/confidentiality_ack/").text
    chosen = {"action": "sign", "rowid": str(number_of(floor, floor.agent))}
    assert "This is done for one record at a time." in post(agent, "/confidentiality_ack/action/", chosen).text
