"""What an undertaking and a signature under it must be."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.rules import CREATE, GUARD, Facts, Verdict, need, rule
from models.confidentiality_ack import ConfidentialityAck, Undertaking, UndertakingState
from models.organisation import Staff
from models.words import _
from plugins.confidentiality_ack.signing import LANGUAGES, doubts_about_text

APART = timedelta(hours=12)
"""How long after one reminder by hand the next one may be sent."""


def number_versions(session: Session, versions: Sequence[Undertaking]) -> None:
    """Versions are numbered in the order of their making."""
    for version in versions:
        if version.number is None:
            query = select(func.max(Undertaking.number)).where(Undertaking.department_id == version.department_id)
            version.number = (session.scalar(query) or 0) + 1


@rule(
    "CNF-1",
    Undertaking,
    field="text_zh",
    changed=("name", "text_zh", "text_en"),
    says=_("“%(label)s” is missing: people sign in the language that they read."),
)
def text_stands_in_both_languages(version: Undertaking, facts: Facts) -> Verdict:
    """Nobody signs what they cannot read."""
    texts = {"text_zh": (_("Text in Chinese"), version.text_zh), "text_en": (_("Text in English"), version.text_en)}
    lacking = [{"field": name, "label": label} for name, (label, text) in texts.items() if not (text or "").strip()]
    names = version.name or {}
    return lacking + ([] if names.get("zh") and names.get("en") else [{"field": "name", "label": _("Name")}])


@rule(
    "CNF-1",
    Undertaking,
    field="main_change",
    on=GUARD,
    says=_("Say what the main change is, so that people know why they sign again."),
)
def change_is_stated(version: Undertaking, facts: Facts) -> Verdict:
    """The first version changes nothing."""
    return version.number == 1 or bool((version.main_change or "").strip())


@need(default=())
def other_versions(session: Session, versions: Sequence[Undertaking]) -> Mapping[Undertaking, Sequence[Undertaking]]:
    """For each version, the department's others."""
    query = select(Undertaking).where(Undertaking.department_id.in_({v.department_id for v in versions}))
    everything = session.scalars(query).all()
    return {
        version: [
            other for other in everything if other is not version and other.department_id == version.department_id
        ]
        for version in versions
    }


@rule(
    "CNF-1",
    Undertaking,
    on=GUARD,
    needs=(other_versions,),
    says=_("%(version)s is published and takes effect on %(day)s: wait for that day before the next version."),
)
def one_version_waits_at_a_time(version: Undertaking, facts: Facts) -> Verdict:
    """People are told of one change after the other."""
    waiting = [other for other in facts.loaded(other_versions) if other.state is UndertakingState.PUBLISHED]
    return not waiting or {"version": waiting[0].label, "day": waiting[0].effective_on}


@rule(
    "CNF-1",
    ConfidentialityAck,
    on=frozenset({CREATE}),
    says=_("A signature is asked for by joining, by a new version or by the end of its term, not by hand."),
)
def signature_is_asked_for_by_its_cause(ack: ConfidentialityAck, facts: Facts) -> Verdict:
    """The duty follows from the records."""
    return facts.actor.is_system


@rule("CNF-1", ConfidentialityAck, on=GUARD, says=_("Everybody signs for themselves: this is not yours to sign."))
def signer_is_the_person(ack: ConfidentialityAck, facts: Facts) -> Verdict:
    """Not even the system signs for anybody."""
    return facts.actor.staff_id is not None and facts.actor.staff_id == ack.staff_id


@need(default="")
def names_of_signers(session: Session, acks: Sequence[ConfidentialityAck]) -> Mapping[ConfidentialityAck, str]:
    """The names of the people who are to sign."""
    query = select(Staff.id, Staff.name).where(Staff.id.in_({ack.staff_id for ack in acks}))
    names = dict(session.execute(query).all())
    return {ack: names.get(ack.staff_id, "") for ack in acks}


@rule(
    "CNF-1",
    ConfidentialityAck,
    field="signed_name",
    on=GUARD,
    needs=(names_of_signers,),
    says=_("Type your name as it stands in your staff record: %(name)s."),
)
def own_name_is_typed(ack: ConfidentialityAck, facts: Facts) -> Verdict:
    """A name typed by hand is the signature."""
    name = facts.loaded(names_of_signers)
    return _bare(str(facts.given.get("signed_name") or "")) == _bare(name) or {"name": name}


def _bare(name: str) -> str:
    return "".join(name.split()).casefold()


@rule(
    "CNF-1",
    ConfidentialityAck,
    field="digest",
    on=GUARD,
    says=_("The text has changed since you opened it. Please read it again, then sign."),
)
def text_shown_is_the_text_signed(ack: ConfidentialityAck, facts: Facts) -> Verdict:
    """The digest of what the person had before their eyes comes along with the signature."""
    language, version = str(facts.given.get("language") or ""), ack.undertaking
    shown = facts.given.get("digest")
    known = language in LANGUAGES and shown is not None and shown == version.digest(language)
    return known and not list(doubts_about_text(version))


@rule("CNF-1", ConfidentialityAck, on=GUARD, says=_("%(name)s was reminded in the last twelve hours already."))
def reminder_is_not_repeated(ack: ConfidentialityAck, facts: Facts) -> Verdict:
    """A second press on the same day tells nobody anything."""
    return ack.reminded_at is None or facts.now - ack.reminded_at >= APART or {"name": ack.staff.name}
