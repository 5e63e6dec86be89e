"""ORG: people, posts and reporting lines."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine.circumstances import zone_of
from engine.errors import Violation
from engine.hooks import hookimpl
from engine.importing.importable import Importable, Reference
from engine.manifest import Domain
from engine.on_post import beyond_status
from engine.packs.schema import Pack
from engine.registry import registry
from engine.rules import Facts, Verdict, need, rule
from engine.tabular.columns import Field, Kind
from engine.transitions.kinds import Ask, Transition
from models.base import Record
from models.organisation import (
    AGENT_POSTS,
    REACHABLE_POSTS,
    Channel,
    Department,
    OnCall,
    Post,
    Staff,
    StaffStatus,
    Team,
)
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


@rule("ORG-5", OnCall, field="ends_at", says=_("On-call duty ends after it starts."))
def duty_ends_after_it_starts(duty: OnCall, facts: Facts) -> Verdict:
    """A duty of no length reaches nobody."""
    return duty.ends_at > duty.starts_at


@need()
def people_on_call(session: Session, duties: Sequence[OnCall]) -> Mapping[OnCall, Staff]:
    """The person of each duty."""
    people = {p.id: p for p in session.scalars(select(Staff).where(Staff.id.in_({d.staff_id for d in duties})))}
    return {duty: people[duty.staff_id] for duty in duties if duty.staff_id in people}


@rule(
    "ORG-5",
    OnCall,
    field="staff_id",
    needs=(people_on_call,),
    says=_("On-call duty is for supervisors and shift leads on post whose contact phone is known."),
)
def on_call_person_is_reachable(duty: OnCall, facts: Facts) -> Verdict:
    """Whoever is on call holds the post and has a phone."""
    person: Staff | None = facts.loaded(people_on_call)
    if person is None or person.post not in REACHABLE_POSTS or person.status is not StaffStatus.ON_POST:
        return False
    return bool(person.phone)


@rule("ORG-2", Team, field="channels", says=_("A team serves at least one channel."))
def team_serves_a_channel(team: Team, facts: Facts) -> Verdict:
    """A team without channels could never be transferred to."""
    return bool(team.channels)


def _moved(name: str, sources: frozenset[StaffStatus], target: StaffStatus, label: Any, tone: str) -> Transition:  # noqa: ANN401 lazy words
    reason = Ask("reason", _("Reason"))
    return Transition(name, Staff, sources, target, label, "ORG-1", asks=(reason,), tone=tone)


STATUS_MOVES = (
    _moved(
        "put_on_post",
        frozenset({StaffStatus.TRAINEE, StaffStatus.SUSPENDED}),
        StaffStatus.ON_POST,
        _("Put on post"),
        "good",
    ),
    _moved("suspend", frozenset({StaffStatus.ON_POST}), StaffStatus.SUSPENDED, _("Suspend"), "warn"),
    _moved("leave", PRESENT, StaffStatus.LEFT, _("Record departure"), "bad"),
    _moved("take_on", frozenset({StaffStatus.CANDIDATE}), StaffStatus.TRAINEE, _("Take on as trainee"), "info"),
)


@dataclass(frozen=True)
class Reachable:
    """Somebody whom the department can reach now; `until` is the end of their on-call duty, None outside one."""

    person: Staff
    until: datetime | None


def reachable_now(session: Session, department_id: int, now: datetime) -> list[Reachable]:
    """Who is on call at `now`, the longest first; without a duty, everybody who has to be reachable (ORG-5)."""
    duties = session.scalars(
        select(OnCall)
        .where(OnCall.department_id == department_id, OnCall.starts_at <= now, OnCall.ends_at > now)
        .options(joinedload(OnCall.staff))
        .order_by(OnCall.ends_at.desc(), OnCall.id)
    ).all()
    if duties:
        return [Reachable(duty.staff, duty.ends_at) for duty in duties]
    holders = select(Staff).where(
        Staff.department_id == department_id, Staff.post.in_(REACHABLE_POSTS), Staff.status == StaffStatus.ON_POST
    )
    return [Reachable(person, None) for person in session.scalars(holders.order_by(Staff.post.desc(), Staff.number))]


POSTS = {
    "online agent": Post.ONLINE_AGENT, "在线客服": Post.ONLINE_AGENT, "在线坐席": Post.ONLINE_AGENT,
    "hotline agent": Post.HOTLINE_AGENT, "热线客服": Post.HOTLINE_AGENT, "热线坐席": Post.HOTLINE_AGENT,
    "after-sales agent": Post.AFTER_SALES_AGENT, "售后客服": Post.AFTER_SALES_AGENT, "售后坐席": Post.AFTER_SALES_AGENT,
    "shift lead": Post.SHIFT_LEAD, "team lead": Post.SHIFT_LEAD, "班组长": Post.SHIFT_LEAD, "班长": Post.SHIFT_LEAD,
    "supervisor": Post.SUPERVISOR, "主管": Post.SUPERVISOR,
    "qa inspector": Post.INSPECTOR, "质检员": Post.INSPECTOR,
    "qa supervisor": Post.QA_SUPERVISOR, "质检主管": Post.QA_SUPERVISOR,
    "trainer": Post.TRAINER, "培训师": Post.TRAINER,
    "department manager": Post.MANAGER, "部门经理": Post.MANAGER,
    "hr": Post.HR, "人事": Post.HR, "人力资源": Post.HR,
} | {post.value: post for post in Post}  # fmt: skip
STATUSES = {
    "trainee": StaffStatus.TRAINEE, "试用": StaffStatus.TRAINEE, "培训中": StaffStatus.TRAINEE,
    "on post": StaffStatus.ON_POST, "on_post": StaffStatus.ON_POST,
    "在岗": StaffStatus.ON_POST, "在职": StaffStatus.ON_POST,
}  # fmt: skip


def _names_of_a_person(person: Staff) -> tuple[str, ...]:
    return (person.number, person.name, person.label)


IMPORTABLE = Importable(
    Staff,
    (
        Field(
            "number",
            "工号",
            "Number",
            ("员工编号", "编号", "Employee number", "Employee ID", "Staff number"),
            required=True,
        ),
        Field("name", "姓名", "Name", ("员工姓名", "名字", "Full name", "Employee name"), required=True),
        Field("post", "岗位", "Post", ("职位", "职务", "Position", "Job title", "Role"), required=True),
        Field("team_id", "班组", "Team", ("小组", "团队", "所属班组", "Group")),
        Field(
            "superior_id",
            "直接上级",
            "Direct superior",
            ("上级", "主管", "汇报对象", "Reports to", "Manager", "Superior"),
        ),
        Field(
            "hire_date",
            "入职日期",
            "Hire date",
            ("入职时间", "Start date", "Hired on", "Joined"),
            Kind.DATE,
            required=True,
        ),
        Field("status", "状态", "Status", ("在职状态", "员工状态")),
        Field("phone", "联系电话", "Contact phone", ("手机", "手机号", "电话", "Phone", "Mobile")),
        Field("email", "邮箱", "E-mail", ("电子邮件", "Email address", "Mail")),
    ),
    references={
        "team_id": Reference(Team, lambda team: (team.name,)),
        "superior_id": Reference(Staff, _names_of_a_person, circle=reporting_line_has_no_circle),
    },
    words={"post": POSTS, "status": STATUSES},
    volatile=frozenset({"status"}),
)  # fmt: skip


@hookimpl
def violations(session: Session, record: Record, transition: Transition, now: datetime) -> Sequence[Violation]:
    """Nobody goes on post past what keeps them off every channel (TRN-3)."""
    if not isinstance(record, Staff) or transition.target is not StaffStatus.ON_POST:
        return ()
    today = now.astimezone(ZoneInfo(zone_of(session, record.department_id))).date()
    found = [each for each in beyond_status(session, [record], today) if each.channel_id is None]
    return [Violation(each.name, each.clause, each.says, each.values, record=record) for each in found]


@hookimpl
def moved(session: Session, record: Record, transition: Transition) -> None:
    """Every domain hears of a departure once it is written."""
    if isinstance(record, Staff) and transition.target is StaffStatus.LEFT:
        registry.hook.left(session=session, person=record)


@hookimpl
def adopted(session: Session, department: Department, pack: Pack) -> None:
    """The pack's channels, where the department does not have them yet (ORG-2, SVC-10)."""
    there = set(session.scalars(select(Channel.code).where(Channel.department_id == department.id)))
    session.add_all(
        Channel(department_id=department.id, code=channel.code, name=channel.title.words)
        for channel in pack.channels
        if channel.code not in there
    )


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="organisation",
        label=_("People"),
        built=("ORG-1", "ORG-2", "ORG-3", "ORG-5"),
        entities=(Staff, Team, Channel, OnCall),
        rules=(
            reporting_line_has_no_circle,
            direct_superior_is_named,
            agent_has_a_team,
            single_posts_have_one_holder,
            reachable_post_has_a_phone,
            duty_ends_after_it_starts,
            on_call_person_is_reachable,
            team_serves_a_channel,
        ),
        transitions=STATUS_MOVES,
        importables=(IMPORTABLE,),
    )
