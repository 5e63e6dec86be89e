"""What the screens of each entity show and take, for doors that have no screens: the interface for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Flask
from sqlalchemy import inspect

from admin_views.base import EntityView, Inline
from engine.surface import Surface


def surfaces(app: Flask) -> dict[str, Surface]:
    """By table: every entity that has screens, or that is edited as rows of another one's form."""
    views = [view for view in app.extensions["admin"][0]._views if isinstance(view, EntityView)]  # noqa: SLF001 Flask-Admin has no other list of its views
    inlines = {inline.table: _of_rows(inline) for view in views for inline in view.inline}
    return inlines | {view.table: _of_view(view) for view in views}


def _of_view(view: EntityView) -> Surface:
    shown = (*view.list_columns, *view.detail_columns, *view.form_columns)
    return Surface(
        view.model,
        tuple(_stored(view.model, [name for name in shown if name not in view.write_only])),
        tuple(_stored(view.model, view.form_columns)),
        view.write_only,
        view.narrow,
        view.labels,
        # A property unless a view says that nobody adds its records by hand.
        type(view).can_create is not False,
    )


def _of_rows(inline: Inline) -> Surface:
    names = (inline.key, *inline.columns)
    return Surface(inline.model, names, names, inline.write_only, inline.narrow, inline.labels)


def _stored(model: type[Any], names: Sequence[str]) -> Iterator[str]:
    """The names once each: of a link to one record its foreign key, and nothing that is worked out."""
    mapper = inspect(model)
    seen = set()
    for name in names:
        relation = mapper.relationships.get(name)
        stored = name if relation is None or relation.uselist else next(iter(relation.local_columns)).key
        if stored not in seen and (stored in mapper.column_attrs or relation is not None):
            seen.add(stored)
            yield stored
