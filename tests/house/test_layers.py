import ast
import tomllib

from tests.house.source import LAYERS, ROOT, at, files, imports, stems, tree

REQUEST_BOUND = {"request", "session", "g"}


SHOWN_ON_EVERY_PAGE = {"attachment", "saved_filter"}
"""Domains without a screen of their own: the base view shows them with whatever record or list they belong to."""


def test_domain_has_the_same_name_in_every_folder() -> None:
    lacking = {
        domain: [
            place
            for place in ("models", "admin_views", "tests/plugins")
            if domain not in {stem.removeprefix("test_") for stem in stems(place)}
            and not (place == "admin_views" and domain in SHOWN_ON_EVERY_PAGE)
        ]
        for domain in stems("plugins")
    }
    assert {domain: places for domain, places in lacking.items() if places} == {}


def test_records_know_nothing_of_the_request() -> None:
    """import-linter sees modules; flask's request is a name inside one."""
    found = [
        at(path, line)
        for path in files("engine", "models", "plugins")
        for line, module, name in imports(path)
        if module.split(".")[0] == "flask" and name in REQUEST_BOUND
    ]
    found += [
        at(path, node.lineno)
        for path in files("engine", "models", "plugins")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in REQUEST_BOUND
        and isinstance(node.value, ast.Name)
        and node.value.id == "flask"
    ]
    assert found == []


def test_clock_is_asked_in_one_place() -> None:
    """Whoever asks the machine for the time cannot be rehearsed. Only the ticker has to."""
    asking = {"now", "utcnow", "today"}
    found = [
        at(path, node.lineno)
        for path in files(*LAYERS)
        if path not in {ROOT / "engine/clock.py", ROOT / "server/ticker.py"}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in asking
        and ast.unparse(node.func.value) in {"datetime", "date", "datetime.datetime", "datetime.date"}
    ]
    assert found == []


def test_nothing_is_called_utils() -> None:
    named = {"utils", "util", "helpers", "misc", "common"}
    assert [at(path, 1) for path in files(*LAYERS, "tests") if path.stem in named or path.parent.name in named] == []


def test_file_fits_a_head() -> None:
    longest = 400
    lengths = {at(path, 1): path.read_text(encoding="utf-8").count("\n") for path in files(*LAYERS)}
    assert {place: length for place, length in lengths.items() if length > longest} == {}


def test_mass_delete_never_skips_the_gate() -> None:
    found = [
        at(path, node.lineno)
        for path in files("admin_views", "plugins")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign)
        and "fast_mass_delete" in {target.id for target in node.targets if isinstance(target, ast.Name)}
        and ast.unparse(node.value) != "False"
    ]
    assert found == []


def test_every_folder_of_code_is_a_package() -> None:
    """Without __init__.py import-linter does not see a folder, and nothing holds its imports."""
    folders = {path.parent for path in files(*LAYERS)}
    assert sorted(str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()) == []


def test_every_package_is_under_the_import_contracts() -> None:
    """A new top-level package joins the lists in pyproject.toml, or nothing holds its imports."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    contracts = {contract["id"]: contract for contract in linter["contracts"]}
    assert set(linter["root_packages"]) == packages
    assert set(contracts["app"]["source_modules"]) == packages
    assert set(contracts["timer"]["source_modules"]) == packages - {"server"}
    layered = {name.strip(" ()") for layer in contracts["layers"]["layers"] for name in layer.split("|")}
    assert packages <= layered
