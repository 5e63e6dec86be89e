"""What a column could mean in more than one way: asked, never guessed silently."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Format = TypeVar("Format")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Format, Value]):
    """One way to read a column: its format, a cell of the file as it stands, and what that cell would then mean."""

    format: Format
    example: str
    reading: Value


@dataclass(frozen=True, slots=True)
class Ambiguous(Generic[Format, Value]):
    """The user has to choose. `candidates` is empty when no cell can be read at all."""

    candidates: tuple[Candidate[Format, Value], ...]
