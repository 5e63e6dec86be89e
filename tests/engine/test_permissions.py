import ast
import csv
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from engine.acting import SYSTEM, Actor, Role
from engine.permissions import FOLDER, READ_DRAFT, Matrix, Scope, Sight, covers, matrix, may, may_do_to
from engine.registry import registry
from models.organisation import OnCall, Staff
from tests.house.source import files, tree

MINE, TEAM, DEPARTMENT = 7, 3, 1
ACTOR = Actor(MINE, department_id=DEPARTMENT, roles=frozenset({Role.AGENT}), team_ids=frozenset({TEAM}))


def person(number: int, team: int | None = None, department: int = DEPARTMENT) -> Staff:
    return Staff(id=number, team_id=team, department_id=department)


ROWS = {
    "own": person(MINE, 9),
    "team": person(8, TEAM),
    "department": person(8, 9),
    "no team": person(8),
    "elsewhere": person(8, TEAM, 2),
    "own number elsewhere": person(MINE, TEAM, 2),
}
REACH = {
    None: set(),
    Scope.OWN: {"own"},
    Scope.TEAM: {"own", "team"},
    Scope.DEPARTMENT: {"own", "team", "department", "no team"},
    Scope.ALL: set(ROWS),
}


@pytest.mark.parametrize("scope", REACH)
@pytest.mark.parametrize("row", ROWS)
def test_scope_reaches_a_row(scope: Scope | None, row: str) -> None:
    assert covers(ACTOR, scope, ROWS[row]) is (row in REACH[scope])


def test_nobody_owns_what_has_no_owner() -> None:
    nobody = Actor(None, department_id=DEPARTMENT, roles=frozenset({Role.AGENT}))
    assert not covers(nobody, Scope.OWN, OnCall(staff_id=None, department_id=DEPARTMENT))


@pytest.fixture
def small(tmp_path: Path) -> Matrix:
    (tmp_path / "permissions.csv").write_text(
        "entity,action,hr,shift_lead,agent\nstaff,read,department,team,own\nstaff,edit,department,,\n", encoding="utf-8"
    )
    (tmp_path / "fields.csv").write_text(
        "entity,field,hr,shift_lead,agent\nstaff,phone,write,read,masked\nstaff,email,read,none,\n", encoding="utf-8"
    )
    made = Matrix()
    made.read_files(tmp_path)
    return made


def acting_as(*roles: Role) -> Actor:
    return Actor(MINE, department_id=DEPARTMENT, roles=frozenset(roles))


@pytest.mark.parametrize(
    ("roles", "action", "expected"),
    [
        ((Role.AGENT,), "read", Scope.OWN),
        ((Role.AGENT, Role.SHIFT_LEAD), "read", Scope.TEAM),
        ((Role.AGENT, Role.HR), "read", Scope.DEPARTMENT),
        ((Role.SHIFT_LEAD,), "edit", None),
        ((Role.AUDITOR,), "read", None),
        ((), "read", None),
        ((Role.HR,), "delete", None),
    ],
)
def test_widest_scope_of_all_roles(small: Matrix, roles: tuple[Role, ...], action: str, expected: Scope | None) -> None:
    assert small.scope(acting_as(*roles), "staff", action) is expected


@pytest.mark.parametrize(
    ("roles", "field", "expected"),
    [
        ((Role.AGENT,), "phone", Sight.MASKED),
        ((Role.AGENT, Role.SHIFT_LEAD), "phone", Sight.READ),
        ((Role.HR,), "phone", Sight.WRITE),
        ((Role.AUDITOR,), "phone", Sight.NONE),
        ((Role.AGENT,), "email", Sight.NONE),
        ((), "phone", Sight.NONE),
        ((), "name", Sight.WRITE),
    ],
)
def test_best_sight_of_all_roles(small: Matrix, roles: tuple[Role, ...], field: str, expected: Sight) -> None:
    assert small.sight(acting_as(*roles), "staff", field) is expected


def test_system_sees_and_does_everything(small: Matrix, session: Session) -> None:
    assert small.sight(SYSTEM, "staff", "phone") is Sight.WRITE
    assert may(SYSTEM, "staff", "anything")
    assert may_do_to(session, SYSTEM, "anything", person(1))


