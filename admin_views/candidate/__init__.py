"""HIRE-2, HIRE-4: candidates as a board by stage, one by one, and what the figures say.

- `board`: the board, and the small request by which it moves a card
- `entity`: the candidate's page, the hire in one press
- `funnel`: how many came how far, and how long it took
"""

from collections.abc import Sequence
from typing import Any

from admin_views.candidate.board import Board
from admin_views.candidate.entity import CandidateView
from admin_views.candidate.funnel import Funnel
from engine.hooks import hookimpl
from models.words import _


@hookimpl
def views() -> Sequence[Any]:
    """The board first: it is opened every day."""
    return [
        Board(name=_("Recruitment board"), endpoint="hiring_board", url="/hiring", category="hiring"),
        Funnel(name=_("Recruitment figures"), endpoint="hiring_figures", url="/hiring-figures", category="hiring"),
        CandidateView(),
    ]
