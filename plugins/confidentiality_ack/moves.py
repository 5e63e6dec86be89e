"""From the draft of a version to its end, and from an owed signature to a sealed one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.notices.inbox import notify
from engine.obligations.periods import end_of, months_after
from engine.rules import Facts, four_eyes
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.confidentiality_ack import AckState, ConfidentialityAck, Undertaking, UndertakingState
from models.words import _
from plugins.confidentiality_ack.rules import (
    change_is_stated,
    one_version_waits_at_a_time,
    own_name_is_typed,
    reminder_is_not_repeated,
    signer_is_the_person,
    text_shown_is_the_text_signed,
)
from plugins.confidentiality_ack.signing import digests, seal

REMINDED = "confidentiality_ack.reminded"


def _publish(session: Session, version: Undertaking, facts: Facts) -> None:
    """Freeze the text with its digests; a day that has passed by then is today."""
    for column, digest in digests(version).items():
        setattr(version, column, digest)
    version.published_by_id, version.published_at = facts.actor.staff_id, facts.now
    version.effective_on = max(version.effective_on, facts.today)


def _replace_former(session: Session, version: Undertaking, facts: Facts) -> None:
    """The former version is replaced; whoever still owes it signs the new one instead."""
    query = select(Undertaking).where(
        Undertaking.department_id == version.department_id,
        Undertaking.state == UndertakingState.IN_FORCE,
        Undertaking.id != version.id,
    )
    for old in session.scalars(query).all():
        perform(session, old, "replace")
    _hand_over_what_is_owed(session, version)


def _hand_over_what_is_owed(session: Session, version: Undertaking) -> None:
    owed = session.scalars(
        select(ConfidentialityAck).where(
            ConfidentialityAck.department_id == version.department_id, ConfidentialityAck.state == AckState.OWED
        )
    ).all()
    have_it = {ack.staff_id for ack in owed if ack.undertaking_id == version.id}
    for ack in owed:
        if ack.undertaking_id == version.id:
            continue
        if ack.staff_id in have_it:
            perform(session, ack, "release")
        else:
            ack.undertaking = version


def _sign(session: Session, ack: ConfidentialityAck, facts: Facts) -> None:
    """Seal who signed what; the next signature is due when the term is over."""
    ack.signed_name = " ".join(str(ack.signed_name).split())
    ack.signed_at = facts.now
    ack.seal = seal(ack, facts.now)
    months = int(facts.parameter("renew_months"))
    ack.valid_until = end_of(months_after(facts.today, months), facts.zone)


def _remind(session: Session, ack: ConfidentialityAck, facts: Facts) -> None:
    ack.reminded_at = facts.now
    key = f"confidentiality_ack:{ack.id}:{facts.now:%Y-%m-%dT%H}"
    data = {"due_at": ack.due_at}
    notify(session, ack.department_id, [ack.staff_id], REMINDED, key, data, subject=ack)


OWED = frozenset({AckState.OWED})
DRAFT = frozenset({UndertakingState.DRAFT})
MOVES = (
    Transition(
        "publish",
        Undertaking,
        DRAFT,
        UndertakingState.PUBLISHED,
        _("Publish"),
        "CNF-1",
        guards=(four_eyes("CNF-1", Undertaking, "drafted_by_id"), change_is_stated, one_version_waits_at_a_time),
        effect=_publish,
        tone="good",
        confirm=_("Everybody is asked to sign it, and the text can no longer be changed."),
    ),
    Transition(
        "take_effect",
        Undertaking,
        frozenset({UndertakingState.PUBLISHED}),
        UndertakingState.IN_FORCE,
        _("Take effect"),
        "CNF-1",
        effect=_replace_former,
        by_system=True,
    ),
    Transition(
        "replace",
        Undertaking,
        frozenset({UndertakingState.IN_FORCE}),
        UndertakingState.REPLACED,
        _("Replace"),
        "CNF-1",
        by_system=True,
    ),
    Transition(
        "sign",
        ConfidentialityAck,
        OWED,
        AckState.SIGNED,
        _("Sign"),
        "CNF-1",
        guards=(signer_is_the_person, own_name_is_typed, text_shown_is_the_text_signed),
        effect=_sign,
        asks=(
            Ask("signed_name", _("Your name, typed as your signature"), kind="line"),
            Ask("language", _("Language of the text"), kind="line"),
            Ask("digest", _("Digest of the text"), kind="line"),
        ),
        tone="good",
        awaited_of="staff_id",
    ),
    Transition(
        "remind",
        ConfidentialityAck,
        OWED,
        AckState.OWED,
        _("Remind"),
        "CNF-1",
        guards=(reminder_is_not_repeated,),
        effect=_remind,
        awaited=False,
    ),
    Transition("release", ConfidentialityAck, OWED, AckState.RELEASED, _("Release"), "CNF-1", by_system=True),
)
