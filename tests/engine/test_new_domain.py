import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.commands.new_domain import ROOT, new_domain

PACKAGES = [path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
COPIED = (*PACKAGES, "policies", "tests/fixtures", "tests/factories")
FILES = ("app.py", "pyproject.toml", "tests/__init__.py", "tests/conftest.py")
WRITTEN = [
    "models/lost_property.py",
    "plugins/lost_property.py",
    "admin_views/lost_property.py",
    "tests/plugins/test_lost_property.py",
]


def scaffold(into: Path, name: str = "lost_property") -> Result:
    return CliRunner().invoke(new_domain, [name, "--into", str(into)])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The product without its own tests, in a folder that may be written to."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "DUTYBOOK_INSTANCE_DIR": str(folder / "instance")}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_new_domain_writes_four_files_and_nothing_else(tmp_path: Path) -> None:
    outcome = scaffold(tmp_path)
    assert outcome.exit_code == 0
    assert files(tmp_path) == set(WRITTEN)
    assert outcome.output.splitlines()[:4] == WRITTEN


@pytest.mark.slow
def test_new_domain_imports_and_one_test_fails_for_the_missing_rule(copy: Path) -> None:
    before = files(copy)
    scaffold(copy)
    assert files(copy) - before == set(WRITTEN)
    imported = run(
        copy, "-c", "import app, admin_views.lost_property as v, plugins.lost_property as p; v.views(); p.domain()"
    )
    assert (imported.returncode, imported.stderr) == (0, "")
    tested = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/plugins/test_lost_property.py")
    assert tested.stdout.splitlines()[-1].startswith("1 failed, 1 passed"), tested.stdout
    assert "AssertionError: state the first rule of lost property in plugins/lost_property.py" in tested.stdout


@pytest.mark.slow
def test_new_domain_keeps_the_house_style(copy: Path) -> None:
    scaffold(copy)
    checked = run(copy, "-m", "ruff", "check", *WRITTEN)
    assert (checked.returncode, checked.stdout) == (0, "All checks passed!\n")
    assert run(copy, "-m", "ruff", "format", "--check", *WRITTEN).returncode == 0


@pytest.mark.parametrize(
    "name", ["LostProperty", "lost-property", "1lost", "lost__property", "../lost", "lost property", ""]
)
def test_name_that_is_no_domain(tmp_path: Path, name: str) -> None:
    assert scaffold(tmp_path, name).exit_code == 1
    assert files(tmp_path) == set()


def test_domain_that_is_there_already_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "lost_property.py").write_text("mine", encoding="utf-8")
    assert scaffold(tmp_path).exit_code == 1
    assert files(tmp_path) == {"plugins/lost_property.py"}
    assert (tmp_path / "plugins" / "lost_property.py").read_text(encoding="utf-8") == "mine"
