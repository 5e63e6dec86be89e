"""The rulebook inside the program: what holds each clause, how it is kept, and which tests prove it."""

from engine.rulebook.cards import ClauseCard, clause_cards
from engine.rulebook.evidence import Figure, evidence
from engine.rulebook.holding import Holding, holdings

__all__ = ["ClauseCard", "Figure", "Holding", "clause_cards", "evidence", "holdings"]
