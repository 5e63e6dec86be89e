"""Every value that a pack declares can be set on a form: what the form shows comes back as it was."""

from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict

from admin_views.rulebook.entries import Drawing
from admin_views.rulebook.given import _leaf, given_value
from admin_views.rulebook.words import PIECES
from engine.packs.declared import SECTIONS, declarations, placed_problems
from engine.packs.loader import load_packs
from engine.packs.shape import KINDS, Group, Leaf, Rows, Several, Shape, section_shape
from tests.factories.forms import form_in

pytestmark = pytest.mark.sqlite

VALUES = [(code, name) for code in load_packs() for name in declarations(code)]
FORM = (
    '{% import "rulebook/controls.html" as controls with context %}<form data-value-form>{{ controls.node(it) }}</form>'
)


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(), force_locale("en"):
        yield


def pieces(shape: Shape, key: str = "") -> Iterator[tuple[str, Shape]]:
    yield key, shape
    if isinstance(shape, Group):
        for name, part in shape.parts.items():
            yield from pieces(part, name)
    elif isinstance(shape, Rows | Several):
        yield from pieces(shape.of, key)


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_form_that_nobody_changes_gives_the_value_it_shows(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        for code, name in VALUES:
            value = declarations(code)[name].value
            page = render_template_string(FORM, it=Drawing(name).draw(value))
            given = given_value(name, form_in(page, "data-value-form"), value)
            assert as_written(given) == as_written(value), (code, name)
            assert list(placed_problems(name, given)) == []


def as_written(value: object) -> object:
    """An offset may be written with its plus or without, a number as text; who is told first is not said."""
    if isinstance(value, dict):
        return {key: as_written(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        entries = [as_written(each) for each in value]
        return sorted(entries) if all(isinstance(each, str) for each in entries) else entries
    return value if value is None or isinstance(value, bool) else str(value).removeprefix("+")


def test_every_piece_of_every_section_is_of_a_known_kind_and_has_a_name(english: None) -> None:
    found = [piece for section in [*SECTIONS, "reminders"] for piece in pieces(section_shape(section))]
    kept = {"clause", "code"}
    assert {key for key, _shape in found} - kept - {""} - set(PIECES) == set()
    assert {shape.kind for _key, shape in found if isinstance(shape, Leaf)} <= KINDS
    assert set(PIECES) - {key for key, _shape in found} == set()


def test_entries_are_read_in_the_order_in_which_they_are_sent(english: None) -> None:
    value = declarations("Q")["reminders.QA-1"].value
    form = form_in(render_template_string(FORM, it=Drawing("reminders.QA-1").draw(value)), "data-value-form")
    form.setlist("value", form.getlist("value")[::-1])
    assert given_value("reminders.QA-1", form, value) == value[::-1]


def test_new_entry_gets_a_code_of_its_own_and_its_neighbours_clause(english: None) -> None:
    value = declarations("B")["topics"].value
    form = form_in(render_template_string(FORM, it=Drawing("topics").draw(value)), "data-value-form")
    for row, title in (("n1", "Account"), ("n2", "12 后付费")):
        form.add("value", row)
        form[f"value.{row}.title.zh"], form[f"value.{row}.title.en"] = "账号二", title
    added = given_value("topics", form, value)[len(value) :]
    assert [(each["code"], each["clause"]) for each in added] == [("account_2", "SVC-2"), ("entry", "SVC-2")]


def test_fault_stands_at_its_control_and_names_the_entry(english: None) -> None:
    value = declarations("Q")["scorecard"].value
    form = form_in(render_template_string(FORM, it=Drawing("scorecard").draw(value)), "data-value-form")
    form["value.categories.r0.weight"], form["value.categories.r1.items.r0.title.en"] = "a lot", ""
    given = given_value("scorecard", form, value)
    faults = {place: [str(reason)] for place, reason in placed_problems("scorecard", given)}
    drawing = Drawing("scorecard", faults)
    page = render_template_string(FORM, it=drawing.draw(given))
    assert [(each.way, each.id, each.sentence) for each in drawing.told] == [
        ("Service attitude › Weight (%)", "value-categories-r0-weight", "This should be a number."),
        (
            "Professional knowledge › 业务知识 › Name",
            "value-categories-r1-items-r0-title",
            "The English text is missing.",
        ),
    ]
    assert 'value="a lot" aria-invalid="true" aria-describedby="e-value-categories-r0-weight"' in page
    assert '<div id="e-value-categories-r0-weight" role="alert">' in page
    assert page.count("<details open>") == 3, "the two categories, and the blank one"
    assert page.count("<details>") == 3


def test_fault_of_no_control_is_told_above_the_form(english: None) -> None:
    drawing = Drawing("pass_mark", {("nowhere",): ["Something is wrong."]})
    drawing.draw(80)
    assert [(each.way, each.id, each.sentence) for each in drawing.told] == [("", "", "Something is wrong.")]


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"value": "30", "value.unit": "m"}, "30m"),
        ({"value": "", "value.unit": "m"}, ""),
        ({"value": "soon", "value.unit": "wd"}, "soonwd"),
    ],
)
def test_length_is_given_in_two_parts(english: None, fields: dict[str, str], value: str) -> None:

    assert _leaf(Leaf("duration"), MultiDict(fields), "value", fields["value"]) == value
