"""Accounts on the screen: signing in, the first start, one's own account, and the accounts of the department."""

from flask import Flask

from admin_views.accounts import first_run, mine, sign_in
from engine.hooks import hookimpl

__all__ = ["first_run", "init_app", "views"]


def init_app(app: Flask) -> None:
    """Offer the pages that come before any menu."""
    app.register_blueprint(sign_in.pages)


@hookimpl
def views() -> list[mine.MyAccount]:
    """One's own account."""
    return [mine.my_account()]
