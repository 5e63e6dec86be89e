"""TRN-2, TRN-4 on the screen: sessions and who takes part.

- `entity`: sessions
- `enrolment`: who is to take part, who came
"""

from admin_views.base.view import EntityView
from admin_views.training_session.enrolment import EnrolmentView
from admin_views.training_session.entity import TrainingSessionView
from engine.hooks import hookimpl


@hookimpl
def views() -> list[EntityView]:
    """Sessions and enrolments."""
    return [TrainingSessionView(), EnrolmentView()]
