from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, BigInteger, Interval, Numeric, String, Text
from sqlalchemy.orm import mapped_column
from werkzeug.datastructures import MultiDict
from wtforms import Form

from admin_views.base import EntityView
from admin_views.base.columns import Kind, kind_of, stored_columns
from admin_views.base.converter import UnknownColumnError, field_of
from admin_views.base.declaring import DeclarationError
from engine.acting import SYSTEM, Door, acting
from models.organisation import Staff, Team, Tier
from models.types import Bilingual, Choice, Encrypted, UTCDateTime

pytestmark = pytest.mark.sqlite

GOOD: dict[str, Any] = {"model": Team, "list_columns": ("name",), "form_columns": ("name", "tier", "channels")}


def declared(**changes: Any) -> Any:
    return type("Declared", (EntityView,), {**GOOD, **changes})


def test_sound_declaration_makes_a_view() -> None:
    assert declared()().endpoint == "team"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"list_columns": ()}, "list_columns is empty"),
        ({"list_columns": ("nothing",)}, "there is no column nothing"),
        ({"form_columns": ("name",)}, "neither in form_columns nor in not_in_form: tier"),
        ({"form_columns": ("name", "tier", "channels", "version")}, "a form cannot have a field named version"),
        ({"cell_columns": ("id",)}, "cell column id is not in the form"),
        ({"search": ("colour",)}, "there is no column colour"),
        ({"list_columns": "name"}, "columns are a tuple of names"),
    ],
)
def test_faulty_declaration_stops_the_start(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        declared(**changes)()


def test_state_in_a_form_stops_the_start() -> None:
    with pytest.raises(DeclarationError, match="status is the state"):
        declared(model=Staff, form_columns=("status",), list_columns=("name",))()


def test_filter_by_an_encrypted_column_stops_the_start() -> None:
    columns = tuple(name for name in stored_columns(Staff) if name != "status")
    with pytest.raises(ValueError, match="phone cannot be filtered by"):
        declared(model=Staff, form_columns=columns, list_columns=("name",), filters=("phone",))()


COLUMNS = {
    "text": mapped_column(String(20)), "area": mapped_column(Text), "whole": mapped_column(BigInteger),
    "number": mapped_column(Numeric(6, 2)),
    "moment": mapped_column(UTCDateTime), "tier": mapped_column(Choice(Tier)), "names": mapped_column(Bilingual),
    "data": mapped_column(JSON), "secret": mapped_column(Encrypted("x.y")), "span": mapped_column(Interval),
}  # fmt: skip


@pytest.mark.parametrize("view", ["staff", "team", "policy_document", "group_webhook", "scorecard", "qa_inspection"])
def test_every_column_of_a_form_has_its_field(view: str, app: Flask) -> None:
    (admin,) = app.extensions["admin"]
    found = next(one for one in admin._views if one.endpoint == view)
    assert set(found.form_columns) <= set(vars(found._edit_form_class))


def test_type_without_a_field_stops_the_start() -> None:
    column = COLUMNS["span"].column
    with pytest.raises(UnknownColumnError):
        field_of(declared()(), column, "span")


def bound(field: Any, app: Flask, sent: dict[str, str] | None = None, value: Any = None) -> Any:
    made = type("One", (Form,), {"x": field})
    with app.test_request_context("/"), acting(SYSTEM, Door.FORM):
        form = made(MultiDict(sent) if sent is not None else None, data={"x": value})
        form.validate()
        return form.x


def number_field() -> Any:
    column = COLUMNS["number"].column
    column.nullable = True
    return field_of(declared()(), column, "number")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("12.34", Decimal("12.34")),
        ("0.10", Decimal("0.10")),
        ("9999.99", Decimal("9999.99")),
        ("-5", Decimal(-5)),
        ("1.500", Decimal("1.500")),
    ],
)
def test_decimal_is_read_exactly(typed: str, read: Decimal, app: Flask) -> None:
    field = bound(number_field(), app, {"x": typed})
    assert (field.data, list(field.errors)) == (read, [])


@pytest.mark.parametrize("typed", ["12.345", "10000", "NaN", "Infinity", "1e400", "abc", "1,5", "٣٫٥x"])
def test_decimal_that_does_not_fit_is_refused(typed: str, app: Flask) -> None:
    assert bound(number_field(), app, {"x": typed}).errors


def test_kinds_follow_types() -> None:
    kinds = {name: kind_of(made.column) for name, made in COLUMNS.items() if name != "span"}
    assert kinds == {
        "text": Kind.TEXT, "area": Kind.AREA, "whole": Kind.WHOLE, "number": Kind.DECIMAL, "moment": Kind.MOMENT,
        "tier": Kind.CHOICE, "names": Kind.BILINGUAL, "data": Kind.JSON, "secret": Kind.TEXT,
    }  # fmt: skip


def test_untouched_moment_keeps_its_seconds(app: Flask) -> None:
    from datetime import UTC

    from admin_views.base.fields import MomentField

    stored = datetime(2026, 5, 4, 2, 3, 4, 567, tzinfo=UTC)
    assert bound(MomentField(), app, {"x": "2026-05-04T10:03"}, stored).data == stored
    assert bound(MomentField(), app, {"x": "2026-05-04T10:04"}, stored).data == datetime(2026, 5, 4, 2, 4, tzinfo=UTC)
    assert bound(MomentField(), app, {"x": "2026-05-04T25:99"}, stored).errors
