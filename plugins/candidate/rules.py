"""What holds for an application, and what speaks against its next stage."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.accounts.joining import still_invited
from engine.circumstances import today_in
from engine.contacts import NO_EMAIL, NO_PHONE, is_email, is_phone
from engine.rules import CREATE, EDIT, GUARD, Facts, Verdict, need, rule
from models.accounts import Account
from models.candidate import Candidate, CheckResult
from models.interview import Interview, InterviewState, Round
from models.job_opening import JobOpening, OpeningState
from models.types import blind_index
from models.words import _

NEW = frozenset({CREATE})


def complete(session: Session, candidates: Sequence[Candidate]) -> None:
    """A candidate's phone is found by its fingerprint; who applies without a date applies today."""
    for candidate in candidates:
        candidate.phone_index = blind_index("candidate.phone", candidate.phone)
        if candidate.applied_on is None:
            candidate.applied_on = today_in(session, candidate.department_id)


@need()
def openings(session: Session, candidates: Sequence[Candidate]) -> Mapping[Candidate, JobOpening]:
    """The opening of each candidate."""
    query = select(JobOpening).where(JobOpening.id.in_({c.opening_id for c in candidates}))
    found = {opening.id: opening for opening in session.scalars(query)}
    return {c: found[c.opening_id] for c in candidates if c.opening_id in found}


@need(default=False)
def applied_before(session: Session, candidates: Sequence[Candidate]) -> Mapping[Candidate, bool]:
    """For each candidate, whether somebody with the same phone stands in the same opening already."""
    rows = session.execute(
        select(Candidate.id, Candidate.opening_id, Candidate.phone_index).where(
            Candidate.phone_index.in_({c.phone_index for c in candidates if c.phone_index})
        )
    ).all()
    known = [(number, opening, phone) for number, opening, phone in rows]
    known += [(id(c), c.opening_id, c.phone_index) for c in candidates if c.id is None]
    return {
        c: any((o, p) == (c.opening_id, c.phone_index) and n not in {c.id, id(c)} for n, o, p in known if p)
        for c in candidates
    }


@rule(
    "HIRE-1",
    Candidate,
    field="opening_id",
    on=NEW,
    needs=(openings,),
    says=_("Candidates are attached to a published opening; “%(opening)s” is not published at present."),
)
def opening_is_published(candidate: Candidate, facts: Facts) -> Verdict:
    """First the department says what it looks for, then people apply."""
    opening: JobOpening | None = facts.loaded(openings)
    if opening is None or opening.state is OpeningState.PUBLISHED:
        return True
    return {"opening": opening.name}


@rule(
    "HIRE-1",
    Candidate,
    field="opening_id",
    on=frozenset({EDIT}),
    changed=("opening_id",),
    says=_("An application stays with its opening. Enter the person for the other opening as well."),
)
def candidate_stays_with_the_opening(candidate: Candidate, facts: Facts) -> Verdict:
    """Stages passed for one post are not those of another."""
    return False


@rule("HIRE-2", Candidate, field="name", changed=("name",), says=_("Write down the candidate's name."))
def candidate_is_named(candidate: Candidate, facts: Facts) -> Verdict:
    """Somebody applies; only what is erased has no name."""
    return facts.move is not None or bool((candidate.name or "").strip())


@rule(
    "HIRE-2",
    Candidate,
    field="phone",
    changed=("phone", "opening_id"),
    needs=(applied_before,),
    says=_("Somebody with this phone number has applied for this opening already."),
)
def applies_once(candidate: Candidate, facts: Facts) -> Verdict:
    """Nobody passes a stage anew by applying twice."""
    return not candidate.phone_index or not facts.loaded(applied_before)


@rule(
    "HIRE-2",
    Candidate,
    field="applied_on",
    changed=("applied_on",),
    says=_("Nobody has applied on a day that is still to come."),
)
def application_has_arrived(candidate: Candidate, facts: Facts) -> Verdict:
    """Stages and figures are counted from the day of the application."""
    return candidate.applied_on is None or candidate.applied_on <= facts.today


@rule("HIRE-2", Candidate, field="phone", changed=("phone",), says=NO_PHONE)
def phone_can_be_dialled(candidate: Candidate, facts: Facts) -> Verdict:
    """HR calls whom it invites."""
    return is_phone(candidate.phone)


@rule("HIRE-2", Candidate, field="email", changed=("email",), says=NO_EMAIL)
def email_can_be_written_to(candidate: Candidate, facts: Facts) -> Verdict:
    """The invitation to the account goes there."""
    return is_email(candidate.email)


