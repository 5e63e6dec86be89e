"""HIRE-3: two rounds, each scored item by item by those who held it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import day_in
from engine.home_language import in_home_language
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.rules import CREATE, EDIT, GUARD, After, Facts, Verdict, need, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.base import Record
from models.candidate import UNDER_WAY, Candidate, Stage
from models.interview import Advice, Interview, InterviewState, Round
from models.notification import Notification
from models.organisation import AGENT_POSTS, Staff, StaffStatus
from models.words import _

STAGE_OF_ROUND = {Round.FIRST: Stage.FIRST_INTERVIEW, Round.SECOND: Stage.SECOND_INTERVIEW}
HIGHEST = 100
WHOSE = ("candidate_id", "round", "interviewer_id")


@need()
def candidates(session: Session, sheets: Sequence[Interview]) -> Mapping[Interview, Candidate]:
    """The candidate of each sheet."""
    query = select(Candidate).where(Candidate.id.in_({sheet.candidate_id for sheet in sheets}))
    found = {candidate.id: candidate for candidate in session.scalars(query)}
    return {sheet: found[sheet.candidate_id] for sheet in sheets if sheet.candidate_id in found}


@need()
def interviewers(session: Session, sheets: Sequence[Interview]) -> Mapping[Interview, Staff]:
    """The interviewer of each sheet."""
    query = select(Staff).where(Staff.id.in_({sheet.interviewer_id for sheet in sheets}))
    found = {person.id: person for person in session.scalars(query)}
    return {sheet: found[sheet.interviewer_id] for sheet in sheets if sheet.interviewer_id in found}


@rule(
    "HIRE-2",
    Interview,
    field="round",
    on=frozenset({CREATE}),
    needs=(candidates,),
    says=_("The candidate stands at “%(stage)s”: this round is held when they have come to it."),
)
def round_fits_the_stage(sheet: Interview, facts: Facts) -> Verdict:
    """No stage is skipped."""
    candidate: Candidate | None = facts.loaded(candidates)
    return candidate is None or candidate.stage is STAGE_OF_ROUND[sheet.round] or {"stage": candidate.stage.label}


@rule(
    "HIRE-3",
    Interview,
    field="interviewer_id",
    changed=("interviewer_id",),
    needs=(interviewers,),
    says=_("An interviewer is somebody on post in the department, and no agent: agents see no candidates."),
)
def interviewer_is_on_post(sheet: Interview, facts: Facts) -> Verdict:
    """Whoever judges others works here, and can open the sheet."""
    person: Staff | None = facts.loaded(interviewers)
    return person is not None and person.status is StaffStatus.ON_POST and person.post not in AGENT_POSTS


@need(default=False)
def sheet_is_there(session: Session, sheets: Sequence[Interview]) -> Mapping[Interview, bool]:
    """For each sheet, whether its interviewer has another one of the same round with the same candidate."""
    those = Interview.candidate_id.in_({sheet.candidate_id for sheet in sheets})
    rows = session.execute(select(Interview.id, *(getattr(Interview, name) for name in WHOSE)).where(those))
    known = {tuple(key): number for number, *key in rows}
    return {s: known.get(tuple(getattr(s, name) for name in WHOSE), s.id) != s.id for s in sheets}


@rule(
    "HIRE-3",
    Interview,
    field="interviewer_id",
    changed=WHOSE,
    needs=(interviewers, sheet_is_there),
    says=_(
        "%(person)s has a sheet of this round (%(round)s) with this candidate already. If it was cancelled, plan that "
        "one again."
    ),
)
def interviewer_has_one_sheet(sheet: Interview, facts: Facts) -> Verdict:
    """Nobody's judgement counts twice in the mean."""
    person: Staff | None = facts.loaded(interviewers)
    return person is None or not facts.loaded(sheet_is_there) or {"person": person.label, "round": sheet.round.label}


