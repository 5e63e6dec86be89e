"""Which databases may be named: those of this machine, and those elsewhere behind TLS."""

import pytest
from flask_babel import force_locale

from engine.config import Settings
from engine.database_address import address_problems


@pytest.fixture(autouse=True)
def _no_libpq_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    monkeypatch.delenv("PGHOST", raising=False)


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("sqlite:////var/lib/dutybook/dutybook.sqlite", ""),
        ("postgresql:///dutybook", ""),
        ("postgresql://u:p@localhost/d", ""),
        ("postgresql://u:p@127.0.0.1:5433/d", ""),
        ("postgresql://u:p@[::1]/d", ""),
        ("postgresql://u@/d?host=/run/postgresql", ""),
        ("postgresql+psycopg://u:p@db.example.org/d?sslmode=verify-full", ""),
        ("postgresql://u:p@db.example.org/d?sslmode=require", ""),
        ("postgresql://u:p@db.example.org/d", "D023"),
        ("postgresql://u:p@db.example.org/d?sslmode=prefer", "D023"),
        ("postgresql://u:p@10.0.0.7/d?sslmode=disable", "D023"),
        ("postgresql://u:p@/d?host=127.0.0.1,db.example.org", "D023"),
        ("postgresql://u:p@localhost/d?host=db.example.org", "D023"),
        ("mysql://u:p@localhost/d", "D021"),
        ("postgresql://u:p@localhost:port/d", "D021"),
    ],
)
def test_address_elsewhere_needs_tls(address: str, problem: str) -> None:
    assert [found.id for found in address_problems(address, plain=False)] == ([problem] if problem else [])


def test_address_elsewhere_in_clear_has_to_be_asked_for() -> None:
    assert list(address_problems("postgresql://u:p@db.example.org/d", plain=True)) == []


def test_libpq_s_own_variables_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example.org")
    assert [found.id for found in address_problems("postgresql:///d", plain=False)] == ["D023"]
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert list(address_problems("postgresql:///d", plain=False)) == []


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"jobs": "queue"}, "D024"),
        ({"metrics_token": "short"}, "D033"),
        ({"database_url": "postgresql://u:p@db.example.org/d"}, "D023"),
    ],
)
def test_settings_say_what_speaks_against_starting(settings: dict[str, str], problem: str, tmp_path: object) -> None:
    found = Settings(instance_dir=tmp_path, **settings)  # type: ignore[arg-type]  # each a setting's text
    problems = {each.id: each.sentence for each in found.problems()}
    assert problem in problems


def test_sentence_keeps_the_password_to_itself(app: object) -> None:
    (problem,) = address_problems("postgresql://u:opensesame@db.example.org/d", plain=False)
    with app.test_request_context(), force_locale("en"):  # type: ignore[attr-defined]  # Flask's
        assert "opensesame" not in str(problem.sentence)
