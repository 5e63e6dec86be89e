"""What a move asks the person who makes it: small fields, read exactly."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from sqlalchemy import inspect
from wtforms import Form

from admin_views.base import fields, links
from admin_views.base.columns import kind_of, model_of_table, target_of
from admin_views.base.converter import MAKERS
from engine.transitions.kinds import Ask, Transition

PREFIX = "ask_"
OwnFields = Mapping[str, Callable[[Any], Any]]

KINDS: dict[str, Any] = {
    "text": fields.AreaField,
    "line": fields.TextField,
    "date": fields.DayField,
    "day": fields.DayField,
    "datetime": fields.MomentField,
    "moment": fields.MomentField,
    "number": fields.ExactField,
    "decimal": fields.ExactField,
    "integer": fields.WholeField,
    "boolean": fields.CheckField,
}


def ask_fields(move: Transition, given: Mapping[str, Any], own: OwnFields) -> dict[str, Any]:
    """The bound fields of a move's asks, with what was answered so far. `own` are fields that a view brings."""
    form = _form(move, own)(data={PREFIX + name: value for name, value in given.items()})
    return {ask.name: form[PREFIX + ask.name] for ask in move.asks}


def answers(move: Transition, own: OwnFields) -> tuple[dict[str, Any], dict[str, str]]:
    """What was answered, typed, and by name what could not be read."""
    form = _form(move, own)(request.form)
    form.validate()
    given = {ask.name: form[PREFIX + ask.name].data for ask in move.asks}
    wrong = {ask.name: str(form[PREFIX + ask.name].errors[0]) for ask in move.asks if form[PREFIX + ask.name].errors}
    return {name: value for name, value in given.items() if value is not None and value != ""}, wrong


def _form(move: Transition, own: OwnFields) -> Any:
    made = {
        PREFIX + ask.name: own[ask.name](ask.label) if ask.name in own else _field(ask, move.entity)
        for ask in move.asks
    }
    return type("AskForm", (Form,), made)


def _field(ask: Ask, model: type[Any]) -> Any:
    """By the column that the answer fills, else by its kind; a table as kind means one of its records."""
    if ask.choices is not None:
        return fields.ChoiceField(ask.label, choices=ask.choices, blank=True)
    columns = inspect(model).columns
    column = columns[ask.name] if ask.name in columns else None  # noqa: SIM401 the collection has no get
    target = target_of(column) if column is not None else model_of_table(ask.kind)
    if target is not None:
        return links.LookupField(ask.label, model=target)
    if column is not None:
        return MAKERS[kind_of(column)](ask.label, column, {})
    return KINDS.get(ask.kind, fields.AreaField)(ask.label)