@rule(
    "HIRE-3",
    Interview,
    on=frozenset({EDIT}),
    changed=("candidate_id", "round", "interviewer_id", "planned_at", "scores", "advice", "remark"),
    says=_("A sheet that was handed in stays as it is."),
)
def sheet_stays(sheet: Interview, facts: Facts) -> Verdict:
    """Nobody's judgement changes afterwards; only erasing what is personal does."""
    return facts.move is not None or facts.actor.is_system or sheet.state is InterviewState.PLANNED


@rule(
    "HIRE-3",
    Interview,
    field="planned_at",
    on=frozenset({EDIT}),
    changed=("planned_at",),
    says=_("The interviewer is already told of this time: change it by “Plan again”, which tells them."),
)
def time_moves_by_planning_again(sheet: Interview, facts: Facts) -> Verdict:
    """Nobody waits in an empty room."""
    return facts.move is not None or facts.actor.is_system


@rule(
    "HIRE-2",
    Interview,
    field="planned_at",
    changed=("planned_at",),
    needs=(candidates,),
    says=_("The candidate applied on %(day)s: no interview was held before."),
)
def application_comes_first(sheet: Interview, facts: Facts) -> Verdict:
    """Nobody is interviewed before they apply."""
    candidate: Candidate | None = facts.loaded(candidates)
    if candidate is None or sheet.planned_at is None:
        return True
    return day_in(facts.zone, sheet.planned_at) >= candidate.applied_on or {"day": candidate.applied_on}


@rule(
    "HIRE-2",
    Interview,
    on=GUARD,
    needs=(candidates,),
    says=_("The decision on this candidate is made: there is nobody left to interview."),
)
def candidate_is_under_way(sheet: Interview, facts: Facts) -> Verdict:
    """Nothing is written any more about somebody whose data is forgotten."""
    candidate: Candidate | None = facts.loaded(candidates)
    return candidate is not None and candidate.stage in UNDER_WAY


@rule("HIRE-3", Interview, on=GUARD, says=_("Only the interviewer whose sheet it is fills it in."))
def interviewer_scores(sheet: Interview, facts: Facts) -> Verdict:
    """A judgement is personal."""
    return facts.actor.is_system or facts.actor.staff_id == sheet.interviewer_id


@rule(
    "HIRE-3",
    Interview,
    on=GUARD,
    says=_(
        "The interview is still to come: it is scored on its day or after it. If it was held earlier, plan it again."
    ),
)
def interview_was_held(sheet: Interview, facts: Facts) -> Verdict:
    """What is scored was heard."""
    return day_in(facts.zone, sheet.planned_at) <= facts.today


@rule(
    "HIRE-3",
    Interview,
    field="scores",
    on=GUARD,
    says=_(
        "Give every item a whole number of points from 0 to 100: professional knowledge, communication, "
        "service awareness, and whatever else the department scores."
    ),
)
def every_item_is_scored(sheet: Interview, facts: Facts) -> Verdict:
    """All items, each apart, nothing else."""
    given = facts.given.get("scores", sheet.scores)
    if not isinstance(given, Mapping) or set(given) != set(facts.parameter("interview_criteria")):
        return False
    return all(type(points) is int and 0 <= points <= HIGHEST for points in given.values())


def _hand_in(session: Session, sheet: Interview, facts: Facts) -> None:
    points = list((sheet.scores or {}).values())
    sheet.mean = (Decimal(sum(points)) / len(points)).quantize(Decimal("0.01"))
    sheet.scored_at = facts.now


def _tell_interviewers(session: Session, sheets: Sequence[Interview]) -> None:
    """Who interviews is told of it, and whoever was told so before and need not any more."""
    for sheet in sheets:
        key, former = f"interview:{sheet.id}:by:{sheet.version}", _told_last(session, sheet)
        if former is not None and former != sheet.interviewer_id:
            _tell(session, sheet, "interview.handed_on", key, former)
        _tell(session, sheet, "interview.planned", key)


def _told_last(session: Session, sheet: Interview) -> int | None:
    """Who expects to interview."""
    invited = select(Notification.recipient_id).where(
        Notification.subject_type == Interview.__tablename__,
        Notification.subject_id == sheet.id,
        Notification.code.in_(("interview.planned", "interview.moved")),
    )
    return session.scalar(invited.order_by(Notification.id.desc()).limit(1))


