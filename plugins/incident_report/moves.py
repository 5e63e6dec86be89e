"""A sent report is answered, or goes up one level: by its addressee, or by itself when they leave."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.home_language import in_home_language
from engine.notices.inbox import notify
from engine.rules import GUARD, Facts, Verdict, need, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.incident_report import IncidentReport, ReportState
from models.organisation import Staff, StaffStatus
from models.words import _
from plugins.incident_report.line import superiors
from plugins.incident_report.telling import tell


@rule("ORG-4", IncidentReport, on=GUARD, says=_("Whoever the report is with answers it or passes it up."))
def addressee_acts(report: IncidentReport, facts: Facts) -> Verdict:
    """It lies with one person at a time."""
    return facts.actor.is_system or facts.actor.staff_id == report.addressee_id


@need()
def above_the_addressee(session: Session, reports: Sequence[IncidentReport]) -> Mapping[IncidentReport, int | None]:
    """For each report, the direct superior of whoever it is with; of the topmost who left, whoever has their post."""
    superior = superiors(session, {report.department_id for report in reports})
    return {report: superior.get(report.addressee_id) or _successor(session, report) for report in reports}


def _successor(session: Session, report: IncidentReport) -> int | None:
    left = session.get_one(Staff, report.addressee_id)
    if left.status is not StaffStatus.LEFT:
        return None
    holders = select(Staff.id).where(
        Staff.department_id == left.department_id,
        Staff.post == left.post,
        Staff.status == StaffStatus.ON_POST,
        # Nobody answers their own report.
        Staff.id != report.sender_id,
    )
    return session.scalar(holders.order_by(Staff.id).limit(1))


@rule(
    "ORG-4",
    IncidentReport,
    on=GUARD,
    needs=(above_the_addressee,),
    says=_("Nobody stands above you: the report is yours to answer."),
)
def somebody_stands_above(report: IncidentReport, facts: Facts) -> Verdict:
    """The line has an end."""
    return facts.loaded(above_the_addressee) is not None


def _answer(session: Session, report: IncidentReport, facts: Facts) -> None:
    report.answered_at = facts.now
    data = {"what": report.name, "answer": report.answer}
    key = f"incident:{report.id}:answer"
    notify(session, report.department_id, [report.sender_id], "incident.answered", key, data, subject=report)


def _pass_up(session: Session, report: IncidentReport, facts: Facts) -> None:
    """One level at a time: to the direct superior of whoever has it."""
    report.addressee_id = above_the_addressee.load(session, [report])[report]
    report.levels += 1
    session.flush()
    session.refresh(report, ["addressee"])
    tell(session, report)


def move_on(session: Session, lies: ColumnElement[bool]) -> int:
    """Pass up the waiting reports that `lies` names, where somebody stands above; how many."""
    waiting = session.scalars(
        select(IncidentReport).where(lies, IncidentReport.state == ReportState.REPORTED).order_by(IncidentReport.id)
    ).all()
    above = above_the_addressee.load(session, waiting)
    moving = [report for report in waiting if above[report] is not None]
    for report in moving:
        why = in_home_language(session, report.department_id, _("Left the department"))
        perform(session, report, "pass_up", remark=why)
    return len(moving)


REPORTED = frozenset({ReportState.REPORTED})
MOVES = (
    Transition(
        "reply",
        IncidentReport,
        REPORTED,
        ReportState.ANSWERED,
        _("Answer"),
        "ORG-4",
        guards=(addressee_acts,),
        asks=(Ask("answer", _("What is done about it")),),
        effect=_answer,
        tone="good",
        awaited_of="addressee_id",
    ),
    Transition(
        "pass_up",
        IncidentReport,
        REPORTED,
        ReportState.REPORTED,
        _("Pass up one level"),
        "ORG-4",
        guards=(addressee_acts, somebody_stands_above),
        asks=(Ask("remark", _("Remark for your superior")),),
        effect=_pass_up,
        tone="warn",
        awaited_of="addressee_id",
    ),
)