@need(default=())
def sheets(session: Session, candidates: Sequence[Candidate]) -> Mapping[Candidate, Sequence[Interview]]:
    """The interview sheets of each candidate that were not cancelled."""
    query = select(Interview).where(
        Interview.candidate_id.in_({c.id for c in candidates}), Interview.state != InterviewState.CANCELLED
    )
    found = session.scalars(query.order_by(Interview.id)).all()
    return {c: [sheet for sheet in found if sheet.candidate_id == c.id] for c in candidates}


def _round_is_passed(of: Round, facts: Facts) -> Verdict:
    """Somebody has scored the round, nobody still has to, and the mean reaches the pass mark."""
    held = [sheet for sheet in facts.loaded(sheets) if sheet.round is of]
    means = [sheet.mean for sheet in held if sheet.state is InterviewState.SCORED and sheet.mean is not None]
    said = {"round": of.label, "pass": int(facts.parameter("interview_pass_score"))}
    if not means or len(means) < len(held):
        return {**said, "standing": _("%(scored)s of %(held)s sheets are scored", scored=len(means), held=len(held))}
    mean = sum(means) / len(means)
    return mean >= said["pass"] or {**said, "standing": _("the mean is %(mean)s", mean=f"{mean:.1f}")}


SAYS = _("%(round)s: every sheet has to be scored, with a mean of at least %(pass)s points; %(standing)s.")


@rule("HIRE-3", Candidate, on=GUARD, needs=(sheets,), says=SAYS)
def first_round_is_passed(candidate: Candidate, facts: Facts) -> Verdict:
    """The second round follows the first."""
    return _round_is_passed(Round.FIRST, facts)


@rule("HIRE-3", Candidate, on=GUARD, needs=(sheets,), says=SAYS)
def second_round_is_passed(candidate: Candidate, facts: Facts) -> Verdict:
    """Both rounds are required before the background check."""
    return _round_is_passed(Round.SECOND, facts)


@rule("HIRE-4", Candidate, on=GUARD, says=_("Only who has passed the background check may be hired."))
def background_is_checked(candidate: Candidate, facts: Facts) -> Verdict:
    """A check that failed, or that nobody made, ends here."""
    return candidate.check_result is CheckResult.PASSED


@rule("HIRE-4", Candidate, on=GUARD, says=_("First the hire is proposed, with pay and first day."))
def hire_is_proposed(candidate: Candidate, facts: Facts) -> Verdict:
    """What is approved is written down."""
    return candidate.proposed_by_id is not None and candidate.starts_on is not None


@rule(
    "HIRE-4",
    Candidate,
    field="starts_on",
    on=GUARD,
    says=_("The first day is today or later: nobody starts before the hire is decided."),
)
def first_day_lies_ahead(candidate: Candidate, facts: Facts) -> Verdict:
    """What is due to somebody who joins is counted from that day."""
    day = facts.given.get("starts_on", candidate.starts_on)
    return not isinstance(day, date) or day >= facts.today


@rule("HIRE-4", Candidate, on=GUARD, says=_("First somebody else than who proposed the hire approves it."))
def hire_is_approved(candidate: Candidate, facts: Facts) -> Verdict:
    """Four eyes decide."""
    return candidate.approved_at is not None


@rule(
    "HIRE-1",
    Candidate,
    on=GUARD,
    needs=(openings,),
    says=_("The opening is closed: nobody is hired through it any more."),
)
def opening_still_stands(candidate: Candidate, facts: Facts) -> Verdict:
    """As many as were looked for, no more."""
    opening: JobOpening | None = facts.loaded(openings)
    return opening is not None and opening.state is OpeningState.PUBLISHED


@need()
def invited(session: Session, candidates: Sequence[Candidate]) -> Mapping[Candidate, Account]:
    """The account of each hired candidate that still waits for its person."""
    found = still_invited(session, [c.staff_id for c in candidates if c.staff_id is not None])
    return {c: found[c.staff_id] for c in candidates if c.staff_id is not None and c.staff_id in found}


@rule(
    "",
    Candidate,
    on=GUARD,
    needs=(invited,),
    says=_("This account was opened, shut or given other roles already: ask an administrator."),
)
def account_waits_for_its_person(candidate: Candidate, facts: Facts) -> Verdict:
    """Whoever hired opens no account that is in use, or that an administrator has given more to."""
    return facts.loaded(invited) is not None
