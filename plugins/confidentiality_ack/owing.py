"""Who has to sign what: whoever joins, whoever's version was replaced by a material one, whoever's year is over."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import today_in, zone_of
from engine.notices.inbox import Letter, notify_many
from engine.obligations.periods import end_of, start_of
from engine.packs import parameters
from engine.packs.parameters import binds, clauses_in_force
from models.confidentiality_ack import AckCause, AckState, ConfidentialityAck, Undertaking, UndertakingState
from models.organisation import Staff, StaffStatus

CLAUSE = "CNF-1"
TO_SIGN = "confidentiality_ack.to_sign"
PRESENT = (StaffStatus.TRAINEE, StaffStatus.ON_POST, StaffStatus.SUSPENDED)
STANDING = (UndertakingState.PUBLISHED, UndertakingState.IN_FORCE, UndertakingState.REPLACED)


@dataclass(frozen=True)
class Wanted:
    """A version that people sign, and the least number of a version that stands for it: nothing material since."""

    undertaking: Undertaking
    least: int


def wanted_in(session: Session, department_id: int) -> list[Wanted]:
    """What is signed in the department at present: the version in force, and a material one that is about to be."""
    if not binds(CLAUSE, clauses_in_force(session, department_id)):
        return []
    versions = session.scalars(
        select(Undertaking)
        .where(Undertaking.department_id == department_id, Undertaking.state.in_(STANDING))
        .order_by(Undertaking.number)
    ).all()
    found, least = [], 0
    for number, version in enumerate(versions):
        least = version.number if version.material or number == 0 else least
        coming = version.state is UndertakingState.PUBLISHED and version.material
        if version.state is UndertakingState.IN_FORCE or coming:
            found.append(Wanted(version, least))
    return found


def open_for(session: Session, department_id: int, people: Sequence[Staff] | None = None) -> int:
    """Open what the people (None: everybody present) have to sign and have neither signed nor open; how many."""
    wanted = wanted_in(session, department_id)
    if not wanted:
        return 0
    setting = _setting(session, department_id)
    if people is None:
        people = _lacking(session, department_id, max(each.least for each in wanted), setting)
    present = [person for person in people if person.status in PRESENT]
    acks = _acks(session, present)
    fresh = [
        found
        for person in present
        for each in wanted
        if (found := _owed(person, each, acks[person.id], setting)) is not None
    ]
    session.add_all(fresh)
    session.flush()
    notify_many(session, [_letter(ack) for ack in fresh])
    return len(fresh)


def _letter(ack: ConfidentialityAck) -> Letter:
    data = {"cause": ack.cause.label, "due_at": ack.due_at}
    return Letter(ack.department_id, [ack.staff_id], TO_SIGN, f"confidentiality_ack:{ack.id}", data, subject=ack)


def _lacking(session: Session, department_id: int, least: int, setting: "_Setting") -> Sequence[Staff]:
    """Whoever is present and has neither an open signature nor one that holds for a while: on most days nobody."""
    holds = and_(
        ConfidentialityAck.state == AckState.SIGNED,
        ConfidentialityAck.valid_until > setting.now + timedelta(days=setting.days),
    )
    settled = (
        select(ConfidentialityAck.id)
        .join(Undertaking, Undertaking.id == ConfidentialityAck.undertaking_id)
        .where(
            ConfidentialityAck.staff_id == Staff.id,
            Undertaking.number >= least,
            or_(ConfidentialityAck.state == AckState.OWED, holds),
        )
    )
    query = select(Staff).where(Staff.department_id == department_id, Staff.status.in_(PRESENT), ~settled.exists())
    return session.scalars(query.order_by(Staff.id)).all()


@dataclass(frozen=True)
class _Setting:
    now: datetime
    zone: str
    days: int

    @property
    def tonight(self) -> datetime:
        """The end of today: a renewal that nobody opened in time is due at once, and still reminded of."""
        return end_of(clock.day_in(self.zone, self.now), self.zone)

    def due(self, begins: datetime) -> datetime:
        """The end of the last of the days that the signature may take, counted from when it began to be owed."""
        return end_of(clock.day_in(self.zone, max(begins, self.now)) + timedelta(days=self.days), self.zone)


def _setting(session: Session, department_id: int) -> _Setting:
    today = today_in(session, department_id)
    days = int(parameters.value(session, department_id, "ack_within_days", today))
    return _Setting(clock.now(), zone_of(session, department_id), days)


def _acks(session: Session, people: Sequence[Staff]) -> Mapping[int, list[ConfidentialityAck]]:
    found: defaultdict[int, list[ConfidentialityAck]] = defaultdict(list)
    query = select(ConfidentialityAck).where(ConfidentialityAck.staff_id.in_([person.id for person in people]))
    for ack in session.scalars(query):
        found[ack.staff_id].append(ack)
    return found


def _owed(
    person: Staff, wanted: Wanted, acks: list[ConfidentialityAck], setting: _Setting
) -> ConfidentialityAck | None:
    """The signature that the person comes to owe; None where one stands already."""
    enough = [ack for ack in acks if ack.undertaking.number >= wanted.least]
    if any(ack.state is AckState.OWED for ack in enough):
        return None
    until = max((ack.valid_until for ack in enough if ack.state is AckState.SIGNED and ack.valid_until), default=None)
    if until is not None and until - timedelta(days=setting.days) > setting.now:
        return None
    if until is not None:
        return _draft(person, wanted, acks, (AckCause.RENEWAL, until, max(until, setting.tonight)))
    signed_before = any(ack.state is AckState.SIGNED for ack in acks)
    begins = max(setting.now, start_of(wanted.undertaking.effective_on, setting.zone))
    cause = AckCause.VERSION if signed_before else AckCause.JOINING
    return _draft(person, wanted, acks, (cause, begins, setting.due(begins)))


def _draft(
    person: Staff, wanted: Wanted, acks: list[ConfidentialityAck], terms: tuple[AckCause, datetime, datetime]
) -> ConfidentialityAck:
    cause, masks_from, due_at = terms
    made = ConfidentialityAck(
        department_id=person.department_id,
        undertaking=wanted.undertaking,
        staff_id=person.id,
        team_id=person.team_id,
        cause=cause,
        # Of two schedulers that open the same one, the database lets the first through.
        occasion=f"{len(acks) + 1}",
        masks_from=masks_from,
        due_at=due_at,
    )
    acks.append(made)
    return made
