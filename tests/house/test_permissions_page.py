from flask import Flask

from engine.commands.permissions import PAGE, as_markdown
from tests.house.source import ROOT


def test_page_of_permissions_says_what_is_granted(app: Flask) -> None:
    """After a change: `flask permissions > docs/permissions.md`."""
    with app.app_context():
        assert (ROOT / PAGE).read_text(encoding="utf-8") == as_markdown()
