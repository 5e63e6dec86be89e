"""What is shown of a value that a role sees only masked: the same on every screen and through every interface."""

DOTS = "••••"
SHORT, TELLING = 2, 7


def masked(value: object) -> str:
    """Enough to recognise a value by, never enough to use it; the dots do not tell its length."""
    text = "" if value is None else str(value)
    if not text:
        return ""
    if len(text) < SHORT:
        return DOTS
    return f"{text[:3]}{DOTS}{text[-2:]}" if len(text) >= TELLING else f"{text[0]}{DOTS}"
