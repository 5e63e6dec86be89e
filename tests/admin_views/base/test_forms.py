import pytest
from sqlalchemy import func, select

from engine.acting import Role
from engine.transitions.performing import perform
from models.audit import AuditEntry
from models.organisation import OnCall, Post, Team, Tier
from models.policy import PolicyDocument
from tests.factories.browsing import post, version_in
from tests.factories.office import Office
from tests.factories.policy import policy_document
from tests.fixtures.client import ClientAs


def count(office: Office, model: type) -> int:
    with office.session() as session:
        return session.scalar(select(func.count(model.id))) or 0


def test_form_creates_a_record(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    answer = post(
        client, "/team/new/", {"name": "三组", "tier": "2", "channels-shown": "1", "channels": str(office.channel.id)}
    )
    assert answer.status_code == 303
    with office.session() as session:
        made = session.scalars(select(Team).where(Team.name == "三组")).one()
        assert (made.tier, [c.id for c in made.channels], made.department_id, made.created_by_id) == (
            Tier.SECOND,
            [office.channel.id],
            office.home.id,
            office.hr.id,
        )
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.entity == "team", AuditEntry.record_id == made.id)
        ).one()
        assert (entry.door, entry.actor_id) == ("form", office.hr.id)


def test_broken_clause_stands_at_its_field_and_nothing_is_saved(office: Office, client_as: ClientAs) -> None:
    client, before = client_as(office.hr), count(office, Team)
    answer = post(client, "/team/new/", {"name": "没有渠道的组", "tier": "1", "channels-shown": "1"})
    assert answer.status_code == 422
    assert "A team serves at least one channel." in answer.text
    assert "#ORG-2" in answer.text
    assert 'value="没有渠道的组"' in answer.text
    assert count(office, Team) == before


def test_all_broken_clauses_are_shown_together(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    answer = post(
        client,
        "/staff/new/",
        {
            "number": "S9001",
            "name": "新人",
            "post": Post.SHIFT_LEAD.value,
            "hire_date": "2026-01-05",
        },
    )
    assert answer.status_code == 422
    assert "#ORG-1" in answer.text
    assert "direct superior" in answer.text
    answer = post(
        client,
        "/staff/new/",
        {
            "number": "S9001",
            "name": "新人",
            "post": Post.HOTLINE_AGENT.value,
            "hire_date": "2026-01-05",
        },
    )
    assert "direct superior" in answer.text
    assert "belongs to a team" in answer.text


def test_missing_value_is_said_at_its_field(office: Office, client_as: ClientAs) -> None:
    answer = post(client_as(office.hr), "/team/new/", {"name": "", "tier": "1", "channels-shown": "1"})
    assert answer.status_code == 422
    assert 'aria-describedby="e-name' in answer.text


def test_state_is_in_no_form(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    page = client.get(f"/staff/edit/?id={office.agent.id}")
    assert 'name="status"' not in page.text
    data = {
        "version": version_in(page),
        "name": "改名",
        "status": "left",
        "number": office.agent.number,
        "hire_date": "2024-03-01",
    }
    post(
        client,
        f"/staff/edit/?id={office.agent.id}",
        {**data, "post": office.agent.post.value, "team_id": str(office.team.id), "superior_id": str(office.lead.id)},
    )
    assert (office.again(office.agent).name, office.again(office.agent).status) == ("改名", office.agent.status)


def test_field_is_absent_masked_read_or_written_by_role(office: Office, client_as: ClientAs) -> None:
    phone = office.agent.phone
    assert phone is not None
    details = f"/staff/details/?id={office.agent.id}"
    assert phone in client_as(office.hr).get(details).text
    assert phone in client_as(office.manager).get(details).text
    masked = client_as(office.agent).get(details).text
    assert phone not in masked
    assert "138••••" in masked


def test_form_does_not_clear_what_it_does_not_show(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    version = version_in(client.get(f"/team/edit/?id={office.team.id}"))
    answer = post(client, f"/team/edit/?id={office.team.id}", {"version": version, "name": "一组", "tier": "2"})
    assert answer.status_code == 303
    with office.session() as session:
        kept = session.get_one(Team, office.team.id)
        assert [c.id for c in kept.channels] == [office.channel.id]


def test_moment_is_typed_in_the_departments_time(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    answer = post(
        client,
        "/on_call/new/",
        {
            "staff_id": str(office.lead.id),
            "starts_at": "2026-11-20T20:00",
            "ends_at": "2026-11-21T08:00",
        },
    )
    assert answer.status_code == 303
    with office.session() as session:
        duty = session.scalars(select(OnCall)).one()
        assert duty.starts_at.isoformat() == "2026-11-20T12:00:00+00:00"
        number = duty.id
    assert 'value="2026-11-20T20:00"' in client.get(f"/on_call/edit/?id={number}").text


def test_names_in_two_languages_have_two_boxes(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.manager, Role.ADMINISTRATOR)
    answer = post(
        client,
        "/channel/new/",
        {"code": "chat", "name-zh": "在线", "name-en": "Chat", "active-shown": "1", "active": "1"},
    )
    assert answer.status_code == 303
    page = client.get("/channel/?search=在线")
    assert "chat" in page.text
    empty = post(client, "/channel/new/", {"code": "mail", "name-zh": "", "name-en": "", "active-shown": "1"})
    assert empty.status_code == 422


def test_existing_number_is_said_without_a_word_of_sql(office: Office, client_as: ClientAs) -> None:
    answer = post(
        client_as(office.hr),
        "/team/new/",
        {
            "name": "一组",
            "tier": "1",
            "channels-shown": "1",
            "channels": str(office.channel.id),
        },
    )
    assert answer.status_code == 422
    assert "This already exists" in answer.text
    assert not {"INSERT", "UNIQUE", "constraint"} & set(answer.text.split())


def test_closed_record_is_not_edited(office: Office, client_as: ClientAs) -> None:
    with office.session() as session:
        document = policy_document(session, office.home, office.hr)
        perform(session, document, "review")
        perform(session, document, "take_effect")
        number = document.id
    client = client_as(office.hr)
    assert client.get(f"/policy_document/edit/?id={number}").status_code == 303
    answer = post(
        client,
        f"/policy_document/edit/?id={number}",
        {
            "version": str(_version(office, number)),
            "main_change": "偷改",
            "code": "D-1",
            "name-zh": "规范",
            "edition": "1",
            "changed_by_id": str(office.hr.id),
            "changed_on": "2026-01-01",
            "effective_on": "2026-01-02",
        },
    )
    assert answer.status_code == 422
    assert "can no longer be changed" in answer.text


def _version(office: Office, number: int) -> int:
    with office.session() as session:
        return session.get_one(PolicyDocument, number).version


@pytest.mark.parametrize("field", ["version", "id", "department_id", "created_by_id", "status"])
def test_posted_column_that_is_not_in_the_form_changes_nothing(field: str, office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    page = client.get(f"/staff/edit/?id={office.agent.id}")
    data = {
        "version": version_in(page),
        "number": office.agent.number,
        "name": office.agent.name,
        "post": office.agent.post.value,
        "team_id": str(office.team.id),
        "superior_id": str(office.lead.id),
        "hire_date": "2024-03-01",
        "phone": office.agent.phone or "",
        "email": "",
    }
    before = office.again(office.agent)
    post(client, f"/staff/edit/?id={office.agent.id}", {**data, **({field: "99"} if field != "version" else {})})
    after = office.again(office.agent)
    assert (after.id, after.department_id, after.created_by_id, after.status, after.version) == (
        before.id,
        before.department_id,
        before.created_by_id,
        before.status,
        before.version,
    )
