"""Where things are: links to records by entity, and safe ways back.

A page that is not there, or that whoever asks may not open, gives no link.
"""

from flask import current_app, request, url_for
from werkzeug.routing import BuildError

from admin_views.redirects import safe_target
from engine.acting import NobodyActingError, current_act
from engine.permissions import may
from engine.registry import registry

LONGEST_PAGE = 5
"""Digits of a page number: nobody leafs further."""


def address(endpoint: str, **values: object) -> str | None:
    """The address of an endpoint, or None when no such page is registered."""
    if endpoint not in current_app.view_functions:
        return None
    try:
        return url_for(endpoint, **values)  # type: ignore[arg-type]  # values of any type become text
    except BuildError:
        return None


def record_address(entity: str | None, record_id: int | None) -> str | None:
    """Where the record is shown; None when the entity has no screen, or none for whoever asks."""
    if entity is None or record_id is None or not _may_read(entity):
        return None
    return address(f"{entity}.details_view", id=record_id)


def list_address(entity: str, **filters: object) -> str | None:
    """Where the entity's rows are listed; None when whoever asks may read none of them."""
    return address(f"{entity}.index_view", **filters) if _may_read(entity) else None


def _may_read(entity: str) -> bool:
    try:
        return may(current_act().actor, entity, "read")
    except NobodyActingError:
        return False


def entity_label(entity: str | None) -> str:
    """What people call records of this table."""
    model = registry.entities.get(entity or "")
    return str(model.__entity__.label) if model else ""


def way_back() -> str:
    """The page that a form names in `next`, if it is one of ours, else the desk."""
    return safe_target(request.form.get("next")) or url_for("admin.index")


def page_number() -> int:
    """The page of a list that the address asks for; anything odd is the first."""
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) <= LONGEST_PAGE else 1
