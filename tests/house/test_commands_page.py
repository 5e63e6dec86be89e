from flask import Flask

from engine.commands.commands import PAGE, as_markdown
from tests.house.source import ROOT


def test_page_of_the_commands_is_what_they_say(app: Flask) -> None:
    with app.app_context():
        assert as_markdown(app.cli) == (ROOT / PAGE).read_text(encoding="utf-8"), f"run: flask commands > {PAGE}"
