"""What our own files never do: each is a way in that no reviewer has to look for again."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import LAYERS, ROOT, at, files, imports, tree

OURS = [ROOT / "app.py", *files(*LAYERS)]
STATIC = ROOT / "admin_views/static"
SCRIPTS = sorted(path for path in STATIC.rglob("*.js") if "vendor" not in path.parts)

EVALUATING = {"eval", "exec", "compile", "__import__", "render_template_string", "from_string"}
COMMANDS = {"system", "popen", "spawnl", "spawnv", "spawnvp", "execl", "execvp"}
UNPACKING = {"pickle", "cPickle", "marshal", "shelve", "dill", "jsonpickle", "xml.sax", "xmlrpc", "telnetlib", "ftplib"}
STARTS_PROGRAMS = {"engine/scanning.py", "server/commands.py", "server/migration.py"}
"""Files that may start another program, by a fixed list of arguments."""
ABSENT = (
    "ldap3", "python-ldap", "pysaml2", "python3-saml", "authlib", "oauthlib", "pyjwt", "python-jose", "graphene",
    "strawberry-graphql", "ariadne", "flask-socketio", "websockets", "pymemcache", "python-memcached", "jpype1",
    "pylatex", "bleach", "markdown", "lxml", "aiortc", "flask-cors", "twilio",
)  # fmt: skip
"""Libraries without which whole chapters of a standard do not concern us; one that comes brings its chapter along."""
OUR_MARKUP = (
    r"holder\.innerHTML = blank\.innerHTML",
    r"form\.innerHTML = await answer\.text\(\)",
    r"holder\.innerHTML = said\.html",
    r"localStorage\.[gs]etItem\(KEYS_OFF",
    r"localStorage\.(?:[gs]et|remove)Item\(KEPT",
)
"""A browser stores whether somebody switched the keyboard of the score sheet off, and answers that have not arrived."""
DISTRUSTED = re.compile(
    r"\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(\s*['\"`]"
    r"|\bpostMessage\b|localStorage|indexedDB|document\.cookie|WebSocket|<script"
)


def calls(path: Path) -> Iterator[tuple[int, str, ast.Call]]:
    """Every call in a file: line, what is called, the call."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


def where(names: set[str]) -> list[str]:
    return [at(path, line) for path in OURS for line, name, _call in calls(path) if name.rpartition(".")[2] in names]


def test_nothing_is_evaluated() -> None:
    found = [(at(path, line), name) for path in OURS for line, name, _call in calls(path)]
    assert [place for place, name in found if name.rpartition(".")[2] in EVALUATING and name != "re.compile"] == []


def test_no_shell_is_asked() -> None:
    assert where(COMMANDS) == []
    starting = [
        (path.relative_to(ROOT).as_posix(), call)
        for path in OURS
        for _line, name, call in calls(path)
        if name.startswith("subprocess.") or name == "os.execv"
    ]
    assert {name for name, _call in starting} <= STARTS_PROGRAMS
    assert [name for name, call in starting if any(key.arg == "shell" for key in call.keywords)] == []


def test_nothing_is_unpickled() -> None:
    assert [at(path, line) for path in OURS for line, module, _n in imports(path) if module in UNPACKING] == []
    assert where({"unsafe_load", "full_load", "unsafe_load_all", "full_load_all"}) == []
    named = [(at(path, line), name) for path in OURS for line, name, _call in calls(path)]
    assert [place for place, name in named if name in {"yaml.load", "yaml.load_all"}] == []


