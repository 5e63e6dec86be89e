"""QA-4 to QA-6: inspectors score what was drawn, the QA supervisor reviews, then agent and superior are told."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import zone_of
from engine.errors import PolicyError, Violation
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.obligations.kinds import Kind
from engine.obligations.periods import Every, Period, end_of, weekday
from engine.packs import parameters
from engine.rules import CREATE, DELETE, EDIT, GUARD, Facts, Fill, Verdict, four_eyes, need, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.base import Record
from models.obligation import Obligation
from models.organisation import Post, Staff, StaffStatus
from models.qa_appeal import QaAppeal
from models.qa_inspection import FindingState, InspectionState, QaBatch, QaFinding, QaInspection, QaScore
from models.qa_plan import QaDraw, QaPlan
from models.scorecard import Scorecard, ScorecardItem
from models.service_record import ServiceRecord
from models.words import _

ANY_WRITE = frozenset({CREATE, EDIT, DELETE})
CONTENT = ("inspection_id", "item_id", "severity", "deduction", "problem", "cause")


def _follow_the_inspection(session: Session, findings: Sequence[QaFinding]) -> None:
    """A finding is about the agent, the team and the moment of its record, whoever writes it and however."""
    for finding, inspection in _inspections(session, findings).items():
        finding.agent_id, finding.team_id = inspection.agent_id, inspection.team_id
        finding.occurred_at = inspection.occurred_at


def earlier_findings(session: Session, inspection: QaInspection) -> dict[str, list[QaFinding]]:
    """What was told to the record's agent within the recurrence period (RCT-4), newest first, by the item's code."""
    day = clock.day_in(zone_of(session, inspection.department_id), inspection.occurred_at)
    days = int(parameters.value(session, inspection.department_id, "recurrence_days", day))
    rows = session.execute(
        select(ScorecardItem.code, QaFinding)
        .join(QaFinding.item)
        .where(
            QaFinding.agent_id == inspection.agent_id,
            QaFinding.state == FindingState.TOLD,
            QaFinding.inspection_id != inspection.id,
            QaFinding.occurred_at <= inspection.occurred_at,
            QaFinding.occurred_at >= inspection.occurred_at - timedelta(days=days),
        )
        .order_by(QaFinding.occurred_at.desc())
    )
    found: dict[str, list[QaFinding]] = {}
    for code, finding in rows:
        found.setdefault(code, []).append(finding)
    return found


@rule(
    "ORG-3",
    QaInspection,
    field="inspector_id",
    changed=("inspector_id", "agent_id"),
    says=_("An inspector may not inspect their own records."),
)
def inspector_is_not_the_agent(inspection: QaInspection, facts: Facts) -> Verdict:
    """Nobody scores themselves."""
    return inspection.inspector_id != inspection.agent_id


@rule("QA-3", QaInspection, on=frozenset({CREATE}), says=_("Records are drawn at random. Nobody can add one by hand."))
def inspection_comes_from_a_draw(inspection: QaInspection, facts: Facts) -> Verdict:
    """Nobody picks."""
    return facts.actor.is_system and (inspection.draw_id is not None or inspection.draw is not None)


@need()
def items(session: Session, findings: Sequence[QaFinding]) -> Mapping[QaFinding, ScorecardItem]:
    """The scorecard item of each finding."""
    found = {
        i.id: i
        for i in session.scalars(select(ScorecardItem).where(ScorecardItem.id.in_({f.item_id for f in findings})))
    }
    return {finding: found[finding.item_id] for finding in findings if finding.item_id in found}


@need()
def cards(session: Session, findings: Sequence[QaFinding]) -> Mapping[QaFinding, Scorecard]:
    """The scorecard that each finding's record is scored with."""
    inspections = _inspections(session, findings)
    found = {
        c.id: c
        for c in session.scalars(
            select(Scorecard).where(Scorecard.id.in_({i.scorecard_id for i in inspections.values()}))
        )
    }
    return {finding: found[inspection.scorecard_id] for finding, inspection in inspections.items()}


@need()
def inspections_of(session: Session, findings: Sequence[QaFinding]) -> Mapping[QaFinding, QaInspection]:
    """The inspection of each finding."""
    return _inspections(session, findings)


def _inspections(session: Session, findings: Sequence[QaFinding]) -> dict[QaFinding, QaInspection]:
    ids = {f.inspection_id for f in findings if f.inspection_id is not None}
    found = {i.id: i for i in session.scalars(select(QaInspection).where(QaInspection.id.in_(ids)))}
    return {f: f.inspection or found[f.inspection_id] for f in findings if f.inspection or f.inspection_id in found}


