"""HIRE-1: an opening says what is asked and what is given, and is published before anybody may apply for it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.home_language import in_home_language
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.rules import EDIT, GUARD, Facts, Rule, Verdict, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.base import Record
from models.candidate import Candidate, Stage
from models.job_opening import JobOpening, OpeningState
from models.organisation import AGENT_POSTS, Post
from models.words import Words, _


def _is_stated(column: str, says: Words) -> Rule:
    """The guard that a part of the opening is written before it is published."""

    def part_is_stated(opening: JobOpening, facts: Facts) -> Verdict:
        return bool((getattr(opening, column) or "").strip())

    return Rule("HIRE-1", f"job_opening.{column}_stated", JobOpening, part_is_stated, says, column, GUARD)


STATED = (
    _is_stated("duties", _("Write down the duties of the post.")),
    _is_stated("requirements", _("Write down what the post requires.")),
    _is_stated("pay", _("Write down the pay.")),
    _is_stated("benefits", _("Write down the benefits.")),
)


@rule(
    "HIRE-1",
    JobOpening,
    on=frozenset({EDIT}),
    changed=("name", "post", "duties", "requirements", "pay", "benefits"),
    says=_("A published opening stays as it was published. Close it and write another one."),
)
def published_opening_stays(opening: JobOpening, facts: Facts) -> Verdict:
    """Whoever applied read what was published."""
    return facts.move is not None or opening.state is OpeningState.DRAFT


@rule("HIRE-1", JobOpening, field="headcount", says=_("An opening is for at least one person."))
def somebody_is_looked_for(opening: JobOpening, facts: Facts) -> Verdict:
    """An opening for nobody is none."""
    return opening.headcount is not None and opening.headcount > 0


@rule(
    "ORG-1",
    JobOpening,
    field="superior_id",
    on=GUARD,
    says=_("Name the direct superior to whom the new person will report."),
)
def superior_is_named(opening: JobOpening, facts: Facts) -> Verdict:
    """Whoever is hired has somebody to report to from the first day on."""
    return opening.superior_id is not None or opening.post is Post.MANAGER


@rule("ORG-1", JobOpening, field="team_id", on=GUARD, says=_("Name the team in which the new agent will work."))
def team_is_named(opening: JobOpening, facts: Facts) -> Verdict:
    """An agent belongs to a team."""
    return opening.team_id is not None or opening.post not in AGENT_POSTS


def _publish(session: Session, opening: JobOpening, facts: Facts) -> None:
    opening.published_at = facts.now


def _close(session: Session, opening: JobOpening, facts: Facts) -> None:
    opening.closed_at = facts.now


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """When as many are hired as were looked for, the opening is closed."""
    if not isinstance(record, Candidate) or transition.target is not Stage.HIRED:
        return
    opening = record.opening
    query = select(func.count()).where(Candidate.opening_id == opening.id, Candidate.stage == Stage.HIRED)
    if opening.state is OpeningState.PUBLISHED and (session.scalar(query) or 0) >= opening.headcount:
        why = in_home_language(session, opening.department_id, transition.label)
        perform(session, opening, "close", reason=why)


DRAFT, PUBLISHED = frozenset({OpeningState.DRAFT}), frozenset({OpeningState.PUBLISHED})
MOVES = (
    Transition(
        "publish",
        JobOpening,
        DRAFT,
        OpeningState.PUBLISHED,
        _("Publish"),
        "HIRE-1",
        guards=(*STATED, superior_is_named, team_is_named),
        effect=_publish,
        tone="good",
    ),
    Transition(
        "close",
        JobOpening,
        DRAFT | PUBLISHED,
        OpeningState.CLOSED,
        _("Close the opening"),
        "HIRE-1",
        asks=(Ask("reason", _("Reason")),),
        effect=_close,
        tone="warn",
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="job_opening",
        label=_("Job openings"),
        built=("HIRE-1",),
        entities=(JobOpening,),
        rules=(published_opening_stays, somebody_is_looked_for),
        transitions=MOVES,
    )
