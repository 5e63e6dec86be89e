"""Where a redirect may lead: to a page of ours, never to another host."""

LAST_CONTROL = 32
"""Characters up to this one have no place in an address: browsers drop some, and what is left reads differently."""
DELETE = 127


def safe_target(url: str | None) -> str | None:
    """The address if it is a path in this house, else None.

    It starts with exactly one `/`, and holds no backslash (browsers read it as `/`) and no control character.
    """
    if not url or not url.startswith("/") or url.startswith("//") or "\\" in url:
        return None
    return url if all(LAST_CONTROL < ord(char) != DELETE for char in url) else None
