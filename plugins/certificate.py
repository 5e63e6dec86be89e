"""TRN-11: certificates from outside, kept with issue and expiry, renewed before they lapse."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from engine import clock
from engine.circumstances import zone_of
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.rules import GUARD, Facts, Fill, Verdict, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.certificate import Certificate, CertificateState
from models.organisation import Staff
from models.words import _


@rule(
    "TRN-11",
    Certificate,
    field="expires_on",
    changed=("issued_on", "expires_on"),
    says=_("The expiry date must be after the issue date (%(issued)s)."),
)
def expiry_follows_issue(certificate: Certificate, facts: Facts) -> Verdict:
    """Both dates are read off the paper."""
    ends = certificate.expires_on
    return ends is None or ends > certificate.issued_on or {"issued": certificate.issued_on}


@rule(
    "TRN-11",
    Certificate,
    field="issued_on",
    changed=("issued_on",),
    says=_("The day of issue lies in the future."),
)
def certificate_is_issued(certificate: Certificate, facts: Facts) -> Verdict:
    """What is not yet issued proves nothing."""
    return certificate.issued_on <= facts.today


@rule(
    "TRN-11",
    Certificate,
    field="staff_id",
    changed=("staff_id", "course_id", "issued_on", "expires_on"),
    says=_("Nobody vouches for a certificate of their own: somebody else who has seen the paper records it."),
)
def somebody_else_vouches(certificate: Certificate, facts: Facts) -> Verdict:
    """It decides on which channels its holder may work; handing an expired one to another would lift that as well."""
    holders = {certificate.staff_id, facts.before("staff_id") or certificate.staff_id}
    return facts.actor.is_system or facts.actor.staff_id not in holders


@rule("TRN-11", Certificate, field="expires_on", on=GUARD, says=_("The new certificate expires after the old one."))
def renewal_reaches_further(certificate: Certificate, facts: Facts) -> Verdict:
    """A renewal that ends sooner renews nothing."""
    given = facts.given.get("new_expires_on")
    return given is None or certificate.expires_on is None or given > certificate.expires_on


def _follow_the_person(session: Session, certificates: Sequence[Certificate]) -> None:
    people = {each.staff_id for each in certificates}
    teams = dict(session.execute(select(Staff.id, Staff.team_id).where(Staff.id.in_(people))).all())
    for each in certificates:
        if each.team_id is None or "staff_id" in inspect(each).committed_state:
            each.team_id = teams.get(each.staff_id)


def _renew(session: Session, certificate: Certificate, facts: Facts) -> None:
    """The old one stays in the file; the new one holds from its issue on."""
    certificate.renewed_at = facts.now
    session.add(
        Certificate(
            department_id=certificate.department_id,
            staff_id=certificate.staff_id,
            course_id=certificate.course_id,
            name=certificate.name,
            issuer=certificate.issuer,
            number=facts.given.get("new_number") or certificate.number,
            issued_on=facts.given["new_issued_on"],
            expires_on=facts.given.get("new_expires_on"),
        )
    )


@hookimpl
def due(session: Session, now: datetime) -> int:
    """What has lapsed is called so."""
    latest = clock.day_in("Pacific/Kiritimati", now)
    held = select(Certificate).where(Certificate.state == CertificateState.VALID, Certificate.expires_on < latest)
    over = [each for each in session.scalars(held) if _is_over(session, each, now)]
    for certificate in over:
        perform(session, certificate, "expire")
    return len(over)


def _is_over(session: Session, certificate: Certificate, now: datetime) -> bool:
    today = clock.day_in(zone_of(session, certificate.department_id), now)
    return certificate.expires_on is not None and certificate.expires_on < today


def _expires(certificate: Certificate, facts: Facts) -> datetime:
    return end_of(certificate.expires_on or facts.today, facts.zone)


STANDING = frozenset({CertificateState.VALID, CertificateState.EXPIRED})
EXPIRY = Kind(
    "certificate_expiry",
    "TRN-11",
    Certificate,
    _("Renew the certificate"),
    owed=lambda c: c.state in STANDING and c.expires_on is not None,
    met=lambda c: c.state is CertificateState.RENEWED,
    due=_expires,
    owner=lambda c: c.staff_id,
)
MOVES = (
    Transition(
        "renew",
        Certificate,
        STANDING,
        CertificateState.RENEWED,
        _("Renew"),
        "TRN-11",
        guards=(somebody_else_vouches, renewal_reaches_further),
        effect=_renew,
        asks=(
            Ask("new_issued_on", _("Issued on"), kind="date"),
            Ask("new_expires_on", _("Expires on"), kind="date", required=False),
            Ask("new_number", _("Number"), kind="line", required=False),
        ),
        tone="good",
    ),
    Transition(
        "withdraw",
        Certificate,
        STANDING,
        CertificateState.WITHDRAWN,
        _("Withdraw"),
        "TRN-11",
        guards=(somebody_else_vouches,),
        asks=(Ask("reason", _("Reason")),),
        tone="bad",
    ),
    Transition(
        "expire",
        Certificate,
        frozenset({CertificateState.VALID}),
        CertificateState.EXPIRED,
        _("Expire"),
        "TRN-11",
        by_system=True,
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="certificate",
        label=_("Training and exams"),
        built=("TRN-11",),
        entities=(Certificate,),
        fills=(Fill(Certificate, _follow_the_person),),
        rules=(expiry_follows_issue, certificate_is_issued, somebody_else_vouches),
        transitions=MOVES,
        obligations=(EXPIRY,),
    )
