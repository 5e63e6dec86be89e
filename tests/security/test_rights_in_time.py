"""Rights that change while somebody is signed in count from the very next request; several roles are their union."""

from typing import Any

import pytest
from flask import Flask

from engine.acting import SYSTEM, Actor, Door, Role, acting
from engine.permissions import Grants, Scope, Sight, matrix
from models.base import Base
from models.organisation import Staff
from tests.factories.accounts import sign_in
from tests.factories.browsing import post, version_in
from tests.house.places import Place, World, detached_world

pytestmark = [pytest.mark.sqlite, pytest.mark.slow, pytest.mark.usefixtures("clock_stands_still", "quick_disk")]


def put(app: Flask, table: str, number: int, **values: Any) -> None:
    """Change a row past the gate, as somebody else did meanwhile."""
    from engine.database import db
    from engine.gate.bypass import maintenance_write

    rows = Base.metadata.tables[table]
    with app.app_context():
        with maintenance_write(db.session.connection()) as connection:
            connection.execute(rows.update().where(rows.c.id == number).values(values))
        db.session.commit()


def stored(app: Flask, table: str, number: int) -> dict[str, Any]:
    from engine.database import db

    rows = Base.metadata.tables[table]
    with app.app_context(), db.engine.connect() as connection:
        return dict(connection.execute(rows.select().where(rows.c.id == number)).mappings().one())


def details(table: str, number: int) -> str:
    return f"/{table}/details/?id={number}"


def records(world: World) -> dict[Place, int]:
    return world.rows["service_record"]


@pytest.mark.parametrize("table", ["service_record", "obligation", "qa_talk"])
def test_record_that_moved_is_gone_for_whoever_lost_it(app: Flask, table: str) -> None:
    world = detached_world(app, Role.AGENT)
    client = sign_in(app.test_client(), world.me.account)
    owner = Base.metadata.tables[table].c[owner_of(table)].name
    number = world.rows[table][Place.OWN]
    address = f"/ledger/{number}" if table == "obligation" else details(table, number)
    assert client.get(address).status_code == 200
    put(app, table, number, **{owner: world.holders[Place.OTHER].person.id})
    assert client.get(address).status_code == 404


def owner_of(table: str) -> str:
    model = next(m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == table)
    return str(model.__entity__.owner)


def test_lead_who_moves_teams_sees_the_new_one_only(app: Flask) -> None:
    world = detached_world(app, Role.SHIFT_LEAD)
    client = sign_in(app.test_client(), world.me.account)
    here, there = (
        details("service_record", records(world)[Place.TEAM]),
        details("service_record", records(world)[Place.OTHER]),
    )
    assert [client.get(address).status_code for address in (here, there)] == [200, 404]
    put(app, "staff", world.me.person.id, team_id=world.holders[Place.OTHER].team.id)
    assert [client.get(address).status_code for address in (here, there)] == [404, 200]


def test_lead_sees_the_team_of_somebody_who_came_under_them(app: Flask) -> None:
    world = detached_world(app, Role.SHIFT_LEAD)
    client, there = sign_in(app.test_client(), world.me.account), details("service_record", records(world)[Place.OTHER])
    assert client.get(there).status_code == 404
    put(app, "staff", world.holders[Place.OTHER].person.id, superior_id=world.me.person.id)
    assert client.get(there).status_code == 200
    put(app, "staff", world.holders[Place.OTHER].person.id, superior_id=None)
    assert client.get(there).status_code == 404


