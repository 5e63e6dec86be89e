"""Yes, no, or not known: a field for a boolean column that may hold nothing."""

from collections.abc import Iterator
from typing import Any

from wtforms import Field

from models.words import _

CODES = {"": None, "1": True, "0": False}


class YesNoField(Field):
    """Three choices; a plain tick box could not say that nobody knows."""

    control = "choice"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Raises ValueError for anything else."""
        if valuelist:
            if valuelist[0] not in CODES:
                raise ValueError(_("Please choose one of the list."))
            self.data = CODES[valuelist[0]]

    def options(self) -> Iterator[tuple[str, str, bool]]:
        """Code, words, chosen."""
        words = {"": "—", "1": _("Yes"), "0": _("No")}
        for code, value in CODES.items():
            yield code, str(words[code]), self.data is value
