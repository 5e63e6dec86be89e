"""QA-3 to QA-6: the inspectors' scoring screen, the supervisor's review, and results as agents read them.

- `scoring`: the screen, and the small requests by which it saves
- `review`: the queue of handed-in records
- `entity`: inspections, findings, weekly shares, score editions
- `shown`: the service record beside a scorecard
"""

from collections.abc import Sequence
from typing import Any

from admin_views.qa_inspection.entity import QaBatchView, QaFindingView, QaInspectionView, QaScoreView
from admin_views.qa_inspection.review import Review
from admin_views.qa_inspection.scoring import Scoring
from engine.hooks import hookimpl
from models.words import _


@hookimpl
def views() -> Sequence[Any]:
    """Scoring and review first: they are opened every day."""
    return [
        Scoring(name=_("Scoring"), endpoint="scoring", url="/scoring", category="quality"),
        Review(name=_("Review of results"), endpoint="qa_review", url="/qa-review", category="quality"),
        QaInspectionView(),
        QaFindingView(),
        QaBatchView(),
        QaScoreView(),
    ]
