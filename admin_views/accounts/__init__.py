"""Accounts on the screen: signing in, the first start, one's own account, and the accounts of the department."""

from flask import Flask

from admin_views.accounts import sign_in


def init_app(app: Flask) -> None:
    """Offer the pages that come before any menu."""
    app.register_blueprint(sign_in.pages)
