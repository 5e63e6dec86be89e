import re
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engine.acting import Role
from engine.importing import files
from models.import_job import ImportJob, ImportState
from models.service_record import ServiceRecord
from tests.factories.importing import HEADER, call, calls, text_file, workbook
from tests.factories.pages import in_english, read, send, text_of
from tests.factories.quality import House, house
from tests.factories.working import work_off
from tests.fixtures.client import ClientAs


@pytest.fixture
def at(session: Session) -> House:
    made = house(session)
    for row in (*made.agents, made.manager, made.lead, made.team, made.channel, made.topic, made.department):
        session.refresh(row)
    # Detached, and no transaction left open: the pages and the worker write through sessions of their own.
    session.expunge_all()
    session.rollback()
    return made


def asked(session: Session, query: Select[tuple[Any]]) -> Any:
    """One value from the database, with no transaction left open."""
    value = session.scalar(query)
    session.rollback()
    return value


def upload(
    client: FlaskClient, content: bytes, name: str = "calls.xlsx", entity: str = "service_record"
) -> TestResponse:
    return send(client, "/import_job/new/", file=(BytesIO(content), name), entity=entity)  # type: ignore[arg-type]  # a file goes in as a pair


def form_of(client: FlaskClient, address: str) -> dict[str, str]:
    """What the mapping page would send if nothing were changed."""
    page = client.get(address).get_data(as_text=True)
    found = {}
    for name, body in re.findall(r'<select[^>]* name="([^"]+)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        found[name] = chosen[1] if chosen else ""
    return found


def until_rest(client: FlaskClient, number: int) -> dict[str, object]:
    """The progress once a worker has been at it."""
    assert client.get(f"/import_job/progress/?id={number}").get_json()["at_work"]
    assert work_off(client.application) == 1
    answer = client.get(f"/import_job/progress/?id={number}").get_json()
    assert not answer["at_work"]
    return answer


def to_trial(client: FlaskClient, at: House, content: bytes) -> int:
    where = upload(client, content).headers["Location"]
    number = int(where.rsplit("=", 1)[1])
    form = form_of(client, where) | {"constant-channel_id": str(at.channel.id)}
    assert send(client, where, **form).status_code == 303
    names = client.get(f"/import_job/names/?id={number}").get_data(as_text=True)
    controls = re.findall(r'name="(name-[0-9a-f]{12})"', names)
    if controls:
        given = dict.fromkeys(controls, "create") | {
            "agent_id-team_id": str(at.team.id),
            "agent_id-superior_id": str(at.lead.id),
            "agent_id-hire_date": "2024-03-01",
        }
        assert (
            send(client, f"/import_job/names/?id={number}", **given, **{"agent_id-post": "hotline_agent"}).status_code
            == 303
        )
    assert send(client, f"/import_job/try/?id={number}").status_code == 303
    assert until_rest(client, number)["state"] == "checked"
    return number


@pytest.mark.clause("DAT-1")
def test_file_goes_in_from_upload_to_the_last_row(session: Session, at: House, client_as: ClientAs) -> None:
    client = in_english(client_as(at.manager, Role.MANAGER, Role.HR))
    number = to_trial(client, at, workbook(calls(["Zoe", at.agents[0].name], 30)))
    page = read(client, f"/import_job/details/?id={number}")
    assert "Nothing speaks against it" in page
    assert asked(session, select(func.count(ServiceRecord.id))) == 0
    assert send(client, f"/import_job/start/?id={number}").status_code == 303
    assert until_rest(client, number) | {} == {
        "at_work": False, "done": 30, "total": 30, "taken": 30, "same": 0, "refused": 0,
        "state": "finished", "label": "Finished",
    }  # fmt: skip
    assert "30 taken, 0 already known, 0 refused" in read(client, f"/import_job/details/?id={number}")
    assert "calls.xlsx" in read(client, "/import_job/")


def test_second_file_offers_the_choices_of_the_first(session: Session, at: House, client_as: ClientAs) -> None:
    client = in_english(client_as(at.manager, Role.MANAGER, Role.HR))
    to_trial(client, at, workbook(calls(["Zoe"], 5)))
    where = upload(client, workbook(calls(["Zoe"], 6)), "next.xlsx").headers["Location"]
    assert "the choices of that time are filled in" in read(client, where)
    form = form_of(client, where)
    assert form["constant-channel_id"] == str(at.channel.id)
    assert send(client, where, **form).status_code == 303
    assert client.get(where.replace("/map/", "/names/")).headers["Location"].startswith("/import_job/details/")


@pytest.mark.clause("DAT-1")
def test_ambiguous_dates_are_asked_with_examples(session: Session, at: House, client_as: ClientAs) -> None:
    client = in_english(client_as(at.manager, Role.MANAGER, Role.HR))
    rows = [call(n, at.agents[0].name, Date=f"0{n}/02/2026", Topic=at.topic.code) for n in (3, 4)]
    where = upload(client, text_file(rows), "calls.csv").headers["Location"]
    number = where.rsplit("=", 1)[1]
    send(client, where, **form_of(client, where) | {"constant-channel_id": str(at.channel.id)})
    assert client.get(f"/import_job/details/?id={number}").headers["Location"].startswith("/import_job/formats/")
    page = read(client, f"/import_job/formats/?id={number}")
    assert "day, month, year “03/02/2026” is" in page
    assert send(client, f"/import_job/try/?id={number}").headers["Location"].startswith("/import_job/formats/")
    send(client, f"/import_job/formats/?id={number}", **{"format-occurred_at": "dmy"})
    assert client.get(f"/import_job/details/?id={number}").status_code == 200


@pytest.mark.clause("DAT-1")
def test_refused_rows_come_back_as_a_file_to_mend(session: Session, at: House, client_as: ClientAs) -> None:
    client = in_english(client_as(at.manager, Role.MANAGER, Role.HR))
    rows = [call(1, "Zoe"), call(2, "Zoe", **{"Satisfaction rating": 9, "Call Id": "=HYPERLINK(1)"})]
    number = to_trial(client, at, workbook(rows))
    assert "Satisfaction rating : The rating must be from 1 to 5." in read(client, f"/import_job/details/?id={number}")
    assert send(client, f"/import_job/start/?id={number}").status_code == 303
    assert "Mend them first" in read(client, f"/import_job/details/?id={number}")
    answer = client.get(f"/import_job/refused/?id={number}")
    header, row = load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True)  # type: ignore[union-attr]  # written by us
    assert header[-2:] == ("※ Row in the file", "※ Why it was refused")
    assert (row[0], row[9], row[10]) == ("=HYPERLINK(1)", 9, 3)
    assert "from 1 to 5" in row[11]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04nothing"])
