"""What holds for people and their lines, posts and teams."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import day_in
from engine.contacts import NO_EMAIL, NO_PHONE, is_email, is_phone
from engine.rules import CREATE, Facts, Verdict, need, rule
from models.organisation import AGENT_POSTS, REACHABLE_POSTS, Department, Post, Staff, StaffStatus, Team
from models.words import _

PRESENT = frozenset({StaffStatus.TRAINEE, StaffStatus.ON_POST, StaffStatus.SUSPENDED})
UNIQUE_POSTS = frozenset({Post.MANAGER})


@need(default=frozenset())
def superiors_above(session: Session, people: Sequence[Staff]) -> Mapping[Staff, frozenset[int]]:
    """For each person, the ids of everybody above them, as the lines would run after this write."""
    rows = session.execute(
        select(Staff.id, Staff.superior_id).where(Staff.department_id.in_({p.department_id for p in people}))
    )
    line: dict[int, int | None] = dict(rows.all())
    line |= {person.id: person.superior_id for person in people if person.id}
    return {person: _above(line, person.superior_id) for person in people}


def _above(line: Mapping[int, int | None], first: int | None) -> frozenset[int]:
    above: set[int] = set()
    while first is not None and first not in above:
        above.add(first)
        first = line.get(first)
    return frozenset(above)


@need(default=Counter())
def holders_of_posts(session: Session, people: Sequence[Staff]) -> Mapping[Staff, Counter[str]]:
    """For each person, how many others in the department hold each post at present, this write counted in."""
    departments = {person.department_id for person in people}
    holders: dict[int, dict[Any, str]] = defaultdict(dict)
    for person_id, department, post in session.execute(
        select(Staff.id, Staff.department_id, Staff.post).where(
            Staff.department_id.in_(departments), Staff.status.in_(PRESENT)
        )
    ):
        holders[department][person_id] = post
    for person in people:
        holders[person.department_id].pop(person.id, None)
        if person.status in PRESENT:
            holders[person.department_id][id(person)] = person.post
    return {p: Counter(post for key, post in holders[p.department_id].items() if key != id(p)) for p in people}


@rule(
    "ORG-1",
    Staff,
    field="superior_id",
    changed=("superior_id",),
    needs=(superiors_above,),
    says=_("The reporting line would run in a circle."),
)
def reporting_line_has_no_circle(person: Staff, facts: Facts) -> Verdict:
    """Nobody is, directly or through others, their own superior."""
    return person.id is None or person.id not in facts.loaded(superiors_above)


@rule(
    "ORG-1",
    Staff,
    field="superior_id",
    changed=("superior_id", "post", "status"),
    says=_("Everybody except the department manager has a direct superior."),
)
def direct_superior_is_named(person: Staff, facts: Facts) -> Verdict:
    """Escalation needs somebody to go to."""
    return person.post is Post.MANAGER or person.status not in PRESENT or person.superior_id is not None


@rule("ORG-1", Staff, field="team_id", changed=("team_id", "post", "status"), says=_("An agent belongs to a team."))
def agent_has_a_team(person: Staff, facts: Facts) -> Verdict:
    """Rosters, samples and reports go by team."""
    return person.post not in AGENT_POSTS or person.status not in PRESENT or person.team_id is not None


@rule(
    "ORG-3",
    Staff,
    field="post",
    changed=("post", "status"),
    needs=(holders_of_posts,),
    says=_("There is exactly one %(post)s, and somebody already holds this post."),
)
def single_posts_have_one_holder(person: Staff, facts: Facts) -> Verdict:
    """One department manager, with as many supervisors and inspectors as the work needs."""
    if person.post not in UNIQUE_POSTS or person.status not in PRESENT:
        return True
    return not facts.loaded(holders_of_posts)[person.post] or {"post": person.post.label}


@rule(
    "ORG-5",
    Staff,
    field="phone",
    changed=("phone", "post", "status"),
    says=_("A %(post)s is reachable at all hours: a contact phone is required."),
)
def reachable_post_has_a_phone(person: Staff, facts: Facts) -> Verdict:
    """Supervisors and shift leads are reachable while they hold the post."""
    reachable = person.post in REACHABLE_POSTS and person.status is StaffStatus.ON_POST
    return not reachable or bool(person.phone) or {"post": person.post.label}


@rule("ORG-5", Staff, field="phone", changed=("phone",), says=NO_PHONE)
def phone_can_be_dialled(person: Staff, facts: Facts) -> Verdict:
    """Whoever has to be reachable is."""
    return is_phone(person.phone)


@rule("ORG-1", Staff, field="email", changed=("email",), says=NO_EMAIL)
def email_can_be_written_to(person: Staff, facts: Facts) -> Verdict:
    """Invitations and reminders go there."""
    return is_email(person.email)


@need()
def began_on(session: Session, people: Sequence[Staff]) -> Mapping[Staff, date]:
    """For each person, the day from which their department is kept here."""
    query = select(Department).where(Department.id.in_({person.department_id for person in people}))
    began = {home.id: day_in(home.timezone, home.created_at) for home in session.scalars(query)}
    return {person: began[person.department_id] for person in people if person.department_id in began}


@rule(
    "TRN-3",
    Staff,
    field="status",
    on=frozenset({CREATE}),
    needs=(began_on,),
    says=_(
        "%(person)s was hired after %(day)s, when this department began to be kept here: enter them as a trainee, "
        "and put them on post when onboarding is completed."
    ),
)
def whoever_is_hired_begins_as_trainee(person: Staff, facts: Facts) -> Verdict:
    """Only who worked here before is entered on post: the staff that a department brings along."""
    began: date | None = facts.loaded(began_on)
    if facts.actor.is_system or person.status is not StaffStatus.ON_POST or began is None:
        return True
    return person.hire_date is None or person.hire_date <= began or {"person": person.name, "day": began}


@rule("ORG-2", Team, field="channels", says=_("A team serves at least one channel."))
def team_serves_a_channel(team: Team, facts: Facts) -> Verdict:
    """A team without channels could never be transferred to."""
    return bool(team.channels)


RULES = (
    reporting_line_has_no_circle,
    direct_superior_is_named,
    agent_has_a_team,
    single_posts_have_one_holder,
    reachable_post_has_a_phone,
    phone_can_be_dialled,
    email_can_be_written_to,
    whoever_is_hired_begins_as_trainee,
    team_serves_a_channel,
)
