"""Plans how a notice leaves the house: which channels, when, and why not."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from models.notification import Notification


def plan_deliveries(session: Session, notices: Sequence[Notification]) -> None:
    """Write an outbox row for each way in which each recipient is to be told."""
