"""From the draft of a plan to its draws and its close."""

from engine.transitions.kinds import Ask, Transition
from models.qa_plan import PlanState, QaPlan
from models.words import _
from plugins.qa_plan.draw_rules import drawing_again_has_a_reason, there_is_something_to_draw
from plugins.qa_plan.drawing import draw_sample
from plugins.qa_plan.plan_rules import standard_is_in_use

PUBLISHED = frozenset({PlanState.PUBLISHED})
MOVES = (
    Transition(
        "publish",
        QaPlan,
        frozenset({PlanState.DRAFT}),
        PlanState.PUBLISHED,
        _("Publish plan"),
        "QA-1",
        guards=(standard_is_in_use,),
        tone="good",
    ),
    Transition(
        "draw",
        QaPlan,
        PUBLISHED,
        PlanState.PUBLISHED,
        _("Draw sample"),
        "QA-3",
        effect=draw_sample,
        guards=(drawing_again_has_a_reason, there_is_something_to_draw),
        asks=(Ask("reason", _("Reason, when drawing again"), required=False),),
        confirm=_("The seed is kept. The draw cannot be taken back."),
    ),
    Transition("close", QaPlan, PUBLISHED, PlanState.CLOSED, _("Close plan"), "QA-1", tone="quiet"),
)
