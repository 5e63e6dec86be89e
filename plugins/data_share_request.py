"""CNF-4: internal data leaves the department on an approved request, for its purpose, until its day."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import Actor, Role
from engine.answers import Clearance
from engine.circumstances import today_in
from engine.clearance import is_internal
from engine.home_language import in_home_language
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.packs.parameters import binds, clauses_in_force
from engine.rules import GUARD, Facts, Verdict, first_writer, four_eyes, need, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.data_share_request import DataShareRequest, ShareState
from models.organisation import Staff, StaffStatus
from models.words import _

CLAUSE = "CNF-4"
DECIDED = "data_share_request.decided"
EXPIRED = "data_share_request.expired"


@rule(CLAUSE, DataShareRequest, says=_("“%(label)s” may not be empty."))
def purpose_and_recipient_are_stated(request: DataShareRequest, facts: Facts) -> Verdict:
    """Nobody can approve what nobody said."""
    asked = {"recipient": (_("Recipient"), request.recipient), "purpose": (_("Purpose"), request.purpose)}
    return [{"field": name, "label": label} for name, (label, text) in asked.items() if not (text or "").strip()]


@rule(
    CLAUSE,
    DataShareRequest,
    field="contents",
    changed=("contents",),
    says=_("Choose which internal data is to be shared."),
)
def contents_are_internal_data(request: DataShareRequest, facts: Facts) -> Verdict:
    """An approval covers what it names, and nothing else."""
    return bool(request.contents) and all(map(is_internal, request.contents))


@rule(
    CLAUSE,
    DataShareRequest,
    field="expires_on",
    changed=("expires_on",),
    says=_("The last day lies between today and %(latest)s: no request runs longer than %(days)s days."),
)
def expiry_is_within_bounds(request: DataShareRequest, facts: Facts) -> Verdict:
    """Nothing is shared for good."""
    days = int(facts.parameter("share_max_days"))
    latest = facts.today + timedelta(days=days)
    return facts.today <= request.expires_on <= latest or {"latest": latest, "days": days}


@rule(
    CLAUSE,
    DataShareRequest,
    on=GUARD,
    says=_("The last day of this request, %(day)s, is over: ask for another one."),
)
def request_is_still_of_use(request: DataShareRequest, facts: Facts) -> Verdict:
    """What has run out is not approved any more."""
    return request.expires_on >= facts.today or {"day": request.expires_on}


@rule(CLAUSE, DataShareRequest, on=GUARD, says=_("Only whoever asked for it can do this."))
def requester_acts(request: DataShareRequest, facts: Facts) -> Verdict:
    """The request is theirs."""
    return facts.actor.is_system or facts.actor.staff_id == request.requester_id


@need()
def requesters(session: Session, requests: Sequence[DataShareRequest]) -> Mapping[DataShareRequest, Staff]:
    """Who asked, for each request."""
    found = {p.id: p for p in session.scalars(select(Staff).where(Staff.id.in_({r.requester_id for r in requests})))}
    return {request: found[request.requester_id] for request in requests if request.requester_id in found}


@rule(
    CLAUSE,
    DataShareRequest,
    on=GUARD,
    needs=(requesters,),
    says=_("Whoever asked for it closes it; once they have left, their superior or the department manager does."),
)
def requester_or_successor_closes(request: DataShareRequest, facts: Facts) -> Verdict:
    """The data is got back even when nobody is left who asked for it."""
    if facts.actor.is_system or facts.actor.staff_id == request.requester_id:
        return True
    person: Staff | None = facts.loaded(requesters)
    if person is None or person.status is not StaffStatus.LEFT:
        return False
    return Role.MANAGER in facts.actor.roles or facts.actor.staff_id == person.superior_id


def _decide(session: Session, request: DataShareRequest, facts: Facts) -> None:
    request.decided_by_id, request.decided_at = facts.actor.staff_id, facts.now
    data = {"recipient": request.recipient, "state": request.state.label, "verdict": request.verdict or ""}
    key = f"data_share_request:{request.id}:{request.state}"
    notify(session, request.department_id, [request.requester_id], DECIDED, key, data, subject=request)


def _end(session: Session, request: DataShareRequest, facts: Facts) -> None:
    """Where nothing was taken there is nothing to get back."""
    if not request.exports:
        session.flush()
        nothing = in_home_language(session, request.department_id, _("Nothing was taken under this request."))
        perform(session, request, "close", outcome=nothing)
        return
    data = {"recipient": request.recipient}
    key = f"data_share_request:{request.id}:expired"
    notify(session, request.department_id, [request.requester_id], EXPIRED, key, data, subject=request)


@hookimpl
def due(session: Session, now: datetime) -> int:
    """Approvals end with their last day."""
    approved = session.scalars(select(DataShareRequest).where(DataShareRequest.state == ShareState.APPROVED)).all()
    over = [request for request in approved if request.expires_on < today_in(session, request.department_id)]
    for request in over:
        perform(session, request, "expire")
    return len(over)


@hookimpl
def clearances(session: Session, entity: str, actor: Actor) -> Sequence[Clearance]:
    """The actor's own approved requests that name the entity and have not run out."""
    if actor.staff_id is None or not binds(CLAUSE, clauses_in_force(session, actor.department_id)):
        return ()
    query = select(DataShareRequest).where(
        DataShareRequest.requester_id == actor.staff_id,
        DataShareRequest.state == ShareState.APPROVED,
        DataShareRequest.expires_on >= today_in(session, actor.department_id),
    )
    return [
        Clearance(request.__tablename__, request.id, request.recipient, request.expires_on)
        for request in session.scalars(query.order_by(DataShareRequest.id))
        if entity in request.contents
    ]


