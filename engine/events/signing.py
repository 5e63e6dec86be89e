"""Signs a call so that its receiver can tell that it is ours, unchanged and not an old one played again.

The scheme is that of standardwebhooks.com: HMAC-SHA256 over identity, moment and body, the key written as `whsec_…`.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

PREFIX = "whsec_"
KEY_BYTES = 32


def make_key() -> str:
    """A fresh signing key as its receiver is to be told it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def signed(key: str, identity: str, moment: int, body: bytes) -> Mapping[str, str]:
    """The headers that prove a body sent at `moment` (seconds since 1970, UTC)."""
    raw = base64.b64decode(key.removeprefix(PREFIX))
    digest = hmac.new(raw, b"%s.%d.%s" % (identity.encode(), moment, body), hashlib.sha256).digest()
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(moment),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
