"""Deployment files say what the program knows: its commands, its settings, its files."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from flask import Flask
from pydantic import AliasChoices

from engine.config import Settings
from tests.house.source import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
TEXTS = [ROOT / "compose.yaml", ROOT / "Dockerfile", ROOT / "docs/operations.md", *sorted(DEPLOY.rglob("*.*"))]
OUTSIDE_OF_SETTINGS = {"DUTYBOOK_TEST_POSTGRES"}
SHUT = ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077", "User=dutybook")


def known_names() -> set[str]:
    """Every environment variable that the settings read."""
    names = {f"DUTYBOOK_{name.upper()}" for name in Settings.model_fields}
    for field in Settings.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices):
            names |= {str(choice) for choice in field.validation_alias.choices}
    return names


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"\bDUTYBOOK_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8")))
    assert named - known_names() - OUTSIDE_OF_SETTINGS == set()


def test_containers_run_commands_that_exist(app: Flask) -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    ours = {name: service for name, service in services.items() if service.get("image") == "dutybook:local"}
    assert set(ours) == {"prepare", "web", "scheduler", "worker"}
    assert {service["command"][0] for service in ours.values()} <= set(app.cli.commands)
    assert ours["web"]["deploy"]["replicas"] == 2
    for service in ours.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["environment"]["DUTYBOOK_JOBS"] == "queue"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_unit_runs_a_command_that_exists_and_is_shut_in(app: Flask, path: Path) -> None:
    unit = path.read_text(encoding="utf-8")
    command = re.search(r"^ExecStart=\S+ --app app (\S+)$", unit, re.MULTILINE)
    assert command is not None
    assert command[1] in app.cli.commands
    assert [line for line in SHUT if line not in unit.splitlines()] == []


def test_units_are_what_systemd_reads(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    for path in DEPLOY.glob("systemd/dutybook*.*"):
        text = path.read_text(encoding="utf-8").replace("/opt/dutybook/.venv/bin/flask", "/bin/true")
        (tmp_path / path.name.replace("@", "@1")).write_text(text, encoding="utf-8")
    units = sorted([*tmp_path.glob("*.service"), *tmp_path.glob("*.target")])
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False, timeout=30
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_image_copies_what_the_program_needs() -> None:
    """A folder that is not on the list is not in the image, and nothing says so before it is missed."""
    let_in = {
        line[1:].strip()
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line[:1] == "!"
    }
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    needed = packages | {"app.py", "gunicorn.conf.py", "migrations", "policies", "requirements.txt", "translations"}
    assert needed - let_in == set()
    assert {name for name in let_in if not (ROOT / name).exists()} == set()


def test_alerts_ask_for_figures_that_exist() -> None:
    from server import figures, metrics

    text = (DEPLOY / "prometheus/alerts.yaml").read_text(encoding="utf-8")
    named = set(re.findall(r"\bdutybook_[a-z_]+\b", text))
    source = (ROOT / "server/figures.py").read_text(encoding="utf-8") + Path(metrics.__file__).read_text(
        encoding="utf-8"
    )
    known = {name.removeprefix("dutybook_") for name in re.findall(r'"([a-z_]+)"', source)}
    asked = {re.sub(r"_(total|bucket)$", "", name.removeprefix("dutybook_")) for name in named}
    assert asked - known == set()
    assert len(figures.FIGURES) == 8
