"""Every grant has a door: a page, a button or a form by which whoever holds it can use it; and it names a known act."""

from collections.abc import Iterator

import pytest
from flask import Flask

from admin_views.base import EntityView
from engine.permissions import matrix
from engine.registry import registry
from tests.house.holes import entity_views
from tests.house.walking import classified

COMMON = {"read", "read_draft", "create", "edit", "delete", "export", "import", "unmask"}
OWN_ACTS = {
    "account": {"invite", "reset", "end_sessions"},
    "job": {"drop", "release_sending", "revive"},
    "obligation": {"waive"},
    "staff": {"transcript"},
}
"""Acts that are neither common nor a move of the entity."""
ELSEWHERE = {
    ("account", "invite"): "account.issue_view",  # the same page hands out invitations and resets
    ("adoption", "edit"): "adoption.adopt_view",  # an adopted pack's newer version
    ("attachment", "create"): "staff.attach_view",  # files are on the page of their record
    ("attachment", "delete"): "staff.detach_view",
    ("attachment", "read"): "staff.attachment_view",
    ("import_job", "finish"): "import_job.start_view",  # whoever starts an import has it ended by the worker
    ("import_job", "map"): "import_job.map_view",
    ("import_mapping", "create"): "import_job.map_view",  # a mapping is kept with the job that it was made for
    ("import_mapping", "edit"): "import_job.map_view",
    ("import_mapping", "read"): "import_job.map_view",
    ("parameter_value", "read"): "rulebook.value",
    ("qa_finding", "create"): "scoring.save",
    ("qa_finding", "delete"): "scoring.remove",
    ("qa_finding", "edit"): "scoring.save",
    ("saved_filter", "read"): "staff.index_view",  # above the list that they narrow
}
"""Grants that are used on the page of another entity, with the page."""


@pytest.fixture
def grants() -> list[tuple[str, str]]:
    return sorted({(entity, action) for entity, action, _role in matrix.grants})


def moves_of(entity: str, *, by_people: bool = True) -> set[str]:
    model = registry.entities.get(entity)
    moves = registry.transitions_for(model) if model else ()
    return {move.name for move in moves if not (by_people and move.by_system)}


def test_every_grant_names_a_known_act(app: Flask, grants: list[tuple[str, str]]) -> None:
    unknown = [
        (entity, action)
        for entity, action in grants
        if action not in COMMON | OWN_ACTS.get(entity, set()) | moves_of(entity, by_people=False)
    ]
    assert unknown == []


def test_every_grant_has_a_door(app: Flask, grants: list[tuple[str, str]]) -> None:
    doors = {*pages(app), *(door for view in entity_views(app) for door in doors_of(view))}
    assert [grant for grant in grants if grant not in doors and grant not in ELSEWHERE] == []
    assert sorted(set(ELSEWHERE.values()) - set(app.view_functions)) == []
    assert sorted(set(ELSEWHERE) - set(grants)) == []


def test_every_move_that_people_make_is_granted_to_somebody(app: Flask, grants: list[tuple[str, str]]) -> None:
    moves = {(entity, move) for entity in registry.entities for move in moves_of(entity)}
    assert sorted(moves - set(grants)) == []


def pages(app: Flask) -> Iterator[tuple[str, str]]:
    """What the pages that routes.csv names one by one are for; an entity's common pages are asked of its view."""
    tables = {view.table for view in entity_views(app)}
    common = {"create_view", "edit_view", "delete_view", "move_view", "action_view", "export", "unmask_view"}
    for page in classified(app).values():
        table, _dot, name = page.endpoint.rpartition(".")
        if page.entity and not (table in tables and name in common):
            yield page.entity, page.action
            yield page.first


def doors_of(view: EntityView) -> Iterator[tuple[str, str]]:
    """What can be done on an entity's own screens."""
    yield from ((view.table, action) for action in ("read", "read_draft", "export"))
    yield from ((view.table, move) for move in moves_of(view.table))
    if view.form_columns:
        yield view.table, "edit"
    if view.form_columns and type(view).can_create is not False:
        yield view.table, "create"
    for inline in view.inline:
        yield from ((inline.table, action) for action in ("read", "create", "edit"))
    if any(view.shown(name).secret for name in view.detail_columns):
        yield view.table, "unmask"
    if view.table in registry.importables:
        yield view.table, "import"
