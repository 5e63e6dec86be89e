"""Whether a contact can be used: the same for staff and for who applies to become staff."""

import re

from models.words import _

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"[+(（]?\d[\d\s()（）+\-.,/;，、；#*转]*(ext\.?\s*\d+)?", re.IGNORECASE)
FEWEST_DIGITS = 5

# The value itself stays out of both sentences: an import keeps its reasons, and they do not rest encrypted.
NO_PHONE = _("A phone number has at least five digits, and no letters.")
NO_EMAIL = _("An e-mail address looks like name@company.com.")


def is_phone(text: str | None) -> bool:
    """Whether somebody can be called there; nothing said is fine. Several numbers and an extension may stand in it."""
    said = (text or "").strip()
    return not said or (PHONE.fullmatch(said) is not None and sum(sign.isdigit() for sign in said) >= FEWEST_DIGITS)


def is_email(text: str | None) -> bool:
    """Whether a message can be sent there; nothing said is fine."""
    said = (text or "").strip()
    return not said or EMAIL.fullmatch(said) is not None
