import json
import os
import threading
from pathlib import Path
from stat import S_IMODE

import pytest
from pydantic import ValidationError

from engine.config import Settings, StartUpError, is_loopback
from engine.secret_files import FILES, ensure_secrets


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("DUTYBOOK_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def ids(settings: Settings) -> list[str]:
    return [problem.id for problem in settings.problems()]


def test_load_with_nothing_set() -> None:
    settings = Settings.load()
    here = Path.cwd()
    assert settings.instance_dir == here / "instance"
    assert settings.database_url == f"sqlite:///{here}/instance/dutybook.sqlite"
    assert (settings.public_url, settings.demo) == ("http://127.0.0.1:8000", False)
    assert ids(settings) == []


def test_load_keeps_demonstration_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = Path("instance")
    instance.mkdir()
    (instance / "settings.env").write_text("DATABASE_URL=postgresql:///real\nDUTYBOOK_PORT=9000\n")
    assert (Settings.load().database_url, Settings.load().port) == ("postgresql:///real", 9000)
    monkeypatch.setenv("DUTYBOOK_DEMO", "true")
    settings = Settings.load()
    assert settings.sqlite_file == Path.cwd() / "instance/demo/dutybook.sqlite"
    assert settings.port == 8000


def test_load_reads_both_names_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://anna:word@db.example/duty")
    assert Settings.load().database_url == "postgresql://anna:word@db.example/duty"
    monkeypatch.setenv("DUTYBOOK_DATABASE_URL", "sqlite:////data/duty.sqlite")
    assert Settings.load().sqlite_file == Path("/data/duty.sqlite")


def test_load_refuses_a_slow_ticker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_TICK_SECONDS", "11")
    with pytest.raises(ValidationError, match="tick_seconds"):
        Settings.load()


def test_settings_shown_hide_passwords() -> None:
    settings = Settings(database_url="postgresql://anna:hidden1@db/x", smtp_password="hidden2")
    assert "hidden" not in repr(settings)
    assert "hidden" not in str(settings)


def test_secrets_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = ensure_secrets(folder)
    assert {name: S_IMODE((folder / name).stat().st_mode) for name in FILES} == dict.fromkeys(FILES, 0o600)
    assert S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert ensure_secrets(folder) == first
    assert len(first.secret_key) == 64
    keys = [first.blind_index_key, first.audit_key, first.field_keys[first.current_field_key]]
    assert [len(key) for key in keys] == [32, 32, 32]
    assert len({*keys}) == 3
    assert first.secret_key not in repr(first)


def test_secrets_of_two_installations_differ(tmp_path: Path) -> None:
    one, other = ensure_secrets(tmp_path / "one"), ensure_secrets(tmp_path / "other")
    assert one.secret_key != other.secret_key
    assert one.field_keys["k1"] != other.field_keys["k1"]


def test_secrets_made_by_many_at_once_are_the_same(tmp_path: Path) -> None:
    start, made = threading.Barrier(8), []

    def make() -> None:
        start.wait()
        made.append(ensure_secrets(tmp_path / "keys"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert all(secrets == made[0] for secrets in made)


def test_secrets_after_rotation_keep_the_older_key(tmp_path: Path) -> None:
    first = ensure_secrets(tmp_path)
    second = ensure_secrets(tmp_path / "donor")
    path = tmp_path / "field_keys.json"
    written = json.loads(path.read_text())
    written["keys"]["k2"] = json.loads((tmp_path / "donor" / "field_keys.json").read_text())["keys"]["k1"]
    written["current"] = "k2"
    path.write_text(json.dumps(written))
    rotated = Settings(instance_dir=tmp_path).secrets()
    assert rotated.current_field_key == "k2"
    assert rotated.field_keys == {"k1": first.field_keys["k1"], "k2": second.field_keys["k1"]}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
@pytest.mark.parametrize("name", FILES)
def test_start_with_a_key_readable_by_others(tmp_path: Path, name: str, mode: int) -> None:
    ensure_secrets(tmp_path)
    (tmp_path / name).chmod(mode)
    assert ids(Settings(instance_dir=tmp_path)) == ["D002"]
    with pytest.raises(StartUpError, match=f"D002 .*{name}"):
        Settings(instance_dir=tmp_path).as_flask_config()


@pytest.mark.parametrize("text", ["", "short", "dev", "a" * 64, "changeme" * 8, "my-Secret-key-0123456789-abcdefghij"])
def test_start_with_a_guessable_key(tmp_path: Path, text: str) -> None:
    ensure_secrets(tmp_path)
    (tmp_path / "secret_key").write_text(text)
    assert ids(Settings(instance_dir=tmp_path)) == ["D001"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("audit_key", "not base64!"),
        ("audit_key", "c2hvcnQ="),
        ("blind_index_key", "钥匙"),
        ("field_keys.json", "{"),
        ("field_keys.json", "[]"),
        ("field_keys.json", '{"current": "k2", "keys": {}}'),
        ("field_keys.json", '{"current": "k1", "keys": {"k1": "c2hvcnQ="}}'),
    ],
)
def test_start_with_a_damaged_key(tmp_path: Path, name: str, text: str) -> None:
    ensure_secrets(tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert ids(Settings(instance_dir=tmp_path)) == ["D003"]
    with pytest.raises(StartUpError):
        Settings(instance_dir=tmp_path).secrets()


@pytest.mark.parametrize(
    ("host", "public_url", "demo", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", True, []),
        ("localhost", "http://localhost:8000", True, []),
        ("0.0.0.0", "https://duty.example", True, ["D011"]),
        ("0.0.0.0", "http://duty.example", True, ["D011", "D012"]),
        ("192.168.1.5", "http://192.168.1.5:8000", False, ["D012"]),
        ("0.0.0.0", "https://duty.example", False, []),
    ],
)
def test_start_on_an_address(tmp_path: Path, host: str, public_url: str, demo: bool, expected: list[str]) -> None:
    settings = Settings(instance_dir=tmp_path, host=host, public_url=public_url, demo=demo)
    assert ids(settings) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_loopback_of(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_start_with_an_unknown_database(tmp_path: Path) -> None:
    assert ids(Settings(instance_dir=tmp_path, database_url="mysql://db/x")) == ["D021"]


def test_start_in_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert ids(Settings(instance_dir=tmp_path / "file" / "instance")) == ["D022"]


def test_start_with_half_a_mail_server(tmp_path: Path) -> None:
    assert ids(Settings(instance_dir=tmp_path, smtp_host="mail.example")) == ["D031"]
    open_mail = {"smtp_host": "mail.example", "mail_from": "duty@example.org", "smtp_user": "duty"}
    assert ids(Settings(instance_dir=tmp_path, **open_mail, smtp_security="none")) == ["D032"]
    assert ids(Settings(instance_dir=tmp_path, **open_mail)) == []


def test_start_names_every_problem_at_once(tmp_path: Path) -> None:
    settings = Settings(instance_dir=tmp_path, host="0.0.0.0", demo=True, database_url="mysql://x", smtp_host="m")
    with pytest.raises(StartUpError) as refused:
        settings.as_flask_config()
    assert [problem.id for problem in refused.value.problems] == ["D011", "D012", "D031", "D021"]


def test_flask_config_behind_tls(tmp_path: Path) -> None:
    config = Settings(instance_dir=tmp_path, public_url="https://duty.example").as_flask_config()
    assert config["SESSION_COOKIE_NAME"] == "__Host-dutybook"
    assert config["SESSION_COOKIE_SECURE"] is True
    assert config["TRUSTED_HOSTS"] == ["127.0.0.1", "duty.example", "localhost"]
    assert config["SECRET_KEY"] == (tmp_path / "secret_key").read_text().strip()


def test_flask_config_on_this_machine(tmp_path: Path) -> None:
    config = Settings(instance_dir=tmp_path).as_flask_config()
    assert config["SESSION_COOKIE_NAME"] == "dutybook"
    assert config["SESSION_COOKIE_SECURE"] is False
    assert config["SESSION_COOKIE_HTTPONLY"] is True
    assert config["SESSION_COOKIE_SAMESITE"] == "Lax"
