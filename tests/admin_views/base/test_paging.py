import pytest
from flask import Flask
from sqlalchemy import select

from admin_views.base.paging import Order, cursor_at, page_after, read_cursor
from engine.acting import SYSTEM, Door, Role, acting
from engine.database import db
from tests.house.holes import entity_views
from tests.house.places import detached_world

pytestmark = [pytest.mark.slow]


def test_every_order_of_every_list_goes_on_after_a_row_and_before_it(app: Flask) -> None:
    detached_world(app, Role.MANAGER)
    asked = 0
    with app.test_request_context("/"), acting(SYSTEM, Door.COMMAND):
        for view in entity_views(app):
            rows = db.session.scalars(select(view.model).order_by(view.model.id)).all()
            for name in view.list_columns:
                if not view.shown(name).sortable:
                    continue
                for down in (False, True):
                    order = Order(view.shown(name), view.model.id, down)
                    everywhere = [_beside(view.model, order, row, len(rows)) for row in rows]
                    assert everywhere == [len(rows) - 1] * len(rows), (view.endpoint, name, down)
                    asked += len(rows)
    assert asked > 500


def _beside(model: type, order: Order, row: object, most: int) -> int:
    """How many rows come after the row or before it: all others, once."""
    cursor = read_cursor(cursor_at(row, order), order.column)
    assert cursor is not None
    found = [
        db.session.scalars(page_after(select(model.id), order, cursor, most, backward=backward)).all()  # type: ignore[attr-defined]  # any model
        for backward in (False, True)
    ]
    return len({*found[0], *found[1]}) if not set(found[0]) & set(found[1]) else -1
