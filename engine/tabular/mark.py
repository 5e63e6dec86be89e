"""What every file that is taken away says of itself: who took it, when, for whom, and its number in the audit."""

from dataclasses import dataclass

from engine.tabular.columns import NOTE_MARK


@dataclass(frozen=True)
class Mark:
    """One line that stands in the file. `taker`, `purpose` and `number` go into a workbook's properties as well."""

    text: str
    taker: str
    purpose: str
    number: str

    @property
    def title(self) -> str:
        """As the heading of a column of its own; imports pass such columns over."""
        return NOTE_MARK + self.text
