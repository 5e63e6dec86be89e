"""What is wrong with a pack file, said all at once and to the line."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from models.words import Words


@dataclass(frozen=True, slots=True)
class PackError:
    """One fault of a pack file: the file's name, the line (from 1), and a sentence for whoever edits it.

    `place` is the way to it through the file's tree, where the fault is inside one.
    """

    file: str
    line: int
    reason: Words
    place: tuple[str | int, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class PackRefused(Exception):  # noqa: N818 - a refusal, which carries the errors themselves
    """A pack file is not taken. `errors` holds every fault found, in the order of their lines."""

    def __init__(self, errors: Sequence[PackError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: (error.file, error.line)))
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))
