"""Text as people mean it, whatever width, case and spacing they typed it in."""

import re
import unicodedata

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def plain(text: str) -> str:
    """Half-width, lower-case, with single spaces and none around: `　２０２１／１／３１ ` becomes `2021/1/31`."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def spaced(title: str) -> str:
    """As `plain`, with the words of a technical name apart: `AvgTalkDuration` and `avg_talk_duration` become three."""
    return plain(_HUMP.sub(" ", unicodedata.normalize("NFKC", title)).replace("_", " "))