def test_sql_is_never_put_together_from_text() -> None:
    """`text()` is given a constant; what differs is bound. Backups and the queue name tables, which nobody typed."""
    naming = ("engine/backup/", "server/queue_schema.py")
    found = [
        at(path, line)
        for path in OURS
        if not path.relative_to(ROOT).as_posix().startswith(naming)
        for line, name, call in calls(path)
        if name in {"text", "sqlalchemy.text", "literal_column", "exec_driver_sql"}
        and call.args
        and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert found == []


def test_no_regular_expression_is_made_from_input() -> None:
    found = [
        at(path, line)
        for path in files("admin_views", "api", "plugins")
        for line, name, call in calls(path)
        if name in {"re.compile", "re.search", "re.match", "re.fullmatch", "re.sub", "re.findall", "re.split"}
        and not isinstance(call.args[0], ast.Constant)
    ]
    assert found == []


def test_no_weak_hash_and_no_guessable_chance() -> None:
    assert where({"md5", "sha1"}) == []
    guessable = [
        at(path, line)
        for path in files("admin_views", "api", "engine", "models", "plugins", "server")
        for line, module, _name in imports(path)
        if module == "random"
    ]
    assert guessable == []


def test_keys_and_secrets_come_from_the_systems_chance() -> None:
    """Every `secrets.token_*` has at least 120 bits, but where it only tells files and processes apart."""
    names_only = ("engine/backup/", "engine/importing/lease.py")
    short = [
        at(path, line)
        for path in OURS
        if not path.relative_to(ROOT).as_posix().startswith(names_only)
        for line, name, call in calls(path)
        if name in {"secrets.token_hex", "secrets.token_bytes", "secrets.token_urlsafe"}
        and isinstance(call.args[0] if call.args else None, ast.Constant)
        and call.args[0].value < 15  # type: ignore[attr-defined]  # a Constant
    ]
    assert short == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_write_text_not_markup(script: Path) -> None:
    """Markup comes from the server's templates, which escape it: a blank row of the page, or the answer for a cell."""
    said = script.read_text(encoding="utf-8")
    for known in OUR_MARKUP:
        said = re.sub(known, "", said)
    assert [found[0] for found in DISTRUSTED.finditer(said)] == []


def test_scripts_take_no_key_of_an_object_from_outside() -> None:
    """No merging of parsed JSON into objects: nobody's prototype is written to."""
    polluting = re.compile(r"__proto__|Object\.assign\([^,]+,\s*JSON|\.constructor\[|\.prototype\.")
    assert [script.name for script in SCRIPTS if polluting.search(script.read_text(encoding="utf-8"))] == []


def test_every_script_and_style_of_a_page_carries_the_nonce_or_is_a_file_of_ours() -> None:
    found = []
    for path in sorted((ROOT / "admin_views/templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        tags = re.findall(r"<(?:script|style)\b[^>]*>", text) if path.name not in DRAWN else []
        bad = [tag for tag in tags if not any(sign in tag for sign in ("csp_nonce", "src=", "application/json"))]
        bad += re.findall(r"<[a-z][^>]*\son[a-z]+=", text) + re.findall(r'(?:src|action)="https?://[^"]*"', text)
        found += [f"{path.relative_to(ROOT)}: {what}" for what in bad]
    assert found == []


DRAWN = {"paper.html"}
"""Made into a PDF, never sent to a browser."""


def test_nothing_is_ever_run_in_debug_mode() -> None:
    debugging = [
        at(path, line)
        for path in OURS
        for line, name, call in calls(path)
        if name.endswith((".run_simple", "DebuggedApplication", "DebugToolbarExtension"))
        or any(key.arg in {"debug", "use_debugger"} and ast.unparse(key.value) != "False" for key in call.keywords)
    ]
    assert debugging == []


def test_archives_are_never_unpacked_to_the_disk() -> None:
    assert where({"extractall", "unpack_archive"}) == []
    named = [(at(path, line), name) for path in OURS for line, name, _call in calls(path)]
    assert [place for place, name in named if name.endswith(".extract") and not name.startswith("func.")] == []


def test_libraries_of_chapters_that_do_not_concern_us_are_absent() -> None:
    pinned = {line.partition("==")[0].strip().casefold() for line in pins("requirements.txt")}
    assert sorted(pinned & set(ABSENT)) == []


def test_every_library_is_pinned_and_checked_by_its_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = pins(name)
        assert len(lines) > 20
        assert [line for line in lines if "==" not in line] == []
        text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        bare = [line for line in text.splitlines() if "==" in line.partition("#")[0] and "--hash=sha256:" not in line]
        assert bare == []


def test_tests_and_tools_are_no_part_of_the_product() -> None:
    """What is installed for use holds nothing that only development needs."""
    runtime = {line.partition("==")[0].strip().casefold() for line in pins("requirements.txt")}
    assert runtime.isdisjoint({"pytest", "ruff", "mypy", "playwright", "hypothesis", "schemathesis", "time-machine"})
    roots = [(at(path, line), module.split(".")[0]) for path in OURS for line, module, _name in imports(path)]
    assert [place for place, root in roots if root in {"tests", "pytest"}] == []


def test_keys_and_databases_are_kept_out_of_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert any(line.strip("/") == "instance" for line in ignored)
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"] == "dutybook"


def pins(name: str) -> list[str]:
    """The libraries that a file pins, one a line."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line.partition(" ")[0] for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
