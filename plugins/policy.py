"""ORG-8: the company's documents are versioned, reviewed, and take effect on their day; staff are told."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.circumstances import today_in
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.rules import CREATE, Facts, Verdict, four_eyes, rule
from engine.transitions import Transition, perform
from models.calendar import CalendarDay, CalendarYear
from models.notification import GroupWebhook, NoticePreference
from models.organisation import Staff, StaffStatus
from models.policy import Adoption, DocumentState, ParameterValue, PolicyDocument
from models.words import _


@rule("ORG-8", PolicyDocument, field="main_change", says=_("Say what the main change is, so that people know what to read."))
def main_change_is_stated(document: PolicyDocument, facts: Facts) -> Verdict:  # noqa: ARG001 a predicate takes both
    """A version without its main change cannot be told to anybody."""
    return bool(document.main_change and document.main_change.strip())


@rule("ORG-8", PolicyDocument, field="effective_on", changed=("effective_on", "changed_on"),
      says=_("A version takes effect on or after the day it was changed (%(changed)s)."))
def effect_follows_change(document: PolicyDocument, facts: Facts) -> Verdict:  # noqa: ARG001 a predicate takes both
    """No version is in effect before it was written."""
    return document.effective_on >= document.changed_on or {"changed": document.changed_on}


@rule("ORG-8", ParameterValue, field="reason", on=frozenset({CREATE}),
      says=_("Say why the value changes: the history keeps it."))
def change_of_value_has_a_reason(value: ParameterValue, facts: Facts) -> Verdict:  # noqa: ARG001 a predicate takes both
    """A pack's own values come with the pack; whoever changes one says why."""
    return value.pack is not None or bool(value.reason and value.reason.strip())


@rule("ORG-8", ParameterValue, on=frozenset({"edit"}), says=_("A value in force is not edited. Add the next value with its date."))
def history_is_kept(value: ParameterValue, facts: Facts) -> Verdict:  # noqa: ARG001 a predicate takes both
    """The history is the record: values are added."""
    return False


def _keep_reviewer(session: Session, document: PolicyDocument, facts: Facts) -> None:  # noqa: ARG001 an effect takes all three
    document.reviewed_by_id, document.reviewed_at = facts.actor.staff_id, facts.now


def _replace_former(session: Session, document: PolicyDocument, facts: Facts) -> None:
    """The version that was in effect is replaced, and everybody is told what changed."""
    former = session.scalars(
        select(PolicyDocument).where(
            PolicyDocument.department_id == document.department_id, PolicyDocument.code == document.code,
            PolicyDocument.state == DocumentState.IN_EFFECT, PolicyDocument.id != document.id,
        )
    ).all()
    for old in former:
        perform(session, old, "replace")
    present = select(Staff.id).where(
        Staff.department_id == document.department_id,
        Staff.status.not_in([StaffStatus.LEFT, StaffStatus.CANDIDATE]),
    )
    data = {"name": document.name, "edition": document.edition, "change": document.main_change, "from": facts.today}
    notify(session, document.department_id, session.scalars(present), "policy.in_effect", f"document:{document.id}", data, subject=document)


@hookimpl
def due(session: Session, now: datetime) -> int:  # noqa: ARG001 the hook's signature; the clock is asked per department
    """Reviewed documents take effect on their day."""
    waiting = session.scalars(select(PolicyDocument).where(PolicyDocument.state == DocumentState.REVIEWED)).all()
    effective = [d for d in waiting if d.effective_on <= today_in(session, d.department_id)]
    for document in sorted(effective, key=lambda d: d.effective_on):
        perform(session, document, "take_effect")
    return len(effective)


MOVES = (
    Transition("review", PolicyDocument, frozenset({DocumentState.DRAFT}), DocumentState.REVIEWED, _("Review"), "ORG-8",
               guards=(four_eyes("ORG-8", PolicyDocument, "changed_by_id"),), effect=_keep_reviewer, tone="good"),
    Transition("take_effect", PolicyDocument, frozenset({DocumentState.REVIEWED}), DocumentState.IN_EFFECT,
               _("Take effect"), "ORG-8", effect=_replace_former, by_system=True),
    Transition("replace", PolicyDocument, frozenset({DocumentState.IN_EFFECT}), DocumentState.REPLACED, _("Replace"),
               "ORG-8", by_system=True),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="policy",
        label=_("Rulebook"),
        built=("ORG-8",),
        entities=(Adoption, ParameterValue, PolicyDocument, CalendarDay, CalendarYear, GroupWebhook, NoticePreference),
        rules=(main_change_is_stated, effect_follows_change, change_of_value_has_a_reason, history_is_kept),
        transitions=MOVES,
        notices=(
            Notice("policy.in_effect", _("%(name)s %(edition)s is in effect"),
                   _("%(name)s, version %(edition)s, is in effect from %(from)s. Main change: %(change)s")),
            Notice("obligation.due", _("Due %(due_at)s: %(duty)s"),
                   _("%(duty)s — %(title)s. Due %(due_at)s (%(clause)s).")),
            Notice("obligation.overdue", _("Overdue: %(duty)s"),
                   _("%(duty)s — %(title)s. It was due %(due_at)s (%(clause)s).")),
            Notice("obligation.escalated", _("%(owners)s: %(duty)s"),
                   _("%(duty)s — %(title)s, owed by %(owners)s, due %(due_at)s (%(clause)s).")),
        ),
    )