@pytest.mark.parametrize("page", ["/team/", "/team/new/", "/team/export/csv/"])
def test_taken_grant_counts_from_the_next_request(app: Flask, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = detached_world(app, Role.MANAGER)
    client = sign_in(app.test_client(), world.me.account)
    with client.get(page) as answer:
        assert answer.status_code == 200
    kept = {key: scope for key, scope in matrix.grants.items() if key[0] != "team" or key[2] is not Role.MANAGER}
    monkeypatch.setattr(matrix, "grants", Grants(kept))
    assert client.get(page).status_code == 403


def test_taken_sight_of_a_field_counts_from_the_next_request(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    world = detached_world(app, Role.HR)
    client, address = sign_in(app.test_client(), world.me.account), details("staff", world.me.person.id)
    assert str(world.me.person.phone) in client.get(address).text
    monkeypatch.setitem(matrix.fields, ("staff", "phone"), dict.fromkeys(Role, Sight.MASKED))
    assert str(world.me.person.phone) not in client.get(address).text


def test_role_that_was_taken_ends_the_session(app: Flask) -> None:
    world = detached_world(app, Role.MANAGER)
    client = sign_in(app.test_client(), world.me.account)
    assert client.get("/team/").status_code == 200
    put(app, "account", world.me.account.id, roles=[Role.AGENT.value])
    assert client.get("/team/").status_code == 303
    assert client.get("/team/").location.startswith("/login")


def test_account_shut_in_the_middle_is_led_out(app: Flask) -> None:
    world = detached_world(app, Role.HR)
    client = sign_in(app.test_client(), world.me.account)
    page = client.get(f"/team/edit/?id={world.me.team.id}")
    put(app, "account", world.me.account.id, state="disabled")
    answer = client.post(f"/team/edit/?id={world.me.team.id}", data={"version": version_in(page), "name": "x"})
    assert answer.status_code in {303, 400}
    assert client.get("/team/").status_code == 303


def test_form_left_open_is_refused_once_the_record_is_closed(app: Flask) -> None:
    world = detached_world(app, Role.HR)
    number = world.rows["policy_document"][Place.OWN]
    client = sign_in(app.test_client(), world.me.account)
    page = client.get(f"/policy_document/edit/?id={number}")
    assert page.status_code == 200
    put(app, "policy_document", number, state="in_effect")
    sent = {"version": version_in(page), "code": "D-9", "name-zh": "改", "edition": "9", "main_change": "改"}
    assert post(client, f"/policy_document/edit/?id={number}", sent).status_code in {403, 409, 422}
    assert stored(app, "policy_document", number)["edition"] != "9"
    assert client.get(f"/policy_document/edit/?id={number}").status_code in {303, 403}


@pytest.mark.parametrize("first", list(Role))
def test_several_roles_are_their_union_and_no_more(first: Role) -> None:
    keys = {(entity, action) for entity, action, _role in matrix.grants}
    fields, order = set(matrix.fields), list(Sight)
    for second in Role:
        both, apart = actor(first, second), (actor(first), actor(second))
        for entity, action in keys:
            scopes = [matrix.scope(one, entity, action) for one in apart]
            assert matrix.scope(both, entity, action) == max((s for s in scopes if s), default=None)
        for entity, field in fields:
            sights = [matrix.sight(one, entity, field) for one in apart]
            assert matrix.sight(both, entity, field) == max(sights, key=order.index)


def actor(*roles: Role) -> Actor:
    return Actor(1, department_id=1, roles=frozenset(roles))


def test_person_with_two_roles_gets_what_either_grants(app: Flask) -> None:
    """An agent who also trains reads every course record that trainers read, and nothing of the office's."""
    world = detached_world(app, Role.AGENT)
    put(app, "account", world.me.account.id, roles=[Role.AGENT.value, Role.INSPECTOR.value])
    client = sign_in(app.test_client(), world.me.account)
    grants = {role: {e for e, a, r in matrix.grants if a == "read" and r is role} for role in Role}
    granted = grants[Role.AGENT] | grants[Role.INSPECTOR]
    entities = [e for e in sorted({e for e, _a, _r in matrix.grants}) if f"{e}.index_view" in app.view_functions]
    answers = {entity: client.get(f"/{entity}/").status_code for entity in entities}
    assert answers == {entity: 200 if entity in granted else 403 for entity in entities}
    reach = max(matrix.grants["service_record", "read", role] for role in (Role.AGENT, Role.INSPECTOR))
    assert reach is Scope.DEPARTMENT
    seen = {
        place: client.get(details("service_record", number)).status_code for place, number in records(world).items()
    }
    assert seen == {Place.OWN: 200, Place.TEAM: 200, Place.OTHER: 200, Place.STRANGE: 404}


def test_rows_are_scoped_for_work_that_somebody_left_behind(app: Flask) -> None:
    """A job that goes on as a person sees what the person sees now, not what they saw when they began it."""
    from engine.accounts.actor import actor_for
    from engine.database import db
    from models.accounts import Account
    from models.service_record import ServiceRecord

    world = detached_world(app, Role.SHIFT_LEAD)
    put(app, "staff", world.me.person.id, team_id=world.holders[Place.OTHER].team.id)
    with app.app_context():
        with acting(SYSTEM, Door.COMMAND):
            who = actor_for(db.session(), db.session.get_one(Account, world.me.account.id))
            assert db.session.get_one(Staff, world.me.person.id).team_id == world.holders[Place.OTHER].team.id
        db.session.expunge_all()
        with acting(who, Door.SCHEDULER):
            seen = set(db.session.scalars(db.select(ServiceRecord.id)))
    assert records(world)[Place.OTHER] in seen
    assert {records(world)[place] for place in (Place.TEAM, Place.STRANGE)}.isdisjoint(seen)
