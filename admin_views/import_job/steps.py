"""The progress header of an import."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.words import Words, _

STEPS: Mapping[str, Words] = {
    "upload": _("File"),
    "columns": _("Columns"),
    "formats": _("Dates and times"),
    "names": _("Names"),
    "trial": _("Trial"),
    "import": _("Import"),
}


@dataclass(frozen=True)
class Step:
    """One mark of the header."""

    name: Words
    done: bool
    current: bool


def steps(current: str) -> list[Step]:
    """The header with `current` marked; everything is done when it is empty."""
    at = list(STEPS).index(current) if current else len(STEPS)
    return [Step(name, number < at, number == at) for number, name in enumerate(STEPS.values())]
