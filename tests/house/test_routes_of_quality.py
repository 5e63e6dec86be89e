"""Every address as inspectors, the QA supervisor and the manager meet it."""

from pathlib import Path

import pytest
from flask import Flask

from engine.acting import Role
from tests.house.asking import walk

pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.slow,
    pytest.mark.usefixtures("clock_stands_still", "quick_disk", "frameless_errors"),
]

ROLES = (Role.INSPECTOR, Role.QA_SUPERVISOR, Role.MANAGER)


@pytest.mark.parametrize("role", ROLES)
def test_role_gets_what_the_matrix_grants(app: Flask, role: Role, tmp_path: Path) -> None:
    assert walk(app, role, tmp_path) == []
