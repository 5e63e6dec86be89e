"""Every address, every method, every role, every place a row can lie in: exactly what the permission matrix grants.

What each page has to answer stands in `asking.py`; the roles are walked in the files beside this one, so that two
test processes share them.
"""

from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from engine.acting import Role
from engine.permissions import matrix
from tests.house import test_routes_of_quality, test_routes_of_the_floor, test_routes_of_the_office
from tests.house.asking import LOGIN, UNPROVEN, Cell, cells_of, database_file, strange_cells, walked
from tests.house.holes import disable
from tests.house.places import detached_world
from tests.house.walking import Watch, classified, named_one_by_one, visitor

pytestmark = [pytest.mark.sqlite, pytest.mark.slow, pytest.mark.usefixtures("clock_stands_still", "quick_disk")]


def test_every_address_is_classified(app: Flask) -> None:
    known = classified(app)
    served = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert sorted(served - set(known)) == []
    assert sorted(set(known) - served) == []
    assert sorted(named_one_by_one() - set(app.view_functions)) == []


def test_every_granted_entity_and_action_is_there(app: Flask) -> None:
    known = {page.entity for page in classified(app).values()}
    assert sorted({entity for entity, _action, _role in matrix.grants} - known - SEEN_ELSEWHERE) == []


SEEN_ELSEWHERE = {
    "adoption",  # the rulebook's page shows adopted packs as chapters
    "parameter_value",  # the same, as values
    "attachment",  # on the page of its record
}


def test_every_role_is_walked() -> None:
    files = (test_routes_of_the_floor, test_routes_of_quality, test_routes_of_the_office)
    assert sorted(role for file in files for role in file.ROLES) == sorted(Role)


@pytest.mark.parametrize("signed_in", [False, True], ids=["stranger", "disabled"])
def test_stranger_and_disabled_account_are_led_to_the_sign_in(app: Flask, signed_in: bool, tmp_path: Path) -> None:
    world = detached_world(app, Role.HR)
    browser = visitor(app, world.me.account if signed_in else None)
    if signed_in:
        disable(app, world.me.account)
        assert browser.go("GET", "/").status_code == LOGIN
    with closing(Watch(database_file(app), tmp_path / "copy.sqlite")) as watch:
        found = walked(browser, watch, strange_cells(app, world, token_is_over=signed_in))
    assert found == []


def test_no_write_without_the_page_s_token(app: Flask, tmp_path: Path) -> None:
    world = detached_world(app, Role.ADMINISTRATOR)
    browser = visitor(app, world.me.account)
    browser.token = "another browser's"
    with closing(Watch(database_file(app), tmp_path / "copy.sqlite")) as watch:
        posts = [cell for cell in cells_of(app, world, Role.ADMINISTRATOR, watch) if cell.method == "POST"]
        # The interface for programs knows neither sessions nor their tokens.
        forms = [cell for cell in posts if cell.wanted != {UNPROVEN}]
        without = (Cell(c.method, c.address, c.place, {400}, False, c.data, c.is_json) for c in forms)
        found = walked(browser, watch, without, writes=False)
    assert found == []