@rule(
    "QA-4",
    QaFinding,
    field="deduction",
    changed=("deduction", "severity"),
    needs=(cards,),
    says=_("A %(severity)s finding deducts %(low)s to %(high)s points; %(value)s is outside."),
)
def deduction_is_within_its_band(finding: QaFinding, facts: Facts) -> Verdict:
    """Minor, general and severe have their bands; outside is refused."""
    card: Scorecard = facts.loaded(cards)
    low, high = (Decimal(str(edge)) for edge in card.bands[finding.severity.value])
    values = {"severity": finding.severity.label, "low": low, "high": high, "value": finding.deduction}
    return low <= finding.deduction <= high or values


@rule(
    "QA-2",
    QaFinding,
    field="item_id",
    changed=("item_id",),
    needs=(items, cards),
    says=_("This item is not on the scorecard that the record is scored with."),
)
def item_is_on_the_scorecard(finding: QaFinding, facts: Facts) -> Verdict:
    """A record is scored by one edition of the standard."""
    item, card = facts.loaded(items), facts.loaded(cards)
    return item is not None and card is not None and item.scorecard_id == card.id


@rule("QA-4", QaFinding, field="problem", changed=("problem",), says=_("Say what the problem is."))
def problem_is_stated(finding: QaFinding, facts: Facts) -> Verdict:
    """A deduction without a problem cannot be rectified."""
    return bool((finding.problem or "").strip())


@rule(
    "QA-6",
    QaFinding,
    on=ANY_WRITE,
    changed=CONTENT,
    needs=(inspections_of,),
    says=_("Findings are written before the record is handed in. After the review they change by appeal only."),
)
def findings_are_written_before_hand_in(finding: QaFinding, facts: Facts) -> Verdict:
    """What was handed in stands."""
    inspection: QaInspection = facts.loaded(inspections_of)
    return facts.move is not None or inspection.state is InspectionState.ASSIGNED


@rule(
    "QA-6",
    QaFinding,
    on=ANY_WRITE,
    changed=CONTENT,
    needs=(inspections_of,),
    says=_("Only the inspector whom the record was given to scores it."),
)
def assigned_inspector_writes(finding: QaFinding, facts: Facts) -> Verdict:
    """Each record has one inspector."""
    inspection: QaInspection = facts.loaded(inspections_of)
    return facts.move is not None or facts.actor.is_system or facts.actor.staff_id == inspection.inspector_id


@rule("QA-6", QaInspection, on=GUARD, says=_("Only the inspector whom the record was given to hands it in."))
def assigned_inspector_hands_in(inspection: QaInspection, facts: Facts) -> Verdict:
    """Each record has one inspector."""
    return facts.actor.is_system or facts.actor.staff_id == inspection.inspector_id


@rule("QA-8", QaInspection, on=GUARD, says=_("Only the agent concerned confirms a result."))
def agent_confirms(inspection: QaInspection, facts: Facts) -> Verdict:
    """The result is the agent's to confirm or question."""
    return facts.actor.is_system or facts.actor.staff_id == inspection.agent_id


def _hand_in(session: Session, inspection: QaInspection, facts: Facts) -> None:
    inspection.score, inspection.handed_in_at = inspection.running_score, facts.now
    settle_batch(session, inspection.batch)


def _send_back(session: Session, inspection: QaInspection, facts: Facts) -> None:
    inspection.score = inspection.handed_in_at = None
    settle_batch(session, inspection.batch)


def _tell(session: Session, inspection: QaInspection, facts: Facts) -> None:
    """The reviewed result reaches the agent and their superior, with time, record, problems and deductions (QA-6)."""
    inspection.reviewed_at, inspection.reviewed_by_id = facts.now, facts.actor.staff_id
    _keep_edition(session, inspection, str(_("Review")), facts)
    session.flush()
    for finding in inspection.findings:
        perform(session, finding, "tell")
    settle_batch(session, inspection.batch)
    told = [inspection.agent_id, inspection.agent.superior_id]
    data = {
        "agent": inspection.agent.label,
        "number": inspection.label,
        "score": inspection.score,
        "at": inspection.occurred_at,
        "problems": "; ".join(f"{f.problem} (−{f.deduction})" for f in inspection.findings) or "—",
    }
    notify(
        session,
        inspection.department_id,
        [person for person in told if person],
        "qa.result",
        f"qa:{inspection.id}",
        data,
        subject=inspection,
    )


def _keep_edition(session: Session, inspection: QaInspection, reason: str, facts: Facts) -> None:
    session.add(
        QaScore(
            department_id=inspection.department_id,
            inspection=inspection,
            agent_id=inspection.agent_id,
            team_id=inspection.team_id,
            edition=len(inspection.editions) + 1,
            score=inspection.score,
            reason=reason,
            decided_by_id=facts.actor.staff_id,
            decided_at=facts.now,
        )
    )


