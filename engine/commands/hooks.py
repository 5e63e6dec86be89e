"""`flask hooks`: the contracts of plugins, as the README shows them."""

import inspect
from collections.abc import Iterator

import click

from engine.hooks import Hooks

BEGIN, END = "<!-- hooks -->", "<!-- /hooks -->"
"""Between these two lines of the README stands what `flask hooks --markdown` prints."""


@click.command()
@click.option("--markdown", is_flag=True, help="As the table of the README.")
def hooks(markdown: bool) -> None:  # noqa: FBT001 click hands options over by name
    """List every hook with its arguments and what it is for."""
    click.echo(as_markdown() if markdown else "\n".join(f"{signature}\n    {says}" for signature, says in contracts()))


def contracts() -> Iterator[tuple[str, str]]:
    """Each hook as (signature, first sentence of its docstring), in the order of the file."""
    for name, hook in vars(Hooks).items():
        if inspect.isfunction(hook):
            arguments = [argument for argument in inspect.signature(hook).parameters if argument != "self"]
            yield f"{name}({', '.join(arguments)})", (inspect.getdoc(hook) or "").split("\n\n")[0].replace("\n", " ")


def as_markdown() -> str:
    """The table between the README's markers."""
    rows = [f"| `{signature}` | {says} |" for signature, says in contracts()]
    return "\n".join(["| hook | what it is for |", "| --- | --- |", *rows])
