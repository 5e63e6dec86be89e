"""The holes that stock Flask-Admin leaves open, H1 to H13: each test fails when its hole is put back."""

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_admin import AdminIndexView, BaseView
from openpyxl import load_workbook
from sqlalchemy import func, select

from admin_views.base import EntityView
from admin_views.base.columns import Shown, shown_column, stored_columns
from admin_views.base.declaring import DeclarationError, unlabelled
from admin_views.base.filters import make_filters
from admin_views.redirects import safe_target
from engine.acting import Role
from models.base import Record
from models.organisation import Staff, StaffStatus, Team, Tier
from tests.factories import organisation as make
from tests.factories.browsing import post, version_in
from tests.factories.office import Office
from tests.fixtures.client import ClientAs
from tests.house.holes import all_views, entity_views, team_form, version_of

pytestmark = pytest.mark.slow

EVIL = (
    "//evil.example",
    "/\\evil.example",
    "http:evil.example",
    "https:evil.example",
    "///evil.example",
    "\t//evil.example",
    "https://evil.example",
    "/x\n//evil",
    "javascript:alert(1)",
    "//e@evil.example",
)


@pytest.mark.parametrize("target", EVIL)
def test_h1_no_redirect_leaves_the_house(target: str, office: Office, client_as: ClientAs) -> None:
    client, number = client_as(office.hr), office.team.id
    assert safe_target(target) is None
    answers = [
        client.get("/team/edit/", query_string={"id": 424242, "url": target}),
        client.get("/team/details/", query_string={"id": 424242, "url": target}),
        client.get("/team/", query_string={"url": target, "next": target}),
        post(
            client,
            "/team/edit/",
            team_form(office, version_of(office, office.team), url=target),
            query_string={"id": number, "url": target},
        ),
        post(client, "/team/delete/", {"id": str(number), "url": target}),
        post(client, "/staff/action/", {"action": "suspend", "url": target}, query_string={"url": target}),
        post(client, "/staff/filters/save/", {"name": "x", "url": target}, query_string={"url": target}),
    ]
    for answer in answers:
        assert answer.status_code < 500
        assert re.fullmatch(r"|/[a-z_]+/[^/\\]*(/\?id=\d+)?", answer.headers.get("Location", "")), answer.headers[
            "Location"
        ]


