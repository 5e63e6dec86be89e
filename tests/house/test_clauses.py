"""A clause is done when the product holds it and a test shows so: what domains claim is compared with what is there."""

import importlib
from pathlib import Path

import pytest

from engine.obligations.kinds import Kind
from engine.packs.declared import REMINDERS, declaration, reminders_name
from engine.packs.loader import load_clauses, load_packs
from engine.registry import registry
from engine.rulebook import Holding, holdings
from engine.rulebook.proof import proofs
from plugins import BUILT_IN


@pytest.fixture(scope="module")
def held() -> dict[str, Holding]:
    registry.load([importlib.import_module(name) for name in BUILT_IN])
    return holdings()


def test_built_clause_has_something_that_holds_it(held: dict[str, Holding]) -> None:
    assert [name for name, clause in held.items() if clause.built and not clause.is_held] == []


def test_built_clause_has_a_test(held: dict[str, Holding]) -> None:
    """Mark the test that shows it kept and broken: `@pytest.mark.clause("ORG-1")`."""
    proven = proofs()
    assert [name for name, clause in held.items() if clause.built and not proven.get(name)] == []


def test_rules_and_duties_belong_to_built_clauses(held: dict[str, Holding]) -> None:
    stray = {
        name: [rule.name for rule in clause.rules]
        + [move.key for move in clause.moves]
        + [duty.name for duty in clause.obligations]
        for name, clause in held.items()
        if not clause.built and (clause.rules or clause.moves or clause.obligations)
    }
    assert stray == {}


def test_tests_name_clauses_of_the_rulebook() -> None:
    assert sorted(set(proofs()) - set(load_clauses())) == []


def test_duty_finds_its_reminders_in_the_packs(held: dict[str, Holding]) -> None:
    """A clause of one obligation finds its steps by the clause; where it has several, by the obligation's name."""
    lost = [
        duty.name
        for clause in held.values()
        for duty in clause.obligations
        if clause.clause.reminds
        and declaration(f"{REMINDERS}{duty.name}") is None
        and declaration(f"{REMINDERS}{duty.clause}") is None
    ]
    assert lost == []


def test_reminders_of_the_packs_belong_to_a_duty(held: dict[str, Holding]) -> None:
    """Steps that no duty reads would remind nobody. Only for clauses that are built."""
    read = {
        f"{REMINDERS}{each}"
        for clause in held.values()
        for duty in clause.obligations
        for each in (duty.name, duty.clause)
    }
    unread = {
        reminders_name(reminder.clause, reminder.name)
        for pack in load_packs().values()
        for reminder in pack.reminders
        if held[reminder.clause].built and reminders_name(reminder.clause, reminder.name) not in read
    }
    assert unread == set()


def test_duty_about_a_record_names_who_owes_it(held: dict[str, Holding]) -> None:
    nobody = [
        duty.name
        for clause in held.values()
        for duty in clause.obligations
        if isinstance(duty, Kind) and duty.owner is None and duty.post is None
    ]
    assert nobody == []


SOURCE = """
import pytest

pytestmark = [pytest.mark.clause("ORG-1"), pytest.mark.slow]


def helper(): ...


@pytest.mark.clause("ORG-2", "ORG-3")
def test_two(): ...


@pytest.mark.clause("QA-1")
class TestGroup:
    @pytest.mark.parametrize("x", [1])
    def test_inside(self, x): ...
"""


def test_proofs_are_found_on_functions_classes_and_modules(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "plugins"
    folder.mkdir(parents=True)
    (folder / "test_it.py").write_text(SOURCE, encoding="utf-8")
    two, inside = "tests/plugins/test_it.py::test_two", "tests/plugins/test_it.py::TestGroup::test_inside"
    assert proofs(tmp_path / "tests") == {"ORG-1": [two, inside], "ORG-2": [two], "ORG-3": [two], "QA-1": [inside]}


def test_installation_without_tests_proves_nothing(tmp_path: Path) -> None:
    assert proofs(tmp_path / "tests") == {}
