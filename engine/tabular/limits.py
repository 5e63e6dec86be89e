"""How large an imported file may be. Checked before anything is parsed."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps for one file.

    `file_bytes` as it arrives; `inflated_bytes` of all members of a zip together; `ratio` of inflated to
    compressed; `members` of the zip; `rows` and `columns` of a sheet; `cells` of the rectangle that the readers
    lay out in memory, which two cells in opposite corners are enough to make huge.
    """

    file_bytes: int = 20 * MEGABYTE
    inflated_bytes: int = 50 * MEGABYTE
    ratio: int = 100
    members: int = 1_000
    rows: int = 200_000
    columns: int = 1_000
    cells: int = 5_000_000


class Standing:
    """The limits of this installation; set once at start-up."""

    limits: Limits = Limits()