@pytest.mark.parametrize("page", ["details", "edit", "move/suspend"])
def test_h2_row_out_of_scope_is_found_by_no_page(page: str, office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    assert client.get(f"/staff/{page}/?id={office.stranger.id}").status_code == 404
    if page != "details":
        assert (
            post(client, f"/staff/{page}/?id={office.stranger.id}", {"version": "1", "name": "偷改"}).status_code == 404
        )
    assert post(client, "/staff/delete/", {"id": str(office.stranger.id)}).status_code == 404
    assert (
        post(client, "/staff/ajax/update/", {"list_form_pk": str(office.stranger.id), "name": "x"}).status_code == 404
    )
    assert office.again(office.stranger).name == office.stranger.name


def test_h3_cell_without_the_right_to_edit_is_refused(office: Office, client_as: ClientAs) -> None:
    data = {"list_form_pk": str(office.team.id), "tier": "3", "version": version_of(office, office.team)}
    assert post(client_as(office.agent), "/team/ajax/update/", data).status_code == 403
    assert office.again(office.team).tier == Tier.FIRST


def writing_rules(app: Flask) -> list[str]:
    views = {view.endpoint for view in entity_views(app)}
    rules = [
        rule for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in views and "POST" in rule.methods
    ]
    return sorted(re.sub(r"<[^:>]+>", "suspend", re.sub(r"<int:[^>]+>", "1", rule.rule)) for rule in rules)


def fingerprint(office: Office) -> list[Any]:
    with office.session() as session:
        return [
            (m.class_.__tablename__, session.scalar(select(func.sum(m.class_.version))))
            for m in Record.registry.mappers
            if issubclass(m.class_, Record)
        ]


def test_h4_no_form_is_taken_without_its_token(office: Office, client_as: ClientAs) -> None:
    client, before = client_as(office.hr), fingerprint(office)
    rules = writing_rules(office.app)
    assert len(rules) > 20
    for rule in rules:
        for sent in ({}, {"csrf_token": "forged"}):
            answer = client.post(
                f"{rule}?id=1", data={"name": "x", "id": "1", "list_form_pk": "1", "action": "suspend", **sent}
            )
            assert answer.status_code == 400, rule
    assert fingerprint(office) == before


def test_h4_token_does_not_die_while_typing(office: Office, app: Flask) -> None:
    assert app.config["WTF_CSRF_TIME_LIMIT"] is None
    assert app.config.get("WTF_CSRF_ENABLED", True)


def test_h5_every_view_denies_by_default(app: Flask) -> None:
    open_by_default = {BaseView.is_accessible, AdminIndexView.is_accessible}
    assert [v.endpoint for v in all_views(app) if type(v).is_accessible in open_by_default] == []
    with app.test_request_context("/"):
        assert [view.endpoint for view in entity_views(app) if view.is_accessible()] == []


def test_h5_stranger_sees_no_list(office: Office, client: FlaskClient) -> None:
    for view in entity_views(office.app):
        answer = client.get(f"/{view.endpoint}/")
        assert answer.status_code in {302, 303}, view.endpoint
        assert "/login" in answer.location


def test_h6_bulk_action_asks_its_rows_anew(office: Office, client_as: ClientAs) -> None:
    data = {
        "action": "suspend",
        "confirmed": "1",
        "ask_reason": "x",
        "rowid": str(office.stranger.id),
        f"version-{office.stranger.id}": "1",
    }
    assert post(client_as(office.hr), "/staff/action/", data).status_code == 404
    assert office.again(office.stranger).status == StaffStatus.ON_POST


def test_h7_nothing_is_deleted_past_the_gate(office: Office, client_as: ClientAs) -> None:
    assert [view.endpoint for view in entity_views(office.app) if view.fast_mass_delete] == []
    client = client_as(office.manager, Role.ADMINISTRATOR, Role.HR)
    data = {"action": "delete", "confirmed": "1", "rowid": str(office.team.id)}
    assert post(client, "/team/action/", data).status_code == 404
    assert post(client, "/team/delete/", {"id": str(office.team.id), "version": "1"}).status_code == 403
    assert office.again(office.team).name == office.team.name


@pytest.mark.parametrize("column", ["list_columns", "form_columns"])
def test_h8_columns_are_named_or_there_is_no_view(column: str) -> None:
    declared = {"model": Team, "list_columns": ("name",), "form_columns": ("name", "tier", "channels")}
    faulty = type("Faulty", (EntityView,), {**declared, column: ("name",) if column == "form_columns" else ()})
    with pytest.raises(DeclarationError):
        faulty()


def test_h8_empty_form_has_no_fields(app: Flask) -> None:
    bare = type("Bare", (EntityView,), {"model": Team, "list_columns": ("name",)})
    assert [name for name in vars(bare()._edit_form_class) if name in set(stored_columns(Team))] == []


def test_h8_every_posted_column_outside_the_form_changes_nothing(office: Office, client_as: ClientAs) -> None:
    client, url = client_as(office.hr), f"/team/edit/?id={office.team.id}"
    forged = dict.fromkeys(("id", "department_id", "created_by_id", "created_at", "updated_at", "is_admin", "pw"), "7")
    before = office.again(office.team)
    post(client, url, team_form(office, version_in(client.get(url)), **forged))
    after = office.again(office.team)
    assert (after.id, after.department_id, after.created_by_id, after.created_at) == (
        before.id,
        before.department_id,
        before.created_by_id,
        before.created_at,
    )


def test_h9_what_is_shown_is_named(app: Flask) -> None:
    for view in entity_views(app):
        assert view.list_columns, view.endpoint
        assert set(view.column_details_list) == set(view.detail_columns), view.endpoint
        assert unlabelled(view) == [], view.endpoint


def test_h9_masked_field_leaves_through_no_page(office: Office, client_as: ClientAs) -> None:
    secret = office.agent.phone
    assert secret is not None
    client = client_as(office.agent)
    urls = (
        "/staff/",
        f"/staff/details/?id={office.agent.id}",
        "/staff/?search=" + secret,
        f"/staff/?sort=phone&search={secret}",
        f"/staff/ajax/lookup/?name=superior_id&query={secret}",
        f"/team/details/?id={office.team.id}",
    )
    for url in urls:
        body = client.get(url).text.replace(f'value="{secret}"', "").replace(f"search={secret}", "")
        assert secret not in body, url
    with client_as(office.manager).get("/staff/export/csv/") as answer:
        assert secret not in answer.data.decode()


def test_h10_no_cell_of_a_file_is_a_formula(office: Office, client_as: ClientAs) -> None:
    with office.session() as session:
        session.get_one(Staff, office.agent.id).name = '=HYPERLINK("http://evil.example")'
    client = client_as(office.hr)
    with client.get("/staff/export/csv/?sort=number") as answer:
        assert "'=HYPERLINK" in answer.data.decode()
    with client.get("/staff/export/xlsx/?sort=number") as answer:
        sheet = load_workbook(BytesIO(answer.data)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


def test_h11_lookup_is_scoped_short_and_literal(office: Office, client_as: ClientAs) -> None:
    with office.session() as session:
        for number in range(60):
            make.staff(session, office.home, of=office.team, superior=office.lead, name=f"新人{number}")
    client = client_as(office.agent)
    base = "/on_call/ajax/lookup/?name=staff_id&limit=100000&query="
    assert len(client.get(base + "新人").json) == 0 or len(client.get(base + "新人").json) <= 50
    assert len(client.get("/staff/ajax/lookup/?name=superior_id&limit=100000&query=新人").json) == 50
    for query in ("", "K", "%25%25", "__", "邻坐席", office.stranger.number):
        assert client.get("/staff/ajax/lookup/?name=superior_id&query=" + query).json == [], query


def test_h12_key_out_of_scope_is_neither_offered_nor_taken(office: Office, client_as: ClientAs) -> None:
    client, url = client_as(office.hr), f"/staff/edit/?id={office.agent.id}"
    page = client.get(url)
    assert office.strange_team.name not in page.text
    assert office.stranger.name not in page.text
    data = {
        "version": version_in(page),
        "number": office.agent.number,
        "name": office.agent.name,
        "post": office.agent.post.value,
        "team_id": str(office.strange_team.id),
        "superior_id": str(office.stranger.id),
        "hire_date": "2024-03-01",
    }
    assert post(client, url, data).status_code == 422
    assert (office.again(office.agent).team_id, office.again(office.agent).superior_id) == (
        office.team.id,
        office.lead.id,
    )


def test_h13_hidden_field_is_no_oracle(office: Office, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch) -> None:
    view = next(one for one in entity_views(office.app) if one.table == "staff")
    monkeypatch.setattr(view, "table_filters", (*view.table_filters, *make_filters(WithEmail)))
    monkeypatch.setattr(type(view), "search", (*view.search, "email"))
    monkeypatch.setattr(type(view), "list_columns", (*view.list_columns, "email"))
    client = client_as(office.agent)
    queries = (
        "", "?sort=phone", "?sort=phone&desc=1", "?sort=email", "?sort=email&desc=1", "?flt_email=secret@example.com",
        "?flt_phone=1", "?search=secret", "?sort=superior.name", "?flt_superior.phone=1",
    )  # fmt: skip

    def pages() -> list[list[str]]:
        texts = [client.get("/staff/" + query).text for query in queries]
        return [re.findall(r'<th scope="row"><a href="([^"]+)"', text) for text in texts]

    before = pages()
    with office.session() as session:
        session.get_one(Staff, office.other_agent.id).email = "secret@example.com"
    assert pages() == before


class WithEmail:
    """What the standard filters ask of a view."""

    filters = ("email",)

    @staticmethod
    def shown(name: str) -> Shown:
        return shown_column(Staff, name, {}, {})
