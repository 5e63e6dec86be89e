"""Who has to do what by when."""

from datetime import date, datetime, timedelta

from engine import clock
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of, weekday
from engine.rules import Facts
from models.organisation import Post
from models.qa_inspection import InspectionState, QaBatch, QaInspection
from models.words import _


def _hand_in_due(batch: QaBatch, facts: Facts) -> datetime:
    return _day_of_week(batch, facts, "hand_in_weekday")


def _review_due(batch: QaBatch, facts: Facts) -> datetime:
    return max(
        _day_of_week(batch, facts, "review_weekday"), _day_of_week(batch, facts, "hand_in_weekday") + timedelta(days=1)
    )


def _day_of_week(batch: QaBatch, facts: Facts, parameter: str) -> datetime:
    """The end of that weekday in the share's week, or a week later when the share was given out after it."""
    day: date = weekday(batch.week, facts.parameter(parameter))
    given_out = clock.day_in(facts.zone, batch.created_at)
    return end_of(day if day >= given_out else day + timedelta(days=7), facts.zone)


def _window_closes(inspection: QaInspection, facts: Facts) -> datetime:
    reviewed = clock.day_in(facts.zone, inspection.reviewed_at or facts.now)
    return end_of(reviewed + timedelta(days=int(facts.parameter("appeal_days"))), facts.zone)


HAND_IN = Kind(
    "hand_in",
    "QA-6",
    QaBatch,
    _("Score and hand in this week's records"),
    owed=lambda b: b.to_hand_in > 0,
    met=lambda b: b.to_hand_in == 0,
    due=_hand_in_due,
    owner=lambda b: b.inspector_id,
)
REVIEW = Kind(
    "review",
    "QA-6",
    QaBatch,
    _("Review what the inspector handed in"),
    owed=lambda b: b.to_review > 0,
    met=lambda b: b.to_hand_in == 0 and b.to_review == 0,
    due=_review_due,
    post=Post.QA_SUPERVISOR,
)
APPEAL_WINDOW = Kind(
    "appeal_window",
    "QA-8",
    QaInspection,
    _("Confirm the result, or question it"),
    owed=lambda i: i.state is InspectionState.REVIEWED,
    met=lambda i: i.state in {InspectionState.APPEALED, InspectionState.ACCEPTED},
    due=_window_closes,
    owner=lambda i: i.agent_id,
)
