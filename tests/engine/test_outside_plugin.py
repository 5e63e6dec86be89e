"""A plugin from outside works whole, whichever way it comes: as a folder in `plugins/`, or as an installed package."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "sample_plugin"
NOISE = shutil.ignore_patterns("__pycache__", "instance")

SEEN = """
import json
from datetime import date

from flask_babel import force_locale
from sqlalchemy import inspect, select

from app import create_app
from engine.acting import SYSTEM, Actor, Door, Role, acting
from engine.database import db
from engine.errors import PolicyError
from engine.permissions import Scope, matrix
from engine.registry import registry
from engine.transitions.performing import perform
from models.obligation import Obligation
from models.organisation import Post
from tests.factories.accounts import account
from tests.factories.organisation import department, staff
from tests.factories.programs import of_account

app = create_app()
seen = {"rules": [], "states": []}
with app.app_context(), acting(SYSTEM, Door.COMMAND):
    session = db.session()
    FoundItem = registry.entity("found_item")
    seen["module"] = FoundItem.__module__
    seen["domain"] = "found_item" in registry.domains
    seen["table"] = inspect(db.engine).has_table("found_item")
    home = department(session)
    finder = staff(session, home, Post.MANAGER)
    item = FoundItem(
        department_id=home.id, what="雨伞", found_on=date(2026, 5, 4), kept_until=date(2026, 5, 5), found_by=finder
    )
    session.add(item)
    try:
        session.flush()
    except PolicyError as refused:
        seen["rules"] = [violation.rule for violation in refused.violations]
        with force_locale("zh_Hans_CN"):
            seen["sentence"] = refused.violations[0].text
    item.kept_until = date(2026, 6, 4)
    session.commit()
    duty = session.scalars(select(Obligation)).one()
    seen["states"].append(duty.state.value)
    seen["due"] = duty.due_at.isoformat()
    perform(session, item, "give_back")
    session.commit()
    seen["states"].append(duty.state.value)
    seen["grant"] = matrix.scope(Actor(1, roles=frozenset({Role.AGENT})), "found_item", "create") is Scope.OWN
    seen["pages"] = any(str(rule).startswith("/found_item/") for rule in app.url_map.iter_rules())
    finder_id, item_id = finder.id, item.id
    program = of_account(app, session, account(session, finder, Role.SHIFT_LEAD), scopes=["write"])
    session.commit()
seen["read"] = program.get(f"/found_item/{item_id}").get_json()["state"]
fresh = {"what": "钥匙", "found_on": "2026-05-04", "kept_until": "2026-06-04", "found_by_id": finder_id}
seen["written"] = program.post("/found_item", fresh).status_code
seen["refused"] = program.post("/found_item", fresh | {"kept_until": "2026-05-05"}).get_json()["violations"][0]["rule"]
print(json.dumps(seen))
"""


@dataclass(frozen=True)
class Product:
    """A copy of the product in a folder of its own, run as a process."""

    folder: Path
    site: Path

    def run(self, *arguments: str) -> str:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("DUTYBOOK_", "DATABASE_"))},
            "PYTHONPATH": os.pathsep.join([str(self.folder), str(self.site)]),
            "DUTYBOOK_INSTANCE_DIR": str(self.folder / "instance"),
        }
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def copied(folder: Path) -> Product:
    packages = [path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
    for name in (*packages, "policies", "migrations", "tests/factories"):
        shutil.copytree(ROOT / name, folder / name, ignore=NOISE)
    shutil.copytree(ROOT / "translations", folder / "translations", ignore=NOISE)
    for name in ("app.py", "tests/__init__.py"):
        shutil.copy(ROOT / name, folder / name)
    site = folder / "site"
    site.mkdir()
    return Product(folder, site)


def drop_into_plugins(product: Product) -> None:
    place(product.folder / "plugins" / "sample_plugin")


def install(product: Product) -> None:
    """What an installer leaves behind: the package, and its metadata with the entry point."""
    place(product.site / "sample_plugin")
    info = product.site / "sample_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sample-plugin\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[dutybook]\nfound_item = sample_plugin\n", encoding="utf-8")


def place(folder: Path) -> None:
    shutil.copytree(SAMPLE, folder, ignore=NOISE)
    for catalogue in folder.rglob("*.po"):
        with catalogue.open("rb") as source, catalogue.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(source))


WAYS = {"folder": (drop_into_plugins, "plugins.sample_plugin"), "installed": (install, "sample_plugin")}


@pytest.fixture(scope="module", params=WAYS)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process sees of the plugin, after `flask prepare` has made the database."""
    bring, module = WAYS[request.param]
    product = copied(tmp_path_factory.mktemp(request.param))
    bring(product)
    product.run("-m", "flask", "prepare")
    answer: dict[str, Any] = json.loads(product.run("-c", SEEN))
    assert answer["module"] == f"{module}.found_item"
    return answer


pytestmark = pytest.mark.slow


def test_hook_domain_of_an_outside_plugin(seen: dict[str, Any]) -> None:
    assert seen["domain"]
    assert seen["rules"] == ["found_item.kept_for_a_while"]
    assert seen["states"] == ["open", "met"]
    assert seen["due"] == "2026-06-04T16:00:00+00:00"
    assert seen["grant"]


def test_hook_migrations_of_an_outside_plugin(seen: dict[str, Any]) -> None:
    assert seen["table"]


def test_hook_translations_of_an_outside_plugin(seen: dict[str, Any]) -> None:
    assert seen["sentence"] == "拾获物品至少保管一周。"


def test_hook_views_of_an_outside_plugin(seen: dict[str, Any]) -> None:
    assert seen["pages"]


def test_entity_of_an_outside_plugin_is_there_for_programs(seen: dict[str, Any]) -> None:
    assert (seen["read"], seen["written"], seen["refused"]) == ("returned", 201, "found_item.kept_for_a_while")


@pytest.mark.parametrize("way", WAYS)
def test_plugin_that_cannot_be_imported_stops_the_start(tmp_path: Path, way: str) -> None:
    product = copied(tmp_path)
    WAYS[way][0](product)
    broken = next(path for path in tmp_path.rglob("sample_plugin/__init__.py"))
    broken.write_text("import nothing_of_that_name\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="nothing_of_that_name"):
        product.run("-c", "from app import create_app; create_app()")
