"""From the question to the archive: who may move a record where, and what happens with it."""

from sqlalchemy.orm import Session

from engine.rules import Facts
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.organisation import Team
from models.service_record import RecordState, ServiceRecord
from models.words import _
from plugins.service_record.rules import channel_users, record_id, record_is_whole, transfer_goes_up_to_a_serving_team


def _hand_over(session: Session, record: ServiceRecord, facts: Facts) -> None:
    team = session.get(Team, record_id(facts.given["to_team"]))
    if team is not None:
        lead = channel_users.load(session, [record])[record][team.id]["lead"]
        record.agent_id, record.team_id = lead, team.id


def _note_solution(session: Session, record: ServiceRecord, facts: Facts) -> None:
    record.resolved = True


def _reopen_when_dissatisfied(session: Session, record: ServiceRecord, facts: Facts) -> None:
    """Not satisfied reopens it (SVC-5)."""
    session.flush()
    if record.satisfaction is not None and record.satisfaction < facts.parameter("satisfaction_reopen_below"):
        perform(session, record, "reopen", reason=f"{record.satisfaction} / 5")


def _note_reopening(session: Session, record: ServiceRecord, facts: Facts) -> None:
    record.resolved = False


CLOSED = frozenset({RecordState.SOLVED, RecordState.UNSOLVED, RecordState.EVALUATED})
MOVES = (
    Transition(
        "transfer",
        ServiceRecord,
        frozenset({RecordState.OPEN}),
        RecordState.OPEN,
        _("Transfer upward"),
        "ORG-2",
        guards=(transfer_goes_up_to_a_serving_team,),
        effect=_hand_over,
        asks=(Ask("to_team", _("To team"), kind="team"), Ask("reason", _("Reason"))),
    ),
    Transition(
        "solve",
        ServiceRecord,
        frozenset({RecordState.OPEN, RecordState.UNSOLVED}),
        RecordState.SOLVED,
        _("Solve"),
        "SVC-5",
        effect=_note_solution,
        tone="good",
        asks=(Ask("handling", _("Handling")), Ask("result", _("Result"))),
    ),
    Transition(
        "record_feedback",
        ServiceRecord,
        frozenset({RecordState.SOLVED}),
        RecordState.EVALUATED,
        _("Record feedback"),
        "SVC-5",
        effect=_reopen_when_dissatisfied,
        asks=(Ask("satisfaction", _("Satisfaction (1–5)"), kind="number"), Ask("feedback", _("Customer's feedback"))),
    ),
    Transition(
        "reopen",
        ServiceRecord,
        CLOSED,
        RecordState.OPEN,
        _("Reopen"),
        "SVC-5",
        effect=_note_reopening,
        asks=(Ask("reason", _("Reason")),),
        tone="warn",
    ),
    Transition(
        "archive",
        ServiceRecord,
        CLOSED,
        RecordState.ARCHIVED,
        _("Archive"),
        "SVC-6",
        guards=(record_is_whole,),
        tone="quiet",
        confirm=_("An archived record can only be read."),
    ),
)
