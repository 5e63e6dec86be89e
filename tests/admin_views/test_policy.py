from datetime import date

from sqlalchemy import select

from engine.acting import Role
from models.calendar import CalendarDay
from models.notification import GroupWebhook
from models.policy import DocumentState, PolicyDocument
from tests.factories.browsing import post, version_in
from tests.factories.office import Office
from tests.fixtures.client import ClientAs

DOCUMENT = {
    "code": "KF-01", "name-zh": "客服规范", "edition": "2", "main_change": "增加排班条款", "changed_on": "2026-01-05",
    "effective_on": "2026-02-01",
}  # fmt: skip


def document(office: Office) -> PolicyDocument:
    with office.session() as session:
        found = session.scalars(select(PolicyDocument)).one()
        session.expunge(found)
        return found


def test_document_is_drafted_and_reviewed_by_somebody_else(office: Office, client_as: ClientAs) -> None:
    hr, manager = client_as(office.hr), client_as(office.manager)
    assert post(hr, "/policy_document/new/", {**DOCUMENT, "changed_by_id": str(office.hr.id)}).status_code == 303
    number = document(office).id
    page = hr.get(f"/policy_document/details/?id={number}").text
    assert "Somebody else has to decide this" in page
    assert 'aria-disabled="true"' in page
    page = manager.get(f"/policy_document/details/?id={number}")
    answer = post(manager, f"/policy_document/move/review/?id={number}", {"version": version_in(page)})
    assert answer.status_code == 303
    assert (document(office).state, document(office).reviewed_by_id) == (DocumentState.REVIEWED, office.manager.id)


def test_document_without_its_main_change_is_refused_with_the_clause(office: Office, client_as: ClientAs) -> None:
    data = {**DOCUMENT, "main_change": "  ", "changed_by_id": str(office.hr.id), "effective_on": "2026-01-01"}
    answer = post(client_as(office.hr), "/policy_document/new/", data)
    assert answer.status_code == 422
    assert post(client_as(office.manager), "/policy_document/new/", {**data, "main_change": "x"}).status_code == 422


def test_review_of_the_clock_has_no_button(office: Office, client_as: ClientAs) -> None:
    post(client_as(office.hr), "/policy_document/new/", {**DOCUMENT, "changed_by_id": str(office.hr.id)})
    page = client_as(office.manager).get(f"/policy_document/details/?id={document(office).id}").text
    assert "/move/take_effect/" not in page


def test_special_day_is_kept(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    data = {
        "day": "2027-02-07",
        "worked-shown": "1",
        "worked": "1",
        "name-zh": "春节调休",
        "name-en": "",
        "source": "国办",
    }
    assert post(client, "/calendar_day/new/", data).status_code == 303
    with office.session() as session:
        kept = session.scalars(select(CalendarDay)).one()
        assert (kept.day, kept.worked, kept.name) == (date(2027, 2, 7), True, {"zh": "春节调休"})
    assert "This already exists" in post(client, "/calendar_day/new/", data).text


def test_address_of_a_webhook_is_set_and_never_shown(office: Office, client_as: ClientAs) -> None:
    client, secret = (
        client_as(office.manager, Role.ADMINISTRATOR),
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc",
    )
    data = {
        "name": "质检群",
        "kind": "wecom",
        "address": secret,
        "codes-shown": "1",
        "codes": ["obligation.due"],
        "active": "1",
    }
    answer = post(client, "/group_webhook/new/", data)
    assert answer.status_code == 303
    with office.session() as session:
        kept = session.scalars(select(GroupWebhook)).one()
        assert (kept.address, kept.codes) == (secret, ["obligation.due"])
        number = kept.id
    for url in ("/group_webhook/", f"/group_webhook/details/?id={number}", f"/group_webhook/edit/?id={number}"):
        assert "key=abc" not in client.get(url).text


def test_empty_box_keeps_the_secret(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.manager, Role.ADMINISTRATOR)
    secret = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc"
    told = {"codes-shown": "1", "codes": "obligation.due"}
    post(client, "/group_webhook/new/", {"name": "群", "kind": "wecom", "address": secret, **told})
    with office.session() as session:
        number = session.scalars(select(GroupWebhook.id)).one()
    url = f"/group_webhook/edit/?id={number}"
    data = {"version": version_in(client.get(url)), "name": "新名", "kind": "wecom", "address": "", **told}
    assert post(client, url, data).status_code == 303
    with office.session() as session:
        kept = session.get_one(GroupWebhook, number)
        assert (kept.name, kept.address) == ("新名", secret)
