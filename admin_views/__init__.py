"""What is shown: one file a domain, Flask-Admin views, their templates and static files.

`BUILT_IN` lists the view modules in the order of the menu. Each implements the `views` hook.
"""

from flask import Flask

BUILT_IN: tuple[str, ...] = ()


def init_app(app: Flask) -> None:
    """Hang languages, identity, the theme and every plugin's views on the application."""
