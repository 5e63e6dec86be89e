"""Places in a list as opaque words: sealed, so that they tell nothing and cannot be made up or used elsewhere."""

import base64
import binascii
import hashlib
import json
from typing import Any

from api.problems import BAD, ProblemError
from engine.crypto import UnreadableError
from models.types import Cipher
from models.words import _

LONGEST = 2000


def sealed(place: list[Any], about: str) -> str:
    """A cursor. `about` says for which list and whom it holds; with another one it cannot be opened."""
    return base64.urlsafe_b64encode(Cipher.encrypt(json.dumps(place), _bound(about))).decode().rstrip("=")


def opened(text: str, about: str) -> list[Any]:
    """The place that a cursor names. Raises ProblemError (400) for anything but a cursor of this very list."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found = json.loads(Cipher.decrypt(raw if len(text) <= LONGEST else b"", _bound(about)))
    except (binascii.Error, ValueError, UnreadableError) as error:
        says = _("This cursor does not belong to this list. Begin again without one.")
        raise ProblemError(BAD, says) from error
    return list(found)


def _bound(about: str) -> str:
    return f"api.cursor:{hashlib.sha256(about.encode()).hexdigest()}"
