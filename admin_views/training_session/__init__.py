"""TRN-2, 4, 7, 10 on the screen: sessions and who takes part.

- `entity`: sessions
- `enrolment`: who is to take part, who came
- `answers`: questionnaires and notes
"""

from admin_views.base.view import EntityView
from admin_views.training_session.answers import TrainingFeedbackView, TrainingNoteView
from admin_views.training_session.enrolment import EnrolmentView
from admin_views.training_session.entity import TrainingSessionView
from engine.hooks import hookimpl


@hookimpl
def views() -> list[EntityView]:
    """Sessions, and what hangs on them."""
    return [TrainingSessionView(), EnrolmentView(), TrainingFeedbackView(), TrainingNoteView()]
