"""The catalogues hold every sentence of the code, Chinese too, with the same places to fill. To mend: `make words`."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tests.house.source import ROOT

PLACE = re.compile(r"%\((\w+)\)[sd]|%%|%")
SPACED = re.compile(
    r"[\u4e00-\u9fff] \d+(?=[\u4e00-\u9fff])|[\u4e00-\u9fff]\d+ [\u4e00-\u9fff]|[\u4e00-\u9fff] \d+ [\u4e00-\u9fff]"
)
LOCALES = ("en", "zh_Hans_CN")
TRANSLATED = "zh_Hans_CN"
"""English needs no translation: its sentences are the code's own."""


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    pot = tmp_path_factory.mktemp("words") / "messages.pot"
    pybabel = Path(sys.executable).with_name("pybabel")
    subprocess.run([pybabel, "-q", "extract", "-F", "pyproject.toml", "-o", pot, "."], cwd=ROOT, check=True)
    with pot.open("rb") as file:
        return read_po(file)


def catalogue(locale: str) -> Catalog:
    with (ROOT / "translations" / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


def ids(words: Catalog) -> set[tuple[object, str | None]]:
    return {(message.id, message.context) for message in words if message.id}


def texts(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (list, tuple)) else (message.string,)


def sources(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, (list, tuple)) else (message.id,)


def places(text: str) -> set[str]:
    """The named places in a sentence, and a bare percent sign where one stands."""
    return {found.group(0) for found in PLACE.finditer(text)} - {"%%"}


@pytest.mark.parametrize("locale", LOCALES)
def test_catalogue_holds_the_sentences_of_the_code(wanted: Catalog, locale: str) -> None:
    held = ids(catalogue(locale))
    assert ids(wanted) - held == set(), "run `make words`"
    assert held - ids(wanted) == set(), "run `make words`"


def test_chinese_sets_no_blank_round_a_number() -> None:
    """Blanks stand round Latin words only."""
    all_texts = [text for message in catalogue(TRANSLATED) if message.id for text in texts(message)]
    assert [text for text in all_texts if SPACED.search(text)] == []


def test_chinese_is_complete() -> None:
    assert [message.id for message in catalogue(TRANSLATED) if message.id and not all(texts(message))] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_no_translation_is_a_guess(locale: str) -> None:
    assert [message.id for message in catalogue(locale) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_translation_fills_the_same_places(locale: str) -> None:
    """A plural may leave the number out of its singular; nothing may name a place that the code does not fill."""
    wrong = []
    for message in filter(lambda message: message.id, catalogue(locale)):
        known = set().union(*map(places, sources(message)))
        for text in filter(None, texts(message)):
            missing = set() if message.pluralizable else known - places(text)
            if places(text) - known or missing:
                wrong.append((message.id, text))
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%(count)s of %(all)d", {"%(count)s", "%(all)d"}),
        ("100%% of it", set()),
        ("100% of it", {"%"}),
        ("plain", set()),
    ],
)
def test_places_of_a_sentence(text: str, expected: set[str]) -> None:
    assert places(text) == expected
