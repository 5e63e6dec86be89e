"""What a report must be when it is sent, and what is filled in by itself."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import current_act
from engine.rules import CREATE, EDIT, Facts, Verdict, need, rule
from models.incident_report import IncidentReport
from models.words import _
from plugins.incident_report.line import lines, superiors

NEW = frozenset({CREATE})


@need()
def originals(session: Session, reports: Sequence[IncidentReport]) -> Mapping[IncidentReport, IncidentReport]:
    """For each follow-up, the report that skipped a level."""
    wanted = {report.follow_up_of_id for report in reports if report.follow_up_of_id}
    found = {r.id: r for r in session.scalars(select(IncidentReport).where(IncidentReport.id.in_(wanted)))}
    return {r: found[r.follow_up_of_id] for r in reports if r.follow_up_of_id in found}


def complete(session: Session, reports: Sequence[IncidentReport]) -> None:
    """A report is from whoever writes it, of now, to their direct superior unless another is named."""
    superior = superiors(session, {report.department_id for report in reports})
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


RULES = (
    report_is_ones_own,
    addressee_stands_above,
    skipping_is_an_emergency,
    incident_has_happened,
    follow_up_reaches_who_was_skipped,
    sent_report_stays,
)
