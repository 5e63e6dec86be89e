"""My desk: what I owe and by when, what waits for my decision, what I am owed, and what I was told."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin_views.base.access import allowed
from admin_views.base.page import Said, said
from admin_views.duties import Spans, mine, subject_address, what_to_do
from admin_views.formats import today
from admin_views.links import address
from admin_views.pages import Page
from admin_views.reading import Told, told
from admin_views.waiting import queues
from engine.acting import Actor, current_act, seeing_all
from engine.database import db
from engine.errors import Violation
from engine.on_post import beyond_status
from engine.registry import registry
from models.notification import Notification
from models.obligation import UNDONE, Obligation, ObligationState
from models.organisation import Staff, StaffStatus
from models.words import Words, _

SHOWN = 60
NOTICES = 5
QUICK = (
    "service_record",
    "handover",
    "shift_request",
    "shift_swap",
    "leave_post",
    "qa_appeal",
    "complaint",
    "incident_report",
    "qa_plan",
    "roster",
    "training_session",
    "exam_result",
    "job_opening",
    "candidate",
    "meeting",
    "policy_document",
)
"""What people start most often; each sees those that their role may create."""
QUICK_SHOWN = 5


@dataclass(frozen=True)
class Group:
    """Obligations that are due in one stretch of time."""

    code: str
    label: Words
    rows: Sequence[Obligation]


class Desk(Page):
    """The first page after signing in."""

    icon = "home"

    @expose("/")
    def index(self) -> str:
        """Everything that concerns the reader today."""
        actor = current_act().actor
        return self.render(
            "desk/index.html",
            ahead=before_going_on_post(actor),
            groups=grouped(owed_by(actor)),
            queues=queues(db.session(), actor),
            owed_to_me=owed_to(actor),
            notices=latest_notices(actor),
            quick=quick_actions(),
            what_to_do=what_to_do,
            subject_address=subject_address,
            states=ObligationState,
        )


def before_going_on_post(actor: Actor) -> list[Said]:
    """What somebody new still has to complete: courses and exams of onboarding, the undertaking."""
    person = db.session.get(Staff, actor.staff_id) if actor.staff_id else None
    if person is None or person.status is not StaffStatus.TRAINEE:
        return []
    found = beyond_status(db.session(), [person], today())
    return [said(Violation(each.name, each.clause, each.says, each.values)) for each in found]


def owed_by(actor: Actor) -> Sequence[Obligation]:
    """What the actor still owes, the most urgent first."""
    query = select(Obligation).where(mine(db.session(), actor), Obligation.state.in_(UNDONE))
    with seeing_all():
        return db.session.scalars(query.order_by(Obligation.due_at, Obligation.id).limit(SHOWN)).all()


def owed_to(actor: Actor) -> Sequence[Obligation]:
    """What the people below the actor owe and have not done in time."""
    query = (
        select(Obligation)
        .join(Staff, Staff.id == Obligation.owner_id)
        .where(Staff.superior_id == actor.staff_id, Obligation.state == ObligationState.OVERDUE)
        .options(joinedload(Obligation.owner))
    )
    with seeing_all():
        return db.session.scalars(query.order_by(Obligation.due_at).limit(SHOWN)).all()


def grouped(rows: Sequence[Obligation]) -> list[Group]:
    """The rows by urgency; empty groups are left out."""
    spans = Spans.on(today())
    groups: dict[str, tuple[Words, list[Obligation]]] = {
        "overdue": (_("Overdue"), []),
        "today": (_("Today"), []),
        "week": (_("This week"), []),
        "later": (_("Later"), []),
    }
    for row in rows:
        groups[_urgency(row, spans)][1].append(row)
    return [Group(code, label, found) for code, (label, found) in groups.items() if found]


def _urgency(row: Obligation, spans: Spans) -> str:
    if row.state is ObligationState.OVERDUE:
        return "overdue"
    if row.due_at <= spans.tomorrow:
        return "today"
    return "week" if row.due_at <= spans.next_week else "later"


def latest_notices(actor: Actor) -> list[Told]:
    """The newest unread notices."""
    unread = select(Notification).where(Notification.recipient_id == actor.staff_id, Notification.read_at.is_(None))
    return [told(row) for row in db.session.scalars(unread.order_by(Notification.id.desc()).limit(NOTICES))]


def quick_actions() -> list[tuple[str, str, str]]:
    """What the reader may start: label, icon, address."""
    found = []
    for name in QUICK:
        model, url = registry.entities.get(name), address(f"{name}.create_view")
        if model is not None and url is not None and allowed(name, "create"):
            found.append((str(model.__entity__.label), model.__entity__.icon, url))
    return found[:QUICK_SHOWN]


def desk() -> Desk:
    """The view, mounted as Flask-Admin's index."""
    return Desk(name=_("My desk"), endpoint="admin", url="/", category="today", static_folder="static")