@hookimpl
def taken(session: Session, clearance: Clearance, entity: str, rows: int) -> None:
    """Count the file, and put it into the request's own history beside the entity's."""
    if clearance.entity != DataShareRequest.__tablename__:
        return
    request = session.get_one(DataShareRequest, clearance.record_id)
    perform(session, request, "take", contents_taken=entity, rows=rows)


def _count(session: Session, request: DataShareRequest, facts: Facts) -> None:
    request.exports += 1
    request.last_export_at = facts.now


APPROVED, REQUESTED = frozenset({ShareState.APPROVED}), frozenset({ShareState.REQUESTED})
OPEN_ENDED = frozenset({ShareState.APPROVED, ShareState.EXPIRED})
EXPIRY = Kind(
    "share_expiry",
    CLAUSE,
    DataShareRequest,
    _("Get the shared data back or have it destroyed"),
    owed=lambda request: request.state in OPEN_ENDED,
    met=lambda request: request.state is ShareState.CLOSED,
    due=lambda request, facts: end_of(request.expires_on, facts.zone),
    owner=lambda request: request.requester_id,
)
MOVES = (
    Transition(
        "approve",
        DataShareRequest,
        REQUESTED,
        ShareState.APPROVED,
        _("Approve"),
        CLAUSE,
        guards=(four_eyes(CLAUSE, DataShareRequest, "requester_id"), request_is_still_of_use),
        effect=_decide,
        asks=(Ask("verdict", _("Conditions, if any"), required=False),),
        tone="good",
    ),
    Transition(
        "reject",
        DataShareRequest,
        REQUESTED,
        ShareState.REJECTED,
        _("Reject"),
        CLAUSE,
        guards=(four_eyes(CLAUSE, DataShareRequest, "requester_id"),),
        effect=_decide,
        asks=(Ask("verdict", _("Reason")),),
        tone="bad",
    ),
    Transition(
        "withdraw",
        DataShareRequest,
        REQUESTED,
        ShareState.WITHDRAWN,
        _("Withdraw"),
        CLAUSE,
        guards=(requester_acts,),
        tone="quiet",
    ),
    Transition(
        "take",
        DataShareRequest,
        APPROVED,
        ShareState.APPROVED,
        _("Take data"),
        CLAUSE,
        guards=(request_is_still_of_use,),
        effect=_count,
        asks=(Ask("contents_taken", _("Contents")), Ask("rows", _("Rows"), kind="integer")),
        by_system=True,
    ),
    Transition(
        "expire", DataShareRequest, APPROVED, ShareState.EXPIRED, _("Expire"), CLAUSE, effect=_end, by_system=True
    ),
    Transition(
        "close",
        DataShareRequest,
        OPEN_ENDED,
        ShareState.CLOSED,
        _("Close the request"),
        CLAUSE,
        guards=(requester_or_successor_closes,),
        asks=(Ask("outcome", _("What became of the data: returned, deleted, still needed under which request")),),
        tone="good",
        awaited_of="requester_id",
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="data_share_request",
        label=_("Sharing of internal data"),
        built=(CLAUSE,),
        entities=(DataShareRequest,),
        fills=(first_writer(DataShareRequest, "requester_id"),),
        rules=(purpose_and_recipient_are_stated, contents_are_internal_data, expiry_is_within_bounds),
        transitions=MOVES,
        obligations=(EXPIRY,),
        notices=(
            Notice(
                DECIDED,
                _("Data share request: %(state)s"),
                _("Your request to share internal data with %(recipient)s: %(state)s. %(verdict)s"),
            ),
            Notice(
                EXPIRED,
                _("The approval to share data has expired"),
                _("The approval to share internal data with %(recipient)s has expired. Say what became of the data."),
            ),
        ),
    )
