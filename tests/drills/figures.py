"""What a long drill came to, for whoever reads `make drill` and for the table in docs/drills.md."""


def figures(line: str) -> None:
    """Print one line; pytest shows it with -s."""
    print(f"\n>> {line}")  # noqa: T201 this line is the drill's result
