"""QA-7 and RCT-3: severe findings and poor rectifications ask the QA supervisor for a talk with the agent."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.obligations.kinds import Kind
from engine.rules import CREATE, Facts, Verdict, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.base import Record
from models.organisation import Post
from models.qa_inspection import QaFinding, Severity
from models.qa_talk import QaTalk, TalkReason, TalkState
from models.rectification import RectificationTask
from models.words import _


@rule(
    "QA-7",
    QaTalk,
    on=frozenset({CREATE}),
    says=_("A talk is asked for by a severe finding or a poor rectification, not by hand."),
)
def talk_is_asked_for_by_its_cause(talk: QaTalk, facts: Facts) -> Verdict:
    """The duty follows from the records."""
    return facts.actor.is_system and talk.finding_id is not None


@hookimpl
def moved(session: Session, record: Record, transition: Transition, now: datetime) -> None:
    """A told severe finding or a failed rectification asks for a talk; a withdrawn finding drops it."""
    if isinstance(record, QaFinding) and transition.name == "tell" and record.severity is Severity.SEVERE:
        session.add(_asked(record, TalkReason.SEVERE_FINDING, now))
    elif isinstance(record, QaFinding) and transition.name == "withdraw":
        _drop(session, record)
    elif isinstance(record, RectificationTask) and transition.name == "fail":
        session.add(_asked(record.finding, TalkReason.POOR_RECTIFICATION, now))


def _asked(finding: QaFinding, reason: TalkReason, now: datetime) -> QaTalk:
    return QaTalk(
        department_id=finding.department_id,
        agent_id=finding.agent_id,
        team_id=finding.team_id,
        finding_id=finding.id,
        reason=reason,
        asked_at=now,
    )


def _drop(session: Session, finding: QaFinding) -> None:
    planned = select(QaTalk).where(QaTalk.finding_id == finding.id, QaTalk.state == TalkState.PLANNED)
    for talk in session.scalars(planned).all():
        perform(session, talk, "drop")


def _note_time(session: Session, talk: QaTalk, facts: Facts) -> None:
    talk.held_at = facts.now


def _severe_talk_due(talk: QaTalk, facts: Facts) -> datetime:
    return talk.asked_at + timedelta(hours=float(facts.parameter("severe_talk_hours")))


def _repeat_talk_due(talk: QaTalk, facts: Facts) -> datetime:
    return talk.asked_at + timedelta(days=int(facts.parameter("retalk_days")))


SEVERE = Kind(
    "severe_talk",
    "QA-7",
    QaTalk,
    _("Talk with the agent about a severe finding"),
    owed=lambda t: t.reason is TalkReason.SEVERE_FINDING and t.state is TalkState.PLANNED,
    met=lambda t: t.reason is TalkReason.SEVERE_FINDING and t.state is TalkState.HELD,
    due=_severe_talk_due,
    post=Post.QA_SUPERVISOR,
)
REPEAT = Kind(
    "retalk",
    "RCT-3",
    QaTalk,
    _("Talk with the agent again about a poor rectification"),
    owed=lambda t: t.reason is TalkReason.POOR_RECTIFICATION and t.state is TalkState.PLANNED,
    met=lambda t: t.reason is TalkReason.POOR_RECTIFICATION and t.state is TalkState.HELD,
    due=_repeat_talk_due,
    post=Post.QA_SUPERVISOR,
)

PLANNED = frozenset({TalkState.PLANNED})
MOVES = (
    Transition(
        "hold",
        QaTalk,
        PLANNED,
        TalkState.HELD,
        _("Record the talk"),
        "QA-7",
        asks=(Ask("outcome", _("What was agreed")),),
        effect=_note_time,
        tone="good",
    ),
    Transition("drop", QaTalk, PLANNED, TalkState.DROPPED, _("Drop"), "QA-7", by_system=True),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="qa_talk",
        label=_("Quality inspection"),
        built=("QA-7",),
        entities=(QaTalk,),
        rules=(talk_is_asked_for_by_its_cause,),
        transitions=MOVES,
        obligations=(SEVERE, REPEAT),
    )
