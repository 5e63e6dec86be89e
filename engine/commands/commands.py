"""`flask commands`: every command with its options, as `docs/commands.md` shows it."""

from collections.abc import Iterator

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import force_locale

PAGE = "docs/commands.md"
"""What `flask commands` prints is kept there."""
OTHERS = frozenset({"db", "routes", "run", "shell", "demo", "commands"})
"""What Flask and its extensions bring, and what the demonstration does with itself."""
HEAD = """# Commands

Made by `flask commands > docs/commands.md` from the commands themselves. `flask` stands for
`.venv/bin/flask --app app`.

Everything that writes passes the gate, as on the pages, and stands in the audit. Sentences go to standard output in the
language of the terminal, progress and warnings to standard error; `--json` prints one object a line for programs.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | refused by a rule, or what was looked at is not as it should be; the sentences say why, nothing was changed |
| 2 | called wrongly: an unknown option, a name that does not exist |
| 3 | not possible now: the database does not answer or is in use, the disk is full, Dutybook is running |
"""


@click.command()
@with_appcontext
def commands() -> None:
    """Print every command with its options as Markdown."""
    click.echo(as_markdown(current_app.cli), nl=False)


def as_markdown(group: click.Group) -> str:
    """The whole page, in English."""
    with force_locale("en"):
        return "\n".join([HEAD, *_sections(group)])


def _sections(group: click.Group) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden or name in OTHERS:
            continue
        if isinstance(command, click.Group):
            for part in command.list_commands(context):
                inner = command.get_command(context, part)
                if inner is not None:
                    yield from _section(inner, f"flask {name} {part}")
        else:
            yield from _section(command, f"flask {name}")


def _section(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    yield from (f"## `{usage}`", "", _plain(command.help or ""), "")
    if rows := list(_options(command, context)):
        yield from ("| option | |", "| --- | --- |", *rows, "")


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and parameter.name != "help":
            option, says = (text.replace("|", "\\|") for text in record)
            yield f"| `{option}` | {_plain(says)} |"


def _plain(text: str) -> str:
    return " ".join(text.split())
