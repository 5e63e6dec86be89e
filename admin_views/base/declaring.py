"""What a view must say of itself, checked when it is made: a faulty declaration stops the start, not a click."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect

from admin_views.base.columns import IMPOSSIBLE, has_label, stored_columns
from models.base import Record


class DeclarationError(TypeError):
    """A view does not say what it has to say, or says it wrongly."""


def check(view: Any) -> None:
    """Raise DeclarationError with everything that is wrong with the view's declaration."""
    found = [*_missing(view), *_impossible(view), *_unknown(view), *_forgotten(view)]
    if found:
        raise DeclarationError(f"{type(view).__name__}: " + "; ".join(found))


def unlabelled(view: Any) -> list[str]:
    """Columns that nobody gave words that can be translated."""
    names = {*view.list_columns, *view.form_columns, *view.detail_columns, *view.filters} - set(view.computed)
    return sorted(name for name in names if isinstance(name, str) and not has_label(name, view.labels))


def _missing(view: Any) -> Iterator[str]:
    if not view.list_columns:
        yield "list_columns is empty: name the columns, nothing is shown by default"
    if isinstance(view.list_columns, str) or isinstance(view.form_columns, str):
        yield "columns are a tuple of names"


def _impossible(view: Any) -> Iterator[str]:
    for name in view.form_columns:
        if name in IMPOSSIBLE:
            yield f"a form cannot have a field named {name}"
    state = getattr(view.entity, "state", None)
    if state is not None and state in view.form_columns:
        yield f"{state} is the state: it changes by transitions, never in a form"


def _unknown(view: Any) -> Iterator[str]:
    known = set(inspect(view.model).all_orm_descriptors.keys()) | set(view.computed)
    named = (
        *view.list_columns,
        *view.form_columns,
        *view.detail_columns,
        *view.cell_columns,
        *view.search,
        *view.not_in_form,
        *view.only_filled,
    )
    yield from (f"there is no column {name}" for name in dict.fromkeys(named) if name not in known)
    yield from (f"cell column {name} is not in the form" for name in view.cell_columns if name not in view.form_columns)


def _forgotten(view: Any) -> Iterator[str]:
    """Every stored column is in the form or said not to be: none is dropped unnoticed."""
    if not view.form_columns or not issubclass(view.model, Record):
        return
    links = {
        local.key
        for name in view.form_columns
        if name in inspect(view.model).relationships
        for local in inspect(view.model).relationships[name].local_columns
    }
    said = {*view.form_columns, *view.not_in_form, getattr(view.entity, "state", None)} | links
    left = [name for name in stored_columns(view.model) if name not in said]
    if left:
        yield f"neither in form_columns nor in not_in_form: {', '.join(left)}"
