"""A document from its draft to the version that replaces it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.notices.inbox import notify
from engine.rules import Facts, four_eyes
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.organisation import Staff, StaffStatus
from models.policy import DocumentState, PolicyDocument
from models.words import _


def _keep_reviewer(session: Session, document: PolicyDocument, facts: Facts) -> None:
    document.reviewed_by_id, document.reviewed_at = facts.actor.staff_id, facts.now


def _forget_reviewer(session: Session, document: PolicyDocument, facts: Facts) -> None:
    document.reviewed_by_id = document.reviewed_at = None


def _replace_former(session: Session, document: PolicyDocument, facts: Facts) -> None:
    """The version that was in effect is replaced, and everybody is told what changed."""
    former = session.scalars(
        select(PolicyDocument).where(
            PolicyDocument.department_id == document.department_id,
            PolicyDocument.code == document.code,
            PolicyDocument.state == DocumentState.IN_EFFECT,
            PolicyDocument.id != document.id,
        )
    ).all()
    for old in former:
        perform(session, old, "replace")
    present = select(Staff.id).where(
        Staff.department_id == document.department_id,
        Staff.status.not_in([StaffStatus.LEFT, StaffStatus.CANDIDATE]),
    )
    data = {"name": document.name, "edition": document.edition, "change": document.main_change, "from": facts.today}
    notify(
        session,
        document.department_id,
        session.scalars(present),
        "policy.in_effect",
        f"document:{document.id}",
        data,
        subject=document,
    )


DRAFT = frozenset({DocumentState.DRAFT})
MOVES = (
    Transition(
        "review",
        PolicyDocument,
        DRAFT,
        DocumentState.REVIEWED,
        _("Review"),
        "ORG-8",
        guards=(four_eyes("ORG-8", PolicyDocument, "changed_by_id"),),
        effect=_keep_reviewer,
        tone="good",
    ),
    Transition(
        "return_to_draft",
        PolicyDocument,
        frozenset({DocumentState.REVIEWED}),
        DocumentState.DRAFT,
        _("Return to draft"),
        "ORG-8",
        asks=(Ask("reason", _("Reason")),),
        effect=_forget_reviewer,
        tone="warn",
    ),
    Transition(
        "take_effect",
        PolicyDocument,
        frozenset({DocumentState.REVIEWED}),
        DocumentState.IN_EFFECT,
        _("Take effect"),
        "ORG-8",
        effect=_replace_former,
        by_system=True,
    ),
    Transition(
        "replace",
        PolicyDocument,
        frozenset({DocumentState.IN_EFFECT}),
        DocumentState.REPLACED,
        _("Replace"),
        "ORG-8",
        by_system=True,
    ),
)
