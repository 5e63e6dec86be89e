"""ORG-4: incidents go to the direct superior, level by level; one is skipped in an emergency, and told afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import current_act
from engine.home_language import in_home_language
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.obligations.kinds import Kind
from engine.rules import CREATE, EDIT, GUARD, Facts, Fill, Verdict, need, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.incident_report import IncidentReport, ReportState
from models.organisation import Staff, StaffStatus
from models.words import _

NEW = frozenset({CREATE})


@dataclass(frozen=True)
class Line:
    """Who stands above somebody: the direct superior first, then everybody above."""

    direct: int | None = None
    above: Sequence[int] = field(default_factory=tuple)


NO_LINE = Line()


def line_above(session: Session, department_id: int, person_id: int | None) -> Line:
    """The reporting line of one person. It ends where it would run in a circle."""
    return _line(_superiors(session, {department_id}), person_id)


def _superiors(session: Session, departments: set[int]) -> Mapping[int, int | None]:
    """Who stands directly above each; where that person has left, whoever stands above them."""
    rows = session.execute(
        select(Staff.id, Staff.superior_id, Staff.status).where(Staff.department_id.in_(departments))
    ).all()
    named = {person: superior for person, superior, _status in rows}
    gone = {person for person, _superior, status in rows if status is StaffStatus.LEFT}
    return {person: _first_here(named, gone, person) for person in named}


def _first_here(named: Mapping[int, int | None], gone: set[int], person: int) -> int | None:
    passed = {person}
    current = named.get(person)
    while current in gone and current not in passed:
        passed.add(current)
        current = named.get(current)
    return current if current not in gone else None


def _line(superior: Mapping[int, int | None], person_id: int | None) -> Line:
    above: list[int] = []
    current = superior.get(person_id) if person_id is not None else None
    while current is not None and current not in above:
        above.append(current)
        current = superior.get(current)
    return Line(above[0] if above else None, tuple(above))


@need(default=NO_LINE)
def lines(session: Session, reports: Sequence[IncidentReport]) -> Mapping[IncidentReport, Line]:
    """For each report, who stands above its sender."""
    superior = _superiors(session, {report.department_id for report in reports})
    return {report: _line(superior, report.sender_id) for report in reports}


@need()
def originals(session: Session, reports: Sequence[IncidentReport]) -> Mapping[IncidentReport, IncidentReport]:
    """For each follow-up, the report that skipped a level."""
    wanted = {report.follow_up_of_id for report in reports if report.follow_up_of_id}
    found = {r.id: r for r in session.scalars(select(IncidentReport).where(IncidentReport.id.in_(wanted)))}
    return {r: found[r.follow_up_of_id] for r in reports if r.follow_up_of_id in found}


def _complete(session: Session, reports: Sequence[IncidentReport]) -> None:
    """A report is from whoever writes it, of now, to their direct superior unless another is named."""
    superior = _superiors(session, {report.department_id for report in reports})
    for report in reports:
        if report.id is not None:
            continue
        if report.sender_id is None and (sender := current_act().actor.staff_id) is not None:
            report.sender_id = sender
        report.reported_at = clock.now()
        report.direct_superior_id = superior.get(report.sender_id)
        if report.addressee_id is None and report.direct_superior_id is not None:
            report.addressee_id = report.direct_superior_id
        report.skipped = report.addressee_id != report.direct_superior_id


@rule("ORG-4", IncidentReport, field="sender_id", on=NEW, says=_("Everybody reports in their own name."))
def report_is_ones_own(report: IncidentReport, facts: Facts) -> Verdict:
    """A report says what its sender saw."""
    return facts.actor.is_system or report.sender_id == facts.actor.staff_id


@rule(
    "ORG-4",
    IncidentReport,
    field="addressee_id",
    on=NEW,
    needs=(lines,),
    says=_("A report goes up the reporting line: to your direct superior, or in an emergency to somebody above them."),
)
def addressee_stands_above(report: IncidentReport, facts: Facts) -> Verdict:
    """Not sideways, not down, not to oneself."""
    return report.addressee_id is not None and report.addressee_id in facts.loaded(lines).above


@rule(
    "ORG-4",
    IncidentReport,
    field="emergency",
    on=NEW,
    says=_(
        "Your direct superior may be passed over in an emergency only: say that it is one, and why it could not wait."
    ),
)
def skipping_is_an_emergency(report: IncidentReport, facts: Facts) -> Verdict:
    """Level by level, except when it burns."""
    return not report.skipped or (report.emergency and bool((report.why_emergency or "").strip()))


@rule(
    "ORG-4",
    IncidentReport,
    field="occurred_at",
    on=NEW,
    says=_("What is reported has happened already."),
)
def incident_has_happened(report: IncidentReport, facts: Facts) -> Verdict:
    """A report is about the past."""
    return report.occurred_at is None or report.occurred_at <= facts.now


@rule(
    "ORG-4",
    IncidentReport,
    field="follow_up_of_id",
    on=NEW,
    needs=(originals,),
    says=_(
        "A follow-up report is the sender's own, about a report that passed the direct superior over, "
        "and goes to the one who was passed over."
    ),
)
def follow_up_reaches_who_was_skipped(report: IncidentReport, facts: Facts) -> Verdict:
    """Only a report to the one who was passed over settles what is owed."""
    if report.follow_up_of_id is None:
        return True
    original: IncidentReport | None = facts.loaded(originals)
    if original is None or not original.skipped or original.sender_id != report.sender_id:
        return False
    # Whoever has a new superior by now owes it to the present one.
    return report.addressee_id in {original.direct_superior_id, report.direct_superior_id}


@rule(
    "ORG-4",
    IncidentReport,
    on=frozenset({EDIT}),
    changed=("name", "what", "occurred_at", "sender_id", "addressee_id", "emergency", "why_emergency"),
    says=_("A report that was sent stays as it is. Write another one."),
)
def sent_report_stays(report: IncidentReport, facts: Facts) -> Verdict:
    """What was reported was reported."""
    return facts.move is not None or facts.actor.is_system


def _follow(session: Session, reports: Sequence[IncidentReport]) -> None:
    """The addressee is told; a follow-up settles what was owed for the report that skipped a level."""
    for report in reports:
        _tell(session, report)
        if report.follow_up_of is not None:
            report.follow_up_of.followed_up_at = clock.now()


def _tell(session: Session, report: IncidentReport) -> None:
    data = {"sender": report.sender.label, "what": report.name, "at": report.occurred_at}
    code = "incident.emergency" if report.emergency else "incident.reported"
    key = f"incident:{report.id}:{report.levels}"
    notify(session, report.department_id, [report.addressee_id], code, key, data, subject=report)


@rule("ORG-4", IncidentReport, on=GUARD, says=_("Whoever the report is with answers it or passes it up."))
def addressee_acts(report: IncidentReport, facts: Facts) -> Verdict:
    """It lies with one person at a time."""
    return facts.actor.is_system or facts.actor.staff_id == report.addressee_id


@need()
def above_the_addressee(session: Session, reports: Sequence[IncidentReport]) -> Mapping[IncidentReport, int | None]:
    """For each report, the direct superior of whoever it is with; of the topmost who left, whoever has their post."""
    superior = _superiors(session, {report.department_id for report in reports})
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
    _tell(session, report)


@hookimpl
def left(session: Session, person: Staff) -> None:
    """What lies with somebody who leaves goes up one level, and its new addressee is told."""
    _move_on(session, IncidentReport.addressee_id == person.id)


@hookimpl
def due(session: Session, now: datetime) -> int:
    """What nobody stood above to take goes to whoever has taken over the post of the one who left."""
    return _move_on(session, IncidentReport.addressee.has(Staff.status == StaffStatus.LEFT))


def _move_on(session: Session, lies: ColumnElement[bool]) -> int:
    waiting = session.scalars(
        select(IncidentReport).where(lies, IncidentReport.state == ReportState.REPORTED).order_by(IncidentReport.id)
    ).all()
    above = above_the_addressee.load(session, waiting)
    moving = [report for report in waiting if above[report] is not None]
    for report in moving:
        why = in_home_language(session, report.department_id, _("Left the department"))
        perform(session, report, "pass_up", remark=why)
    return len(moving)


def _follow_up_due(report: IncidentReport, facts: Facts) -> datetime:
    return report.reported_at + timedelta(hours=int(facts.parameter("followup_hours")))


FOLLOW_UP = Kind(
    "followup_report",
    "ORG-4",
    IncidentReport,
    _("Report to the direct superior who was passed over"),
    owed=lambda r: r.skipped and r.followed_up_at is None,
    met=lambda r: r.skipped and r.followed_up_at is not None,
    due=_follow_up_due,
    owner=lambda r: r.sender_id,
)

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


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="incident_report",
        label=_("Incident reports"),
        built=("ORG-4",),
        entities=(IncidentReport,),
        fills=(Fill(IncidentReport, _complete),),
        afters=(Fill(IncidentReport, _follow),),
        rules=(
            report_is_ones_own,
            addressee_stands_above,
            skipping_is_an_emergency,
            incident_has_happened,
            follow_up_reaches_who_was_skipped,
            sent_report_stays,
        ),
        transitions=MOVES,
        obligations=(FOLLOW_UP,),
        notices=(
            Notice(
                "incident.reported",
                _("%(sender)s reports: %(what)s"),
                _("%(sender)s reports what happened on %(at)s: %(what)s. Answer it, or pass it up one level."),
            ),
            Notice(
                "incident.emergency",
                _("Emergency, reported by %(sender)s: %(what)s"),
                _("%(sender)s reports an emergency of %(at)s: %(what)s. Please look at it at once."),
            ),
            Notice(
                "incident.answered",
                _("Your report was answered: %(what)s"),
                _("Your report “%(what)s” was answered: %(answer)s"),
            ),
        ),
    )