def test_wrong_file_is_explained_on_the_page(session: Session, at: House, client_as: ClientAs, content: bytes) -> None:
    client = in_english(client_as(at.manager))
    answer = upload(client, content, "wrong.xlsx")
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.get_data(as_text=True)
    assert asked(session, select(func.count(ImportJob.id))) == 0


def test_missing_choice_is_marked_beside_its_field(session: Session, at: House, client_as: ClientAs) -> None:
    client = in_english(client_as(at.manager))
    where = upload(client, workbook(calls(["Zoe"], 3))).headers["Location"]
    answer = send(client, where, **form_of(client, where) | {"column-number": "", "column-topic_id": "Agent"})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Choose the column by which a row is recognized" in page
    assert "Another field is read from “Agent” as well" in page


def test_manager_who_may_not_create_people_is_told_whom_to_ask(
    session: Session, at: House, client_as: ClientAs
) -> None:
    client = in_english(client_as(at.manager))
    where = upload(client, workbook(calls(["Zoe"], 3))).headers["Location"]
    send(client, where, **form_of(client, where) | {"constant-channel_id": str(at.channel.id)})
    address = where.replace("/map/", "/names/")
    assert "Your role cannot create these" in read(client, address)
    control = re.search(
        r'name="(name-[0-9a-f]{12})" required aria-label="Zoe"', client.get(address).get_data(as_text=True)
    )
    assert control is not None
    assert send(client, address, **{control[1]: "create"}).status_code == 422


@pytest.mark.clause("CNF-2")
@pytest.mark.parametrize("masked", [True, False])
def test_examples_of_what_the_role_sees_masked_are_masked(
    session: Session, at: House, client_as: ClientAs, masked: bool
) -> None:
    client = in_english(client_as(at.manager if masked else at.lead))
    content = text_file([[*call(1, "Zoe"), "欧阳娜娜", "13812345678"]], (*HEADER, "客户姓名", "手机号"))
    where = upload(client, content, "calls.csv").headers["Location"]
    page = client.get(where).get_data(as_text=True)
    assert {name: form_of(client, where)[f"column-{name}"] for name in ("customer_name", "customer_contact")} == {
        "customer_name": "客户姓名",
        "customer_contact": "手机号",
    }
    assert [text in page for text in ("欧阳娜娜", "13812345678")] == [not masked, not masked]
    assert ("138••••78" in page) is masked
    assert ("Masked for your role" in page) is masked


@pytest.mark.parametrize("step", ["map", "names", "formats", "refused"])
def test_pages_with_rows_are_for_whoever_brought_the_file(
    session: Session, at: House, client_as: ClientAs, step: str
) -> None:
    lead, manager, agent = client_as(at.lead), client_as(at.manager), client_as(at.agents[0])
    number = upload(lead, workbook(calls(["Zoe"], 3))).headers["Location"].rsplit("=", 1)[1]
    assert manager.get(f"/import_job/details/?id={number}").status_code == 200
    assert manager.get(f"/import_job/{step}/?id={number}").status_code == 403
    assert agent.get(f"/import_job/{step}/?id={number}").status_code == 403
    assert agent.get("/import_job/").status_code == 403


def test_another_lead_does_not_know_of_the_import(session: Session, at: House, client_as: ClientAs) -> None:
    lead, other = client_as(at.lead), client_as(at.agents[1], Role.SHIFT_LEAD)
    where = upload(lead, workbook(calls(["Zoe"], 3))).headers["Location"]
    assert other.get(where.replace("/map/", "/details/")).status_code == 404
    assert "calls.xlsx" not in read(other, "/import_job/")


def test_cancelled_import_has_no_file(session: Session, at: House, client_as: ClientAs) -> None:
    client = client_as(at.manager)
    where = upload(client, workbook(calls(["Zoe"], 3))).headers["Location"]
    assert send(client, where.replace("/map/", "/cancel/")).status_code == 303
    assert asked(session, select(ImportJob.state)) is ImportState.CANCELLED
    assert client.get(where).status_code == 303


def test_import_whose_file_is_gone_says_so_and_sends_nobody_in_circles(
    session: Session, at: House, client_as: ClientAs
) -> None:
    client = in_english(client_as(at.manager))
    where = upload(client, workbook(calls(["Zoe"], 3))).headers["Location"]
    files.remove(asked(session, select(ImportJob.stored_name)))
    assert "no longer there" in read(client, where.replace("/map/", "/details/"))
    assert client.get(where).headers["Location"] == where.replace("/map/", "/details/")