def _rescore(session: Session, inspection: QaInspection, facts: Facts) -> None:
    """An answered appeal settles the result; a changed score becomes its next edition, and the former stays visible."""
    if inspection.running_score != inspection.score:
        inspection.score = inspection.running_score
        _keep_edition(session, inspection, str(facts.given.get("reason") or ""), facts)


def settle_batch(session: Session, batch: QaBatch) -> None:
    """Count what of a weekly share is still to be handed in and to be reviewed."""
    session.flush()
    counts = dict(
        session.execute(
            select(QaInspection.state, func.count())
            .where(QaInspection.batch_id == batch.id)
            .group_by(QaInspection.state)
        ).all()
    )
    batch.to_hand_in = counts.get(InspectionState.ASSIGNED, 0)
    batch.to_review = counts.get(InspectionState.HANDED_IN, 0)


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """A fresh draw is shared out; an accepted appeal revises the findings it names; any answer settles the inspection."""
    if isinstance(record, QaPlan) and transition.name == "draw":
        _share_out(session, record.draws[-1])
    elif isinstance(record, QaAppeal) and transition.name in {"accept", "reject", "withdraw"}:
        if transition.name == "accept":
            _revise(session, record.inspection, record)
        perform(session, record.inspection, "settle", reason=str(transition.label))


