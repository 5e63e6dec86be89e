"""What the tests of the holes have in common."""

from typing import Any

from flask import Flask
from flask_admin import Admin, BaseView

from admin_views.base import EntityView
from engine.acting import SYSTEM, Door, acting
from engine.database import db
from engine.transitions.performing import perform
from models.accounts import Account
from tests.factories.office import Office


def all_views(app: Flask) -> list[BaseView]:
    (admin,) = app.extensions["admin"]
    assert isinstance(admin, Admin)
    return list(admin._views)


def entity_views(app: Flask) -> list[EntityView]:
    return [view for view in all_views(app) if isinstance(view, EntityView)]


def team_form(office: Office, version: str, **more: Any) -> dict[str, Any]:
    return {
        "version": version,
        "name": "一组",
        "tier": "1",
        "channels-shown": "1",
        "channels": str(office.channel.id),
        **more,
    }


def version_of(office: Office, record: Any) -> str:
    return str(office.again(record).version)


def disable(app: Flask, account: Account) -> None:
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        perform(db.session(), db.session.get_one(Account, account.id), "disable", reason="left")
        db.session.commit()
