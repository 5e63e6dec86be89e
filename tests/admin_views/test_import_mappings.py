import re
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import Door, acting
from engine.tabular.columns import fingerprint
from models.import_job import ImportJob, ImportMapping
from tests.factories.importing import HEADER, call, text_file
from tests.factories.organisation import actor_of
from tests.factories.pages import in_english, read, send
from tests.factories.quality import House, house
from tests.fixtures.client import ClientAs

SHUFFLED = tuple(reversed(HEADER))


@pytest.fixture
def at(session: Session) -> House:
    made = house(session)
    for row in (made.manager, made.lead, made.channel):
        session.refresh(row)
    session.expunge_all()
    session.rollback()
    return made


def upload(client: FlaskClient, header: tuple[str, ...], address: str = "/import_job/new/") -> str:
    """The address at which the columns of an uploaded file are mapped."""
    row = dict(zip(HEADER, call(2, "Zoe"), strict=True))
    content = text_file([[row[title] for title in header]], header)
    answer = send(client, address, file=(BytesIO(content), "calls.csv"), entity="service_record")  # type: ignore[arg-type]  # a file goes in as a pair
    assert answer.status_code == 303
    return answer.headers["Location"]


def chosen(client: FlaskClient, address: str) -> dict[str, str]:
    """What the mapping page has filled in."""
    page = client.get(address).get_data(as_text=True)
    selects = re.findall(r'<select[^>]* name="((?:column|constant)-[^"]+)".*?>(.*?)</select>', page, re.DOTALL)
    return {name: found[1] for name, body in selects if (found := re.search(r'value="([^"]+)" selected', body))}


def remembered(session: Session, client: FlaskClient, at: House) -> int:
    """What a mapped file leaves behind: the id of its mapping."""
    address = upload(client, HEADER)
    send(client, address, **chosen(client, address) | {"constant-channel_id": str(at.channel.id)})
    found = session.scalars(select(ImportMapping.id).order_by(ImportMapping.id.desc())).first()
    session.rollback()
    assert found is not None
    return found


def of_the_manager(session: Session, at: House) -> int:
    """The id of a mapping that the manager left behind for the same columns."""
    with acting(actor_of(at.manager), Door.FORM):
        made = ImportMapping(
            department_id=at.manager.department_id,
            entity="service_record",
            fingerprint=fingerprint(HEADER),
            name="the manager's",
            choices={},
        )
        session.add(made)
        session.commit()
        number = made.id
    session.rollback()
    return number


def names(session: Session) -> list[str]:
    found = list(session.scalars(select(ImportMapping.name).order_by(ImportMapping.id)))
    session.rollback()
    return found


@pytest.mark.clause("DAT-1")
def test_mapping_is_listed_renamed_and_forgotten(session: Session, at: House, client_as: ClientAs) -> None:
    client = in_english(client_as(at.manager))
    number = remembered(session, client, at)
    assert "calls.csv" in read(client, "/import_mapping/")
    assert send(client, f"/import_mapping/rename/?id={number}", name="  Calls of\tthe hotline ").status_code == 303
    assert names(session) == ["Calls of the hotline"]
    for refused in ("", "   ", "x" * 121):
        send(client, f"/import_mapping/rename/?id={number}", name=refused)
    assert names(session) == ["Calls of the hotline"]
    assert send(client, f"/import_mapping/forget/?id={number}").status_code == 303
    assert names(session) == []
    assert session.scalars(select(ImportJob.filename)).all() == ["calls.csv"]
    session.rollback()
    assert "No mapping is remembered yet" in read(client, "/import_mapping/")


def test_mapping_is_used_for_a_file_with_other_columns(session: Session, at: House, client_as: ClientAs) -> None:
    client = client_as(at.manager)
    number = remembered(session, client, at)
    assert "constant-channel_id" not in chosen(client, upload(client, SHUFFLED))
    begun_with_it = chosen(client, upload(client, SHUFFLED, f"/import_job/new/?mapping={number}"))
    assert begun_with_it["constant-channel_id"] == str(at.channel.id)
    address = upload(client, SHUFFLED)
    assert send(client, address.replace("/map/", "/use/"), mapping=str(number)).status_code == 303
    assert chosen(client, address) == begun_with_it


def test_columns_that_the_other_file_has_not_stay_open(session: Session, at: House, client_as: ClientAs) -> None:
    client = client_as(at.manager)
    number = remembered(session, client, at)
    fewer = tuple(title for title in HEADER if title != "Topic")
    found = chosen(client, upload(client, fewer, f"/import_job/new/?mapping={number}"))
    assert "column-topic_id" not in found
    assert found["column-number"] == "Call Id"


def test_mapping_of_somebody_else_is_not_a_leads(session: Session, at: House, client_as: ClientAs) -> None:
    number, client = of_the_manager(session, at), client_as(at.lead)
    assert "the manager's" not in read(client, "/import_mapping/")
    assert send(client, f"/import_mapping/forget/?id={number}").status_code == 404
    assert send(client, upload(client, HEADER).replace("/map/", "/use/"), mapping=str(number)).status_code == 404
    assert names(session) == ["the manager's"]


def test_two_people_keep_a_mapping_each_for_the_same_columns(session: Session, at: House, client_as: ClientAs) -> None:
    of_the_manager(session, at)
    lead = client_as(at.lead)
    mine = remembered(session, lead, at)
    assert names(session) == ["the manager's", "calls.csv"]
    assert send(lead, f"/import_mapping/forget/?id={mine}").status_code == 303
    assert names(session) == ["the manager's"]
