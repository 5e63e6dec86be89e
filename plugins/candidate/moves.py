"""From the application to the first day, one stage after the other."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.accounts import joining
from engine.notices.inbox import notify
from engine.rules import Facts, Rule, four_eyes
from engine.transitions.kinds import Ask, Transition
from models.candidate import UNDER_WAY, Candidate, CheckResult, ClosedCause, Stage
from models.organisation import Post, Staff, StaffStatus
from models.words import Words, _
from plugins.candidate import rules
from plugins.candidate.erasing import erase


def _note_arrival(session: Session, candidate: Candidate, facts: Facts) -> None:
    setattr(candidate, f"{candidate.stage.value}_at", facts.now)


def _note_checker(session: Session, candidate: Candidate, facts: Facts) -> None:
    candidate.checked_by_id = facts.actor.staff_id


def _propose(session: Session, candidate: Candidate, facts: Facts) -> None:
    """A proposal that changes has to be approved anew."""
    candidate.proposed_by_id = facts.actor.staff_id
    candidate.approved_by_id = candidate.approved_at = None
    session.flush()
    data = {
        "candidate": candidate.label,
        "proposer": candidate.proposed_by.label if candidate.proposed_by else "",
        "from": candidate.starts_on,
    }
    key = f"candidate:{candidate.id}:proposed:{facts.now.isoformat()}"
    people = _approvers(session, candidate)
    notify(session, candidate.department_id, people, "candidate.to_approve", key, data, subject=candidate)


def _approvers(session: Session, candidate: Candidate) -> Sequence[int]:
    """The managers; where the only one proposes, HR. Nobody approves what they proposed."""
    for post in (Post.MANAGER, Post.HR):
        query = select(Staff.id).where(
            Staff.department_id == candidate.department_id,
            Staff.post == post,
            Staff.status == StaffStatus.ON_POST,
            Staff.id != candidate.proposed_by_id,
        )
        if found := session.scalars(query.order_by(Staff.id)).all():
            return found
    return ()


def _approve(session: Session, candidate: Candidate, facts: Facts) -> None:
    candidate.approved_by_id, candidate.approved_at = facts.actor.staff_id, facts.now


def _hire(session: Session, candidate: Candidate, facts: Facts) -> None:
    """In one press: the staff record as trainee, and with it whatever hangs on one; the account and its invitation."""
    opening = candidate.opening
    person = Staff(
        department_id=candidate.department_id,
        number=str(facts.given["number"]).strip(),
        name=candidate.name,
        post=opening.post,
        team_id=opening.team_id,
        superior_id=opening.superior_id,
        hire_date=candidate.starts_on,
        phone=candidate.phone,
        email=candidate.email,
    )
    candidate.staff, candidate.closed_at = person, facts.now
    session.add(person)
    session.flush()
    joining.invite(session, person, str(facts.given["login"]))
    data = {"person": person.label, "post": person.post, "from": person.hire_date}
    told = {person.superior_id, candidate.approved_by_id, candidate.proposed_by_id} - {None, facts.actor.staff_id}
    people = [number for number in told if number is not None]
    key = f"candidate:{candidate.id}:joined"
    notify(session, candidate.department_id, people, "candidate.joined", key, data, subject=person)


def _invite_to_account(session: Session, candidate: Candidate, facts: Facts) -> None:
    """The earlier link dies with it."""
    if candidate.staff_id is not None:
        joining.issue(session, joining.still_invited(session, [candidate.staff_id])[candidate.staff_id])


def _close(session: Session, candidate: Candidate, facts: Facts) -> None:
    candidate.closed_at = facts.now


def _on(name: str, source: Stage, target: Stage, label: Words, *guards: Rule) -> Transition:
    """The move to the next stage."""
    return Transition(
        name, Candidate, frozenset({source}), target, label, "HIRE-2", guards=guards, effect=_note_arrival
    )


CHECK, DECISION = frozenset({Stage.BACKGROUND_CHECK}), frozenset({Stage.DECISION})
MOVES = (
    _on("invite", Stage.SCREENING, Stage.FIRST_INTERVIEW, _("To the first interview")),
    _on(
        "invite_again",
        Stage.FIRST_INTERVIEW,
        Stage.SECOND_INTERVIEW,
        _("To the second interview"),
        rules.first_round_is_passed,
    ),
    _on(
        "check",
        Stage.SECOND_INTERVIEW,
        Stage.BACKGROUND_CHECK,
        _("To the background check"),
        rules.first_round_is_passed,
        rules.second_round_is_passed,
    ),
    Transition(
        "record_check",
        Candidate,
        CHECK,
        Stage.BACKGROUND_CHECK,
        _("Record the background check"),
        "HIRE-4",
        asks=(
            Ask("check_result", _("Result of the check"), choices=CheckResult),
            Ask("check_evidence", _("Evidence: what was checked, with whom, what they said")),
        ),
        effect=_note_checker,
    ),
    _on(
        "decide",
        Stage.BACKGROUND_CHECK,
        Stage.DECISION,
        _("To the hiring decision"),
        rules.background_is_checked,
    ),
    Transition(
        "propose",
        Candidate,
        DECISION,
        Stage.DECISION,
        _("Propose the hire"),
        "HIRE-4",
        guards=(rules.background_is_checked, rules.opening_still_stands, rules.first_day_lies_ahead),
        asks=(Ask("offered_pay", _("Pay offered")), Ask("starts_on", _("First day"))),
        effect=_propose,
    ),
    Transition(
        "approve",
        Candidate,
        DECISION,
        Stage.DECISION,
        _("Approve the hire"),
        "HIRE-4",
        guards=(rules.hire_is_proposed, four_eyes("HIRE-4", Candidate, "proposed_by_id")),
        effect=_approve,
        tone="good",
    ),
    Transition(
        "hire",
        Candidate,
        DECISION,
        Stage.HIRED,
        _("Hire"),
        "HIRE-4",
        guards=(rules.background_is_checked, rules.hire_is_approved, rules.opening_still_stands),
        asks=(Ask("number", _("Staff number"), kind="line"), Ask("login", _("Login of the account"), kind="line")),
        effect=_hire,
        tone="good",
        confirm=_("Staff record, account with invitation, onboarding courses and undertaking to sign come with this."),
    ),
    Transition(
        "invite_to_account",
        Candidate,
        frozenset({Stage.HIRED}),
        Stage.HIRED,
        _("Issue the invitation again"),
        "HIRE-4",
        guards=(rules.account_waits_for_its_person,),
        effect=_invite_to_account,
        awaited=False,
        confirm=_("The earlier link no longer works. The new one is mailed, or shown to you this once."),
    ),
    Transition(
        "reject",
        Candidate,
        frozenset(UNDER_WAY),
        Stage.REJECTED,
        _("Do not hire"),
        "HIRE-2",
        asks=(
            Ask("closed_cause", _("Why not hired"), choices=ClosedCause),
            Ask("closed_reason", _("The reason in words")),
        ),
        effect=_close,
        tone="bad",
    ),
    Transition(
        "erase",
        Candidate,
        frozenset({Stage.REJECTED}),
        Stage.REJECTED,
        _("Erase personal data"),
        "HIRE-2",
        effect=erase,
        by_system=True,
    ),
)
