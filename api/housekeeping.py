"""What the interface for programs leaves behind, cleared away by the clock."""

from datetime import datetime

from sqlalchemy.orm import Session

from api import idempotency, limits
from engine.hooks import hookimpl


@hookimpl
def due(session: Session, now: datetime) -> int:  # noqa: ARG001 the hook's name for it
    """Forget kept answers and counts that no longer matter."""
    return idempotency.forget_old(session) + limits.forget_old(session)
