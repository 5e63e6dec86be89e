from sqlalchemy import func, select

from engine.acting import Role
from models.audit import AuditEntry
from tests.factories.browsing import post
from tests.factories.office import Office
from tests.factories.pages import in_chinese, in_english
from tests.fixtures.client import ClientAs


def test_auditor_reads_who_did_what(office: Office, client_as: ClientAs) -> None:
    hr, auditor = client_as(office.hr), client_as(office.lead, Role.AUDITOR)
    post(hr, f"/staff/move/suspend/?id={office.agent.id}", {
        "version": str(office.again(office.agent).version), "ask_reason": "停岗培训",
    })  # fmt: skip
    page = auditor.get("/audit_entry/?flt_action=suspend").text
    assert office.hr.name in page
    assert "Suspend" in page
    with office.session() as session:
        number = session.scalar(select(AuditEntry.id).where(AuditEntry.action == "suspend"))
    details = auditor.get(f"/audit_entry/details/?id={number}").text
    assert "停岗培训" in details
    assert "on_post" not in details.partition("<main")[2]
    assert f'<a href="/staff/details/?id={office.agent.id}">' in details


def test_audit_is_narrowed_by_words_not_by_codes(office: Office, client_as: ClientAs) -> None:
    auditor = in_english(client_as(office.lead, Role.AUDITOR))
    page = auditor.get("/audit_entry/?flt_action=create&flt_entity=team").text
    assert '<option value="team" selected>Team</option>' in page
    assert '<option value="create" selected>Created</option>' in page
    assert office.team.name in page
    assert "This could not be read" in page or "no such" not in auditor.get("/audit_entry/?flt_entity=no_such").text


def test_records_titled_by_a_code_are_called_by_their_name(office: Office, client_as: ClientAs) -> None:
    page = in_chinese(client_as(office.lead, Role.AUDITOR)).get("/audit_entry/?flt_entity=channel").text
    assert f'<a href="/channel/details/?id={office.channel.id}">{office.channel.name["zh"]}</a>' in page
    assert office.channel.code not in page


def test_rules_that_were_asked_are_told_as_sentences(office: Office, client_as: ClientAs) -> None:
    with office.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.entity == "team")).first()
        assert entry is not None
        number, names = entry.id, list(entry.rules)
    details = in_english(client_as(office.lead, Role.AUDITOR)).get(f"/audit_entry/details/?id={number}").text
    assert "A team serves at least one channel." in details
    assert [name for name in names if name in details] == []


def test_nobody_writes_to_the_audit(office: Office, client_as: ClientAs) -> None:
    auditor = client_as(office.lead, Role.AUDITOR)
    with office.session() as session:
        number, before = session.execute(select(func.min(AuditEntry.id), func.count(AuditEntry.id))).one()
    for url in ("/audit_entry/new/", f"/audit_entry/edit/?id={number}"):
        assert auditor.get(url).status_code == 403
    assert post(auditor, "/audit_entry/delete/", {"id": str(number)}).status_code == 403
    with office.session() as session:
        assert session.scalar(select(func.count(AuditEntry.id))) >= before


def test_administrator_sees_the_own_department_only(office: Office, client_as: ClientAs) -> None:
    page = client_as(office.manager, Role.ADMINISTRATOR).get("/audit_entry/?flt_entity=staff").text
    assert office.agent.number in page
    assert office.stranger.number not in page
