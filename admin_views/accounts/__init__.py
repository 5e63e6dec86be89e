"""Accounts on the screen: signing in, the first start, one's own account, and the accounts of the department."""

from typing import Any

from flask import Flask

from admin_views.accounts import first_run, mine, people, sign_in, tokens
from engine.hooks import hookimpl

__all__ = ["first_run", "init_app", "views"]


def init_app(app: Flask) -> None:
    """Offer the pages that come before any menu."""
    app.register_blueprint(sign_in.pages)


@hookimpl
def views() -> list[Any]:
    """The department's accounts and tokens, and one's own."""
    return [people.AccountView(), mine.my_account(), *tokens.pages()]