def _tell(session: Session, sheet: Interview, code: str, key: str, whom: int | None = None) -> None:
    """The notice names the opening, never the person: notices are kept when the person's data is erased."""
    data = {"candidate": sheet.label, "round": sheet.round, "at": sheet.planned_at, "place": sheet.place or "—"}
    notify(session, sheet.department_id, [whom or sheet.interviewer_id], code, key, data, subject=sheet)


def _plan_again(session: Session, sheet: Interview, facts: Facts) -> None:
    session.flush()
    _tell(session, sheet, "interview.moved", f"interview:{sheet.id}:{sheet.version}")


def _cancel(session: Session, sheet: Interview, facts: Facts) -> None:
    session.flush()
    _tell(session, sheet, "interview.cancelled", f"interview:{sheet.id}:{sheet.version}")


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """Nobody interviews, or writes anything more about, somebody who is not hired."""
    if not isinstance(record, Candidate) or transition.target is not Stage.REJECTED:
        return
    why = in_home_language(session, record.department_id, _("The candidate is not hired."))
    waiting = select(Interview).where(Interview.candidate_id == record.id, Interview.state == InterviewState.PLANNED)
    for sheet in session.scalars(waiting).all():
        perform(session, sheet, "cancel", reason=why)


PLANNED = frozenset({InterviewState.PLANNED})
MOVES = (
    Transition(
        "hand_in",
        Interview,
        PLANNED,
        InterviewState.SCORED,
        _("Hand in the scores"),
        "HIRE-3",
        guards=(candidate_is_under_way, interviewer_scores, interview_was_held, every_item_is_scored),
        asks=(
            Ask("scores", _("Points, 0 to 100 each")),
            Ask("advice", _("Your advice"), choices=Advice),
            Ask("remark", _("Remark"), required=False),
        ),
        effect=_hand_in,
        tone="good",
        awaited_of="interviewer_id",
    ),
    Transition(
        "cancel",
        Interview,
        PLANNED,
        InterviewState.CANCELLED,
        _("Cancel the interview"),
        "HIRE-3",
        asks=(Ask("reason", _("Reason")),),
        effect=_cancel,
        tone="warn",
    ),
    Transition(
        "plan_again",
        Interview,
        PLANNED | {InterviewState.CANCELLED},
        InterviewState.PLANNED,
        _("Plan again"),
        "HIRE-3",
        guards=(candidate_is_under_way,),
        effect=_plan_again,
        asks=(Ask("planned_at", _("When")),),
        tone="warn",
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="interview",
        label=_("Interviews"),
        built=("HIRE-3",),
        entities=(Interview,),
        afters=(After(Interview, _tell_interviewers, changed=("interviewer_id",)),),
        rules=(
            round_fits_the_stage,
            interviewer_is_on_post,
            interviewer_has_one_sheet,
            application_comes_first,
            sheet_stays,
            time_moves_by_planning_again,
        ),
        transitions=MOVES,
        notices=(
            Notice(
                "interview.planned",
                _("You interview %(candidate)s on %(at)s"),
                _("%(round)s with %(candidate)s on %(at)s, %(place)s. Please score it on the same day."),
            ),
            Notice(
                "interview.moved",
                _("New time: you interview %(candidate)s on %(at)s"),
                _("%(round)s with %(candidate)s is now on %(at)s, %(place)s. Please score it on the same day."),
            ),
            Notice(
                "interview.handed_on",
                _("Somebody else interviews %(candidate)s on %(at)s"),
                _("%(round)s with %(candidate)s on %(at)s is held by somebody else. You need not do anything."),
            ),
            Notice(
                "interview.cancelled",
                _("Cancelled: your interview with %(candidate)s on %(at)s"),
                _("%(round)s with %(candidate)s on %(at)s does not take place. You need not do anything."),
            ),
        ),
    )
