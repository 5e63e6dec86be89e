"""Look-up while typing: scoped, two Latin characters or one Chinese, few answers, wildcards taken literally."""

from collections.abc import Sequence
from typing import Any

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, inspect

from admin_views.base.columns import Kind, kind_of, target_of
from admin_views.base.links import choosable
from admin_views.base.querying import holds
from admin_views.base.titles import title_of, titled
from models.types import Encrypted

SHORTEST, LONGEST = 2, 60
MOST = 50
USUAL = 20
READ = 1_000
"""Records of which names that rest encrypted are read for one answer."""
LOOKED_AT = ("number", "name", "code", "title", "label", "edition", "subject")
"""Columns by which people know a record."""


class LookupPages:
    """The answers for look-up boxes."""

    @expose("/ajax/lookup/")
    def ajax_lookup(self: Any) -> ResponseReturnValue:
        """JSON: at most MOST records as `{id, text}`. One character has to be Chinese: a surname is one."""
        model, narrow = self.lookup_target(request.args.get("name", ""))
        words = request.args.get("query", "").replace("\x00", "").strip()[:LONGEST]
        limit = max(1, min(request.args.get("limit", USUAL, type=int), MOST))
        if len(words) < SHORTEST and words.isascii():
            return jsonify([])
        if model.__entity__.called:
            found = called(model, choosable(model, narrow), words)[:limit]
        else:
            found = titled(model, *choosable(model, narrow), matches(model, words), limit=limit, order=model.id)
        return jsonify([{"id": record.id, "text": title_of(record)} for record in found])

    def lookup_target(self: Any, name: str) -> Any:
        """The model that a field or filter of this view links to. Any other name is not there."""
        own = dict.fromkeys((*self.form_columns, *(one.name for one in self.table_filters)), self)
        own |= {f"{child.table}.{column}": child for child in self.inline for column in child.columns}
        if name not in own:
            abort(404)
        holder, column = own[name], name.rsplit(".", 1)[-1]
        mapper = inspect(holder.model)
        if column in mapper.relationships:
            target = mapper.relationships[column].mapper.class_
        else:
            # A filter of a view's own need not be named after a column.
            target = target_of(mapper.columns[column]) if column in mapper.columns else None
        if target is None:
            abort(404)
        return target, holder.narrow.get(column)


def called(model: type[Any], conditions: Sequence[ColumnElement[bool]], words: str) -> list[Any]:
    """The latest records that are called by every word: a name that rests encrypted is compared once it is read."""
    latest = titled(model, *conditions, limit=READ, order=model.id.desc())
    return [one for one in latest if all(word in title_of(one).casefold() for word in words.casefold().split())]


def matches(model: type[Any], words: str) -> ColumnElement[bool]:
    """Records whose name, number or code holds every word; only by columns that this person may read in full."""
    columns = inspect(model).columns
    kinds = {Kind.TEXT, Kind.AREA, Kind.BILINGUAL}
    entity = model.__entity__
    names = [
        name
        for name in dict.fromkeys((entity.title, *LOOKED_AT))
        if name in columns and kind_of(columns[name]) in kinds
    ]
    return holds(model, [name for name in names if not isinstance(columns[name].type, Encrypted)], words)
