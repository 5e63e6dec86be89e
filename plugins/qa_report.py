"""QA-9: every month's quality in figures, causes and measures, to the department manager; appeals add editions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.audit import plain
from engine.circumstances import zone_of
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.obligations.kinds import Kind, Recurring
from engine.obligations.periods import Every, Period, end_of, month
from engine.quality_figures import figures_of
from engine.rules import GUARD, Facts, Fill, Verdict, four_eyes, rule
from engine.transitions.kinds import Ask, Transition
from models.base import Record
from models.column_names import column_name
from models.organisation import Post
from models.qa_inspection import QaInspection
from models.qa_report import EditionReason, QaReport, QaReportEdition, ReportState
from models.words import Words, _, in_language

MOST_FREQUENT = 3


@rule("QA-9", QaReport, field="month", changed=("month",), says=_("Write the month as in 2026-11; it must have begun."))
def reported_month_is_known(report: QaReport, facts: Facts) -> Verdict:
    """A report is about a month that has begun."""
    try:
        return date.fromisoformat(f"{report.month}-01") <= facts.today
    except ValueError:
        return False


@rule(
    "QA-9",
    QaReport,
    on=GUARD,
    says=_("“%(label)s” may not be empty: a report says causes and measures, not only figures."),
)
def causes_and_measures_are_stated(report: QaReport, facts: Facts) -> Verdict:
    """Problems and causes, and what is proposed."""
    return [
        {"field": name, "label": column_name(name)}
        for name in ("causes", "measures")
        if not (getattr(report, name) or "").strip()
    ]


def _first_edition(session: Session, reports: Sequence[QaReport]) -> None:
    for report in reports:
        add_edition(session, report, EditionReason.DRAWN_UP)


def add_edition(session: Session, report: QaReport, reason: EditionReason, about: str | None = None) -> None:
    """Compute the month's figures from the records and keep them as the report's next edition.

    `about` is the number of the record whose appeal was accepted.
    """
    zone = zone_of(session, report.department_id)
    figures = plain(figures_of(session, report.department_id, report.month, zone))
    session.add(
        QaReportEdition(
            department_id=report.department_id,
            report=report,
            edition=len(report.editions) + 1,
            reason=reason,
            about=about,
            figures=figures,
            computed_at=clock.now(),
        )
    )


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """A result that an appeal changed changes the reports built on it; the former figures stay visible (QA-8)."""
    if not (isinstance(record, QaInspection) and transition.name == "settle" and len(record.editions) > 1):
        return
    about = month(clock.day_in(zone_of(session, record.department_id), record.occurred_at))
    for report in session.scalars(
        select(QaReport).where(QaReport.department_id == record.department_id, QaReport.month == about)
    ).all():
        add_edition(session, report, EditionReason.APPEAL, record.label)
        _tell_readers(session, report, record.label)


def _tell_readers(session: Session, report: QaReport, number: str) -> None:
    """Whoever submitted or approved the report hears that its figures have a further edition."""
    readers = [person for person in (report.submitted_by_id, report.approved_by_id) if person is not None]
    data = {"month": report.month, "number": number}
    notify(
        session,
        report.department_id,
        readers,
        "qa.report_changed",
        f"report:{report.id}:{number}",
        data,
        subject=report,
    )


@dataclass(frozen=True)
class Proposals:
    """Sentences drawn from a month's figures, for the supervisor to take over, change or leave."""

    causes: Sequence[Words]
    measures: Sequence[Words]