def test_empty_matrix_denies() -> None:
    assert Matrix().scope(acting_as(*Role), "staff", "read") is None


@pytest.mark.parametrize(
    ("permissions", "fields"),
    [
        ("entity,action,hr\nstaff,read,everything\n", "entity,field,hr\n"),
        ("entity,action,hr\n", "entity,field,hr\nstaff,phone,peek\n"),
    ],
)
def test_cell_that_means_nothing_stops_the_start(tmp_path: Path, permissions: str, fields: str) -> None:
    (tmp_path / "permissions.csv").write_text(permissions, encoding="utf-8")
    (tmp_path / "fields.csv").write_text(fields, encoding="utf-8")
    with pytest.raises(ValueError, match=r"everything|peek"):
        Matrix().read_files(tmp_path)


def rows_of(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_files_name_every_role(app: Flask) -> None:
    for name in ("permissions.csv", "fields.csv"):
        header = list(rows_of(name)[0])
        assert set(header[2:]) == {role.value for role in Role}


def test_each_row_of_the_files_stands_once(app: Flask) -> None:
    for name in ("permissions.csv", "fields.csv"):
        keys = [tuple(row.values())[:2] for row in rows_of(name)]
        assert [key for key in set(keys) if keys.count(key) > 1] == []


def test_fields_of_the_file_exist(app: Flask) -> None:
    entities: dict[str, Any] = registry.entities
    strange = [
        (row["entity"], row["field"])
        for row in rows_of("fields.csv")
        if row["entity"] in entities and row["field"] not in inspect(entities[row["entity"]]).column_attrs
    ]
    assert strange == []


def test_every_button_can_be_pressed_by_somebody(app: Flask) -> None:
    """A move that no role is granted has a button for nobody."""
    everybody = Actor(MINE, roles=frozenset(Role))
    locked = [
        move.key
        for model, moves in registry.transitions.items()
        for move in moves.values()
        if not move.by_system and matrix.scope(everybody, model.__tablename__, move.name) is None
    ]
    assert locked == []


def test_whoever_moves_a_draft_may_read_it(app: Flask) -> None:
    """A grant that a draft does not let through is a button for nobody."""
    blind = [
        (move.key, role)
        for model, moves in registry.transitions.items()
        for move in moves.values()
        for role in Role
        if model.__entity__.published is not None
        and move.sources - model.__entity__.published
        and (model.__tablename__, move.name, role) in matrix.grants
        and (model.__tablename__, READ_DRAFT, role) not in matrix.grants
    ]
    assert blind == []


def test_drafts_are_of_entities_that_are_published(app: Flask) -> None:
    named = {entity for entity, action, _role in matrix.grants if action == READ_DRAFT}
    assert named == {name for name, model in registry.entities.items() if model.__entity__.published is not None}


def test_every_entity_can_be_read_by_somebody(app: Flask) -> None:
    everybody = Actor(MINE, roles=frozenset(Role))
    assert [name for name in registry.entities if matrix.scope(everybody, name, "read") is None] == []


PERSONAL = {"saved_filter", "notice_preference", "confidentiality_ack"}
"""How somebody likes to look at things, and their own signature (CNF-1): the auditor does that for themselves."""


def test_auditor_reads_and_changes_nothing(app: Flask) -> None:
    granted = {
        action
        for entity, action, role in matrix.grants
        if role is Role.AUDITOR and entity in registry.entities and entity not in PERSONAL
    }
    assert granted <= {"read", "read_draft", "export", "transcript"}


def test_actions_of_the_file_exist(app: Flask) -> None:
    """A grant of something that nobody declares or asks for is a slip of the pen. Only for entities that are built."""
    moves = {(model.__tablename__, name) for model, found in registry.transitions.items() for name in found}
    asked = {
        node.value
        for path in files("engine", "plugins", "admin_views")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    strange = [
        (row["entity"], row["action"])
        for row in rows_of("permissions.csv")
        if row["entity"] in registry.entities
        and row["action"] not in asked
        and (row["entity"], row["action"]) not in moves
    ]
    assert strange == []
