"""`flask new-domain`: the four files of a new domain, so that all look alike."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from models.words import _

ROOT = Path(__file__).resolve().parents[2]
SCAFFOLD = Path(__file__).resolve().parents[1] / "scaffold"
PLACES = {
    "model": "models/{name}.py",
    "plugin": "plugins/{name}.py",
    "view": "admin_views/{name}.py",
    "test": "tests/plugins/test_{name}.py",
}
"""Which template becomes which file."""
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@click.command("new-domain")
@click.argument("name")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=ROOT, hidden=True)
def new_domain(name: str, into: Path) -> None:
    """Write model, plugin, view and test of the domain NAME (lower_case_with_underscores, a noun in the singular).

    One test fails until the domain states its first rule.
    """
    if not NAME.fullmatch(name):
        raise click.ClickException(str(_("A domain is named in lower case with underscores, such as shift_swap.")))
    files = list(skeleton(name, into))
    if there := [path for path, _text in files if path.exists()]:
        raise click.ClickException(str(_("%(path)s is there already.", path=there[0].relative_to(into))))
    for path, text in files:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(path.relative_to(into).as_posix())
    click.echo(next_steps(name))


def skeleton(name: str, into: Path) -> Iterator[tuple[Path, str]]:
    """Each file of the domain with its text, nothing written yet."""
    words = name.replace("_", " ")
    values = {"name": name, "Model": words.title().replace(" ", ""), "label": words.capitalize(), "words": words}
    for template, place in PLACES.items():
        text = (SCAFFOLD / f"{template}.txt").read_text(encoding="utf-8")
        for key, value in values.items():
            text = text.replace(f"<<{key}>>", value)
        yield into / place.format(name=name), text


def next_steps(name: str) -> str:
    """What the command leaves to a person, in order."""
    steps = (
        _("Then, by hand:"),
        _("1. plugins/__init__.py and admin_views/__init__.py: add it to BUILT_IN."),
        _("2. policies/permissions.csv: who may read, create and edit it, and make its moves."),
        _("3. plugins/%(name)s.py: the clauses, the rules, what is owed by when.", name=name),
        _(
            "4. tests/plugins/test_%(name)s.py: each rule kept and broken; the failing test says what is asked.",
            name=name,
        ),
        _("5. flask db revision --autogenerate, and make words."),
    )
    return "\n".join(str(step) for step in steps)