def proposals(figures: Mapping[str, Any], language: str, line: Decimal | None = None) -> Proposals:
    """What the figures suggest as causes and measures.

    The three most frequent items, the causes that inspectors wrote, recurring problems, agents with a mean below
    `line` (without one: below the department's mean). `figures` as an edition keeps them.
    """
    frequent = [(in_language(row["item_name"], language), row) for row in figures["by_item"][:MOST_FREQUENT]]
    causes: list[Words] = [
        _(
            "%(item)s: %(findings)s findings, %(points)s points.",
            item=name,
            findings=row["findings"],
            points=_exact(row["points"]),
        )
        for name, row in frequent
    ]
    causes += [
        _("Inspectors name as cause: %(cause)s (%(findings)s findings).", cause=row["name"], findings=row["findings"])
        for row in figures["causes"][:MOST_FREQUENT]
    ]
    if figures["recurring"]:
        causes.append(_("%(count)s findings are recurring ones.", count=figures["recurring"]))
    measures: list[Words] = [_("Train and practise: %(item)s.", item=name) for name, _row in frequent]
    measures += [
        _(
            "Coach %(agent)s: %(mean)s points on average in %(records)s records.",
            agent=row["name"],
            mean=_exact(row["mean"]),
            records=row["records"],
        )
        for row in _below(figures, line)
    ]
    if figures["rectification"]["failed"]:
        measures.append(_("Follow up %(count)s poor rectifications.", count=figures["rectification"]["failed"]))
    return Proposals(causes, measures)


def _exact(points: Any) -> str:  # noqa: ANN401 a decimal, or its text in a kept edition
    """A figure without useless zeros."""
    return f"{Decimal(str(points)).normalize():f}"


def _below(figures: Mapping[str, Any], line: Decimal | None) -> list[Mapping[str, Any]]:
    mean = figures["scores"]["mean"]
    edge = line if line is not None else Decimal(str(mean)) if mean is not None else None
    return [
        row
        for row in figures["by_agent"]
        if edge is not None and row["mean"] is not None and Decimal(str(row["mean"])) < edge
    ]


def _submit(session: Session, report: QaReport, facts: Facts) -> None:
    report.submitted_by_id, report.submitted_at = facts.actor.staff_id, facts.now
    add_edition(session, report, EditionReason.SUBMITTED)


def _approve(session: Session, report: QaReport, facts: Facts) -> None:
    report.approved_by_id, report.approved_at = facts.actor.staff_id, facts.now


def _due(period: Period, value: Callable[[str], Any], zone: str) -> datetime:
    return end_of(period.next(Every.MONTH).day(int(value("qa_report_day"))), zone)


def _review_due(report: QaReport, facts: Facts) -> datetime:
    day = clock.day_in(facts.zone, report.submitted_at or facts.now)
    return end_of(facts.calendar.add(day, int(facts.parameter("qa_report_review_days"))), facts.zone)


REPORT = Recurring(
    "qa_report",
    "QA-9",
    _("Submit the month's QA report"),
    Post.QA_SUPERVISOR,
    Every.MONTH,
    _due,
    QaReport,
    period_of=lambda report: (report.month,),
    met=lambda report: report.state is not ReportState.DRAFT,
    opens=0,
)
REVIEW = Kind(
    "qa_report_review",
    "QA-9",
    QaReport,
    _("Review the QA report"),
    owed=lambda r: r.state is ReportState.SUBMITTED,
    met=lambda r: r.state is ReportState.APPROVED,
    due=_review_due,
    post=Post.MANAGER,
)

DRAFT, SUBMITTED = frozenset({ReportState.DRAFT}), frozenset({ReportState.SUBMITTED})
MOVES = (
    Transition(
        "submit",
        QaReport,
        DRAFT,
        ReportState.SUBMITTED,
        _("Submit"),
        "QA-9",
        guards=(causes_and_measures_are_stated,),
        effect=_submit,
        tone="good",
    ),
    Transition(
        "approve",
        QaReport,
        SUBMITTED,
        ReportState.APPROVED,
        _("Approve"),
        "QA-9",
        guards=(four_eyes("QA-9", QaReport, "submitted_by_id"),),
        effect=_approve,
        tone="good",
    ),
    Transition(
        "send_back",
        QaReport,
        SUBMITTED,
        ReportState.DRAFT,
        _("Return"),
        "QA-9",
        asks=(Ask("reason", _("Reason")),),
        tone="warn",
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="qa_report",
        label=_("Quality inspection"),
        built=("QA-9",),
        entities=(QaReport, QaReportEdition),
        rules=(reported_month_is_known,),
        afters=(Fill(QaReport, _first_edition),),
        transitions=MOVES,
        obligations=(REPORT, REVIEW),
        notices=(
            Notice(
                "qa.report_changed",
                _("The QA report of %(month)s has a further edition"),
                _("The appeal about record %(number)s was accepted, so the figures of %(month)s were computed anew."),
            ),
        ),
    )