def _share_out(session: Session, draw: QaDraw) -> None:
    """Drawn records go to the inspectors in turn, and week by week to the end of the plan's month."""
    inspectors = session.scalars(
        select(Staff.id)
        .where(
            Staff.department_id == draw.department_id, Staff.status == StaffStatus.ON_POST, Staff.post == Post.INSPECTOR
        )
        .order_by(Staff.number)
    ).all()
    if not inspectors:
        says = _("There is no QA inspector on post to score what is drawn.")
        raise PolicyError([Violation("qa_inspection.somebody_can_score", "QA-3", says, record=draw.plan)])
    weeks = _weeks(clock.day_in(zone_of(session, draw.department_id), draw.drawn_at), draw.plan.month)
    batches: dict[tuple[int, str], QaBatch] = {}
    drawn = session.scalars(select(ServiceRecord).where(ServiceRecord.id.in_(draw.sample))).all()
    by_id = {record.id: record for record in drawn}
    for place, record_id in enumerate(draw.sample):
        inspector, week = inspectors[place % len(inspectors)], weeks[place // len(inspectors) % len(weeks)]
        batch = batches.setdefault(
            (inspector, week), QaBatch(department_id=draw.department_id, draw=draw, inspector_id=inspector, week=week)
        )
        session.add(_given_to(inspector, batch, draw, by_id[record_id]))
    session.flush()
    for batch in batches.values():
        settle_batch(session, batch)


def _weeks(today: date, month: str) -> list[str]:
    """The ISO weeks from today's to the last of the month; at least today's."""
    last = Period.containing(Every.MONTH, date.fromisoformat(f"{month}-01")).last
    days = [today + timedelta(days=7 * n) for n in range(max(0, (last - today).days // 7) + 1)]
    return [Period.containing(Every.WEEK, day).name for day in days]


def _given_to(inspector: int, batch: QaBatch, draw: QaDraw, record: ServiceRecord) -> QaInspection:
    return QaInspection(
        department_id=draw.department_id,
        draw=draw,
        batch=batch,
        service_record_id=record.id,
        occurred_at=record.occurred_at,
        agent_id=record.agent_id,
        team_id=record.team_id,
        inspector_id=inspector,
        scorecard_id=draw.plan.scorecard_id,
    )


def _revise(session: Session, inspection: QaInspection, appeal: QaAppeal) -> None:
    for finding in inspection.findings:
        revised = (appeal.revised or {}).get(str(finding.id))
        if revised is None:
            continue
        if Decimal(str(revised)) == 0:
            perform(session, finding, "withdraw")
        else:
            perform(session, finding, "revise", deduction=Decimal(str(revised)))


@hookimpl
def overdue(session: Session, obligation: Obligation) -> None:
    """When the appeal window closes unused, the result stands as confirmed."""
    if obligation.kind == APPEAL_WINDOW.name:
        inspection = session.get(QaInspection, obligation.subject_id)
        if inspection is not None and inspection.state is InspectionState.REVIEWED:
            perform(session, inspection, "acknowledge")


def _hand_in_due(batch: QaBatch, facts: Facts) -> datetime:
    return _day_of_week(batch, facts, "hand_in_weekday")


def _review_due(batch: QaBatch, facts: Facts) -> datetime:
    return max(
        _day_of_week(batch, facts, "review_weekday"), _day_of_week(batch, facts, "hand_in_weekday") + timedelta(days=1)
    )


def _day_of_week(batch: QaBatch, facts: Facts, parameter: str) -> datetime:
    """The end of that weekday in the share's week, or a week later when the share was given out after it."""
    day: date = weekday(batch.week, facts.parameter(parameter))
    given_out = clock.day_in(facts.zone, batch.created_at)
    return end_of(day if day >= given_out else day + timedelta(days=7), facts.zone)


def _window_closes(inspection: QaInspection, facts: Facts) -> datetime:
    reviewed = clock.day_in(facts.zone, inspection.reviewed_at or facts.now)
    return end_of(reviewed + timedelta(days=int(facts.parameter("appeal_days"))), facts.zone)


HAND_IN = Kind(
    "hand_in",
    "QA-6",
    QaBatch,
    _("Score and hand in this week's records"),
    owed=lambda b: b.to_hand_in > 0,
    met=lambda b: b.to_hand_in == 0,
    due=_hand_in_due,
    owner=lambda b: b.inspector_id,
)
REVIEW = Kind(
    "review",
    "QA-6",
    QaBatch,
    _("Review what the inspector handed in"),
    owed=lambda b: b.to_review > 0,
    met=lambda b: b.to_hand_in == 0 and b.to_review == 0,
    due=_review_due,
    post=Post.QA_SUPERVISOR,
)
APPEAL_WINDOW = Kind(
    "appeal_window",
    "QA-8",
    QaInspection,
    _("Confirm the result, or question it"),
    owed=lambda i: i.state is InspectionState.REVIEWED,
    met=lambda i: i.state in {InspectionState.APPEALED, InspectionState.ACCEPTED},
    due=_window_closes,
    owner=lambda i: i.agent_id,
)

ASSIGNED, HANDED_IN, REVIEWED = (
    frozenset({s}) for s in (InspectionState.ASSIGNED, InspectionState.HANDED_IN, InspectionState.REVIEWED)
)
TOLD = frozenset({FindingState.TOLD})
REASON = Ask("reason", _("Reason"))
MOVES = (
    Transition(
        "hand_in",
        QaInspection,
        ASSIGNED,
        InspectionState.HANDED_IN,
        _("Hand in"),
        "QA-6",
        guards=(assigned_inspector_hands_in,),
        effect=_hand_in,
        tone="good",
    ),
    Transition(
        "send_back",
        QaInspection,
        HANDED_IN,
        InspectionState.ASSIGNED,
        _("Send back"),
        "QA-6",
        asks=(REASON,),
        effect=_send_back,
        tone="warn",
    ),
    Transition(
        "review",
        QaInspection,
        HANDED_IN,
        InspectionState.REVIEWED,
        _("Review and tell the result"),
        "QA-6",
        guards=(four_eyes("ORG-3", QaInspection, "inspector_id"),),
        effect=_tell,
        tone="good",
    ),
    Transition(
        "acknowledge",
        QaInspection,
        REVIEWED,
        InspectionState.ACCEPTED,
        _("Confirm result"),
        "QA-8",
        guards=(agent_confirms,),
    ),
    Transition("appeal", QaInspection, REVIEWED, InspectionState.APPEALED, _("Appeal"), "QA-8", by_system=True),
    Transition(
        "settle",
        QaInspection,
        frozenset({InspectionState.APPEALED}),
        InspectionState.ACCEPTED,
        _("Settle"),
        "QA-8",
        asks=(REASON,),
        effect=_rescore,
        by_system=True,
    ),
    Transition(
        "tell", QaFinding, frozenset({FindingState.DRAFT}), FindingState.TOLD, _("Tell"), "QA-6", by_system=True
    ),
    Transition("withdraw", QaFinding, TOLD, FindingState.WITHDRAWN, _("Withdraw"), "QA-8", by_system=True),
    Transition(
        "revise",
        QaFinding,
        TOLD,
        FindingState.TOLD,
        _("Revise"),
        "QA-8",
        by_system=True,
        asks=(Ask("deduction", _("Deduction"), kind="number"),),
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="qa_inspection",
        label=_("Quality inspection"),
        built=("QA-4", "QA-5", "QA-6"),
        entities=(QaInspection, QaFinding, QaBatch, QaScore),
        fills=(Fill(QaFinding, _follow_the_inspection),),
        rules=(
            inspector_is_not_the_agent,
            inspection_comes_from_a_draw,
            deduction_is_within_its_band,
            item_is_on_the_scorecard,
            problem_is_stated,
            findings_are_written_before_hand_in,
            assigned_inspector_writes,
        ),
        transitions=MOVES,
        obligations=(HAND_IN, REVIEW, APPEAL_WINDOW),
        notices=(
            Notice(
                "qa.result",
                _("QA result of record %(number)s: %(score)s points"),
                _("%(agent)s, record %(number)s of %(at)s: %(score)s points. Problems: %(problems)s"),
            ),
        ),
    )
