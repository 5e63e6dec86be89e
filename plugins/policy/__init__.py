"""ORG-8: the company's documents are versioned, reviewed, and take effect on their day; staff are told.

- `document_rules`, `moves`: a document from its draft to the version that replaces it
- `adoption_rules`, `value_rules`: the packs that the department adopts, and the values that it sets
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendar_seed import FIRST_YEAR, seed_calendar
from engine.circumstances import today_in
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.rules import Fill, last_editor
from engine.transitions.performing import perform
from models.calendar import CalendarDay, CalendarYear
from models.organisation import Department
from models.policy import Adoption, DocumentState, ParameterValue, PolicyDocument
from models.words import _
from plugins.policy.adoption_rules import ADOPTION_RULES
from plugins.policy.document_rules import DOCUMENT_RULES
from plugins.policy.moves import DRAFT, MOVES
from plugins.policy.value_rules import VALUE_RULES, clause_of_the_name


@hookimpl
def due(session: Session, now: datetime) -> int:
    """Reviewed documents take effect on their day."""
    waiting = session.scalars(select(PolicyDocument).where(PolicyDocument.state == DocumentState.REVIEWED)).all()
    effective = [d for d in waiting if d.effective_on <= today_in(session, d.department_id)]
    for document in sorted(effective, key=lambda d: d.effective_on):
        perform(session, document, "take_effect")
    return len(effective)


@hookimpl
def adopted(session: Session, department: Department) -> None:
    """Deadlines count in working days, so a department begins with the official calendar."""
    seed_calendar(session, department, range(FIRST_YEAR, today_in(session, department.id).year + 2))


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="policy",
        label=_("Rulebook"),
        built=("ORG-8",),
        entities=(Adoption, ParameterValue, PolicyDocument, CalendarDay, CalendarYear),
        fills=(Fill(ParameterValue, clause_of_the_name), last_editor(PolicyDocument, "changed_by_id", DRAFT)),
        rules=(*DOCUMENT_RULES, *ADOPTION_RULES, *VALUE_RULES),
        transitions=MOVES,
        notices=(
            Notice(
                "policy.in_effect",
                _("%(name)s %(edition)s is in effect"),
                _("%(name)s, version %(edition)s, is in effect from %(from)s. Main change: %(change)s"),
            ),
        ),
    )
