"""HIRE-2, HIRE-4: candidates as a board by stage, one by one, and what the figures say.

- `board`: the board, and the small request by which it moves a card
- `entity`: the candidate's page, the hire in one press
- `funnel`: how many came how far, and how long it took
"""

from collections.abc import Sequence
from typing import Any

from admin_views.candidate.entity import CandidateView
from engine.hooks import hookimpl


@hookimpl
def views() -> Sequence[Any]:
    """The board first: it is opened every day."""
    return [CandidateView()]
