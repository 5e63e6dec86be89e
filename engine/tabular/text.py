"""Text as people mean it, whatever width, case and spacing they typed it in."""

import unicodedata


def plain(text: str) -> str:
    """Half-width, lower-case, with single spaces and none around: `　２０２１／１／３１ ` becomes `2021/1/31`."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
