"""The holes that stock Flask-Admin leaves open, H14 to H24: each test fails when its hole is put back."""

import ast
import re
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask_admin.contrib.fileadmin import BaseFileAdmin
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from admin_views.base import inline
from engine import attachments
from engine.acting import Actor, Door, Role, acting
from engine.database import db
from engine.errors import PolicyError
from models.audit import AuditEntry
from models.organisation import OnCall, Staff, StaffStatus, Team, Tier
from tests.factories import organisation as make
from tests.factories.browsing import post, token, version_in
from tests.factories.office import Office
from tests.factories.policy import policy_document
from tests.fixtures.client import ClientAs
from tests.house.holes import all_views, entity_views, team_form, version_of
from tests.house.source import ROOT, at, files, tree

pytestmark = pytest.mark.slow


def test_h14_no_sql_reaches_a_person(office: Office, client_as: ClientAs) -> None:
    answer = post(
        client_as(office.hr),
        "/team/new/",
        {"name": "二组", "tier": "1", "channels-shown": "1", "channels": str(office.channel.id)},
    )
    assert answer.status_code == 422
    assert not re.search(r"INSERT|UNIQUE|constraint|IntegrityError|sqlite|psycopg|parameters", answer.text)
    with office.app.app_context():
        assert db.engine.hide_parameters is True


def test_h15_answer_of_a_cell_runs_nothing(office: Office, client_as: ClientAs) -> None:
    data = {
        "list_form_pk": str(office.team.id),
        "tier": "<img src=x onerror=alert(1)>",
        "version": version_of(office, office.team),
    }
    answer = post(client_as(office.hr), "/team/ajax/update/", data)
    assert (answer.status_code, answer.mimetype) == (422, "application/json")
    assert "<img" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "?page=99999999999999999999",
        "?id=a,b",
        "details/?id=a,b",
        "edit/?id=1,2",
        "edit/?id=%00",
        "?url=/x%0d%0ay",
        "details/?id=1%00",
        "?flt_team_id=%00",
        "?search=%00",
        "export/csv/?page=-1&sort=-1",
        "ajax/lookup/?name=%00&query=%00",
        "move/%00/?id=1",
    ],
)
def test_h16_odd_input_is_never_a_crash(query: str, office: Office, client_as: ClientAs) -> None:
    with client_as(office.hr).get(f"/staff/{query}") as answer:
        assert answer.status_code in {200, 404}


def test_h17_denial_is_403_or_404_and_in_the_audit(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.agent)
    attempts = {
        "create": client.get("/team/new/"),
        "edit": client.get(f"/team/edit/?id={office.team.id}"),
        "export": client.get("/team/export/csv/"),
        "delete": post(client, "/team/delete/", {"id": str(office.team.id)}),
        "suspend": client.get(f"/staff/move/suspend/?id={office.agent.id}"),
    }
    assert {name: answer.status_code for name, answer in attempts.items()} == dict.fromkeys(attempts, 403)
    with office.session() as session:
        denied = session.scalars(select(AuditEntry).where(AuditEntry.action == "denied").order_by(AuditEntry.id)).all()
        assert [entry.changes["action"][1] for entry in denied] == list(attempts)
        assert {entry.actor_id for entry in denied} == {office.agent.id}


@pytest.fixture
def document(office: Office) -> int:
    with office.session() as session:
        return policy_document(session, office.home, office.hr).id


def test_h18_uploads_are_known_kinds_under_random_names(office: Office, client_as: ClientAs, document: int) -> None:
    client = client_as(office.hr)
    for content, name in ((b"<script>1</script>", "x.html"), (b"%PDF-1 a", "same.pdf"), (b"%PDF-1 b", "same.pdf")):
        data = {"csrf_token": token(client), "file": (BytesIO(content), name)}
        client.post(f"/policy_document/attach/?id={document}", data=data, content_type="multipart/form-data")
    page = client.get(f"/policy_document/details/?id={document}").text
    links = re.findall(r"/policy_document/attachment/\?id=\d+&amp;file=\d+", page)
    bodies = []
    for link in links:
        with client.get(link.replace("&amp;", "&")) as answer:
            bodies.append(answer.data)
            assert answer.headers["Content-Disposition"].startswith("attachment")
    assert bodies == [b"%PDF-1 a", b"%PDF-1 b"]


def test_h19_evidence_outlives_a_failed_commit(session: Session, tmp_path: Path) -> None:
    team = make.team(session, make.department(session))
    kept = attachments.keep(session, tmp_path, team, "a.pdf", BytesIO(b"%PDF-1"))
    session.commit()
    path = attachments.path_of(tmp_path, kept)
    attachments.remove(session, tmp_path, kept)
    session.execute(text("SELECT 1"))
    session.rollback()
    assert path.read_bytes() == b"%PDF-1"


