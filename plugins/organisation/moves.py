"""From the candidate to the departure."""

from typing import Any

from engine.transitions.kinds import Ask, Transition
from models.organisation import Staff, StaffStatus
from models.words import _
from plugins.organisation.rules import PRESENT


def _moved(name: str, sources: frozenset[StaffStatus], target: StaffStatus, label: Any, tone: str) -> Transition:  # noqa: ANN401 lazy words
    reason = Ask("reason", _("Reason"))
    return Transition(name, Staff, sources, target, label, "ORG-1", asks=(reason,), tone=tone)


STATUS_MOVES = (
    _moved(
        "put_on_post",
        frozenset({StaffStatus.TRAINEE, StaffStatus.SUSPENDED}),
        StaffStatus.ON_POST,
        _("Put on post"),
        "good",
    ),
    _moved("suspend", frozenset({StaffStatus.ON_POST}), StaffStatus.SUSPENDED, _("Suspend"), "warn"),
    _moved("leave", PRESENT, StaffStatus.LEFT, _("Record departure"), "bad"),
    _moved("take_on", frozenset({StaffStatus.CANDIDATE}), StaffStatus.TRAINEE, _("Take on as trainee"), "info"),
)
