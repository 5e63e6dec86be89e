"""A link is offered to those who may follow it."""

from flask import Flask

from admin_views.links import list_address, record_address
from engine.acting import Actor, Door, Role, acting
from tests.factories.office import Office


def links(app: Flask, *roles: Role) -> tuple[str | None, str | None]:
    with app.test_request_context(), acting(Actor(1, 1, 1, frozenset(roles)), Door.FORM):
        return record_address("service_record", 7), list_address("qa_inspection")


def test_links_lead_where_one_may_go(app: Flask) -> None:
    assert links(app, Role.MANAGER) == ("/service_record/details/?id=7", "/qa_inspection/")
    assert links(app, Role.HR) == (None, None)


def test_there_are_no_links_for_strangers_nor_to_what_is_not_there(app: Flask, office: Office) -> None:
    with app.test_request_context():
        assert (record_address("staff", 1), list_address("staff")) == (None, None)
        with acting(Actor(1, 1, 1, frozenset({Role.MANAGER})), Door.FORM):
            assert (record_address(None, 1), record_address("staff", None), list_address("no_such")) == (
                None,
                None,
                None,
            )
