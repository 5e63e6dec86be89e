"""CNF-1: the undertaking in its versions, signing it, who has not signed, and the signed copy.

- `undertaking`: versions
- `signing`: signatures, the page to sign on, the list of those who have not
"""

from admin_views.base.view import EntityView
from admin_views.confidentiality_ack.signing import ConfidentialityAckView
from admin_views.confidentiality_ack.undertaking import UndertakingView
from engine.hooks import hookimpl


@hookimpl
def views() -> list[EntityView]:
    """Signatures and versions."""
    return [ConfidentialityAckView(), UndertakingView()]
