"""QA-1 and QA-3 on the screen: the month's plans, and each draw.

- `plan`: plans; an empty form proposes the coming month
- `draw`: draws, to be drawn again by anyone who may read them
"""

from admin_views.base.view import EntityView
from admin_views.qa_plan.draw import QaDrawView
from admin_views.qa_plan.plan import QaPlanView
from engine.hooks import hookimpl


@hookimpl
def views() -> list[EntityView]:
    """Plans and draws."""
    return [QaPlanView(), QaDrawView()]