def markups() -> list[str]:
    """Calls of Markup on anything but a constant, and the filters that switch escaping off."""
    found = [
        at(path, node.lineno)
        for path in files("admin_views", "api")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("Markup")
        and node.args
        and not isinstance(node.args[0], ast.Constant)
    ]
    for path in sorted((ROOT / "admin_views/templates").rglob("*.html")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(r"\|\s*safe\b|autoescape\s+false", line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    return found


LOOKED_AT = {"admin_views/base/table.py": 1, "admin_views/formats.py": 1}
"""Calls that somebody looked at: each part is escaped beside it, or is a time of our own making."""


def test_h20_nothing_unknown_is_called_markup() -> None:
    assert Counter(place.partition(":")[0] for place in markups()) == LOOKED_AT


def test_h20_what_people_write_is_shown_as_text(office: Office, client_as: ClientAs) -> None:
    payload = "<img src=x onerror=alert(1)>"
    with office.session() as session:
        session.get_one(Staff, office.agent.id).name = payload
        session.get_one(Team, office.team.id).name = payload + "组"
    client = client_as(office.hr)
    urls = [
        "/staff/",
        "/team/",
        f"/staff/details/?id={office.agent.id}",
        f"/staff/edit/?id={office.agent.id}",
        "/staff/new/",
        "/on_call/new/",
        f"/staff/move/suspend/?id={office.agent.id}",
        f"/team/details/?id={office.team.id}",
    ]
    for url in urls:
        assert payload not in client.get(url).text, url
    answer = post(client, "/staff/action/", {"action": "suspend", "rowid": str(office.agent.id)})
    assert payload not in answer.text


def test_h21_second_writer_is_told_in_form_cell_and_bulk(office: Office, client_as: ClientAs) -> None:
    client, url = client_as(office.hr), f"/team/edit/?id={office.team.id}"
    version, staff_version = version_in(client.get(url)), version_of(office, office.agent)
    with office.session() as session:
        session.get_one(Team, office.team.id).name = "先来的"
        session.get_one(Staff, office.agent.id).name = "先来的人"
    cell = {"list_form_pk": str(office.team.id), "tier": "3", "version": version}
    bulk = {
        "action": "suspend",
        "confirmed": "1",
        "ask_reason": "x",
        "rowid": str(office.agent.id),
        f"version-{office.agent.id}": staff_version,
    }
    assert post(client, url, team_form(office, version, name="后来的")).status_code == 409
    assert post(client, "/team/ajax/update/", cell).status_code == 409
    assert post(client, "/staff/action/", bulk).status_code == 409
    assert (office.again(office.team).name, office.again(office.team).tier) == ("先来的", Tier.FIRST)
    assert office.again(office.agent).status == StaffStatus.ON_POST


def test_h22_inline_rows_stand_under_the_childs_own_rights(office: Office, app: Flask) -> None:
    duties = inline.Inline(model=OnCall, key="staff_id", columns=("starts_at", "ends_at", "note"))
    actor = Actor(office.agent.id, department_id=office.home.id, roles=frozenset({Role.AGENT}))
    with app.test_request_context("/"), acting(actor, Door.INLINE):
        parent = db.session.get_one(Staff, office.lead.id)
        sent = {
            "on_call-count": "1",
            "on_call-0-starts_at": "2026-11-20T08:00",
            "on_call-0-ends_at": "2026-11-20T20:00",
        }
        tables = inline.tables([duties], parent, MultiDict(sent))
        assert not tables[0].may_add
        inline.apply(tables, parent)
        with pytest.raises(PolicyError):
            db.session.flush()
        db.session.rollback()


def test_h22_row_of_another_parent_is_not_there(office: Office, app: Flask) -> None:
    duties = inline.Inline(model=Staff, key="superior_id", columns=("name",))
    actor = Actor(office.hr.id, department_id=office.home.id, roles=frozenset({Role.HR}))
    with app.test_request_context("/"), acting(actor, Door.INLINE):
        parent = db.session.get_one(Staff, office.lead.id)
        sent = MultiDict(
            {
                "staff-count": "1",
                "staff-0-id": str(office.other_agent.id),
                "staff-0-version": "1",
                "staff-0-name": "偷改",
            }
        )
        with pytest.raises(NotFound):
            inline.tables([duties], parent, sent)


def test_h22_box_that_was_not_shown_clears_nothing(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.manager, Role.ADMINISTRATOR)
    url = f"/channel/edit/?id={office.channel.id}"
    post(
        client,
        url,
        {"version": version_in(client.get(url)), "code": "hotline", "name-zh": "热线", "name-en": "Hotline"},
    )
    assert office.again(office.channel).active is True
    post(client, url, {"version": version_in(client.get(url)), "code": "hotline", "active-shown": "1"})
    assert office.again(office.channel).active is False


def test_h23_old_scripts_are_not_loaded(office: Office, client_as: ClientAs) -> None:
    client = client_as(office.hr)
    for url in ("/staff/", "/staff/new/", f"/staff/details/?id={office.agent.id}"):
        answer = client.get(url)
        assert not re.search(r"select2|jquery|bootstrap", answer.text, re.IGNORECASE)
        policy = answer.headers["Content-Security-Policy"]
        nonce = re.search(r"'nonce-([^']+)'", policy)
        assert nonce is not None
        assert "'unsafe" not in policy
        assert {n for n in re.findall(r"<script[^>]*>", answer.text) if nonce[1] not in n} == set()


def test_h24_exports_are_capped_and_nobody_gets_the_file_system(app: Flask) -> None:
    assert [view.endpoint for view in entity_views(app) if not 0 < view.export_cap <= 100_000] == []
    assert [view for view in all_views(app) if isinstance(view, BaseFileAdmin)] == []
