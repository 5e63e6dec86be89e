"""Who works there: names are made up, numbers and phones follow a pattern nobody has."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.accounts.joining import ROLE_OF_POST
from engine.acting import Actor, Role
from engine.transitions.performing import perform
from models.accounts import Account
from models.organisation import Channel, Department, OnCall, Post, Staff, StaffStatus, Team, Tier

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "霞",
    "平",
    "刚",
    "桂英",
    "文静",
    "志强",
    "晓明",
    "雅琴",
    "思远",
    "雨欣",
    "子涵",
    "浩然",
    "梓萱",
    "佳怡",
    "俊杰",
    "欣妍",
    "宇航",
    "诗涵",
    "天佑",
)
TEAMS = (
    ("在线一组", Tier.FIRST, Post.ONLINE_AGENT, ("chat", "email"), 11),
    ("热线一组", Tier.FIRST, Post.HOTLINE_AGENT, ("hotline",), 13),
    ("热线二组", Tier.FIRST, Post.HOTLINE_AGENT, ("hotline",), 12),
    ("售后技术组", Tier.SECOND, Post.AFTER_SALES_AGENT, ("hotline", "chat", "email"), 9),
)
CHANNELS = ("hotline", "chat", "email")


@dataclass
class Crew:
    """The department's people, by what the story needs them for."""

    department: Department
    manager: Staff
    qa_supervisor: Staff
    inspectors: list[Staff]
    leads: list[Staff]
    agents: list[Staff]
    others: list[Staff]
    channels: dict[str, Channel]
    served: dict[int, list[Channel]] = field(default_factory=dict)

    @property
    def everybody(self) -> list[Staff]:
        """All of them, the department manager first."""
        return [self.manager, self.qa_supervisor, *self.inspectors, *self.leads, *self.others, *self.agents]


class Hiring:
    """Gives out names and numbers, each once."""

    def __init__(self, session: Session, department: Department, chance: Random, today: date) -> None:
        """`chance` is seeded, so that the same people come out each time."""
        self.session, self.department, self.chance, self.today = session, department, chance, today
        names = [surname + given for surname in SURNAMES for given in GIVEN]
        self.names = iter(chance.sample(names, len(names)))
        self.number = 1000

    def hire(self, post: Post, superior: Staff | None = None, team: Team | None = None) -> Staff:
        """Somebody on post, written through the gate."""
        self.number += 1
        person = Staff(
            department_id=self.department.id,
            number=f"K{self.number}",
            name=next(self.names),
            post=post,
            team=team,
            superior_id=superior.id if superior else None,
            status=StaffStatus.ON_POST,
            hire_date=self.today - timedelta(days=self.chance.randint(120, 2200)),
            phone=f"1990000{self.number}",
            email=f"k{self.number}@dutybook.example",
        )
        self.session.add(person)
        self.session.flush()
        return person


def gather(session: Session, department: Department, chance: Random, today: date) -> Crew:
    """Hire everybody, team by team."""
    hiring = Hiring(session, department, chance, today)
    manager = hiring.hire(Post.MANAGER)
    supervisor = hiring.hire(Post.SUPERVISOR, manager)
    qa_supervisor = hiring.hire(Post.QA_SUPERVISOR, manager)
    inspectors = [hiring.hire(Post.INSPECTOR, qa_supervisor) for _number in range(4)]
    others = [
        supervisor,
        hiring.hire(Post.TRAINER, manager),
        hiring.hire(Post.TRAINER, manager),
        hiring.hire(Post.HR, manager),
        hiring.hire(Post.HR, manager),
    ]
    channels = {c.code: c for c in session.scalars(select(Channel).where(Channel.department_id == department.id))}
    crew = Crew(department, manager, qa_supervisor, inspectors, [], [], others, channels)
    for name, tier, post, codes, size in TEAMS:
        team = Team(department_id=department.id, name=name, tier=tier, channels=[channels[code] for code in codes])
        session.add(team)
        session.flush()
        lead = hiring.hire(Post.SHIFT_LEAD, supervisor, team)
        crew.leads.append(lead)
        crew.agents += [hiring.hire(post, lead, team) for _number in range(size)]
        crew.served[team.id] = [channels[code] for code in codes]
    return crew


def vary(session: Session, crew: Crew) -> None:
    """Not everybody is on post: one is new, one is suspended, one has left."""
    new, suspended, gone = crew.agents[-1], crew.agents[-2], crew.agents[-3]
    perform(session, suspended, "suspend", reason="客户投诉调查期间暂停上岗")
    perform(session, gone, "leave", reason="个人原因离职")
    trainee = Staff(
        department_id=new.department_id,
        number="K1900",
        name="苏晓雨",
        post=new.post,
        team_id=new.team_id,
        superior_id=new.superior_id,
        status=StaffStatus.TRAINEE,
        hire_date=new.hire_date,
        phone="19900001900",
    )
    session.add(trainee)
    session.flush()
    crew.agents = [agent for agent in crew.agents if agent not in {suspended, gone}]


def put_on_call(session: Session, crew: Crew, first: date, days: int) -> None:
    """Shift leads take turns at being reachable."""
    for number in range(days):
        begin = datetime.combine(first + timedelta(days=number), time(1), UTC)
        lead = crew.leads[number % len(crew.leads)]
        session.add(
            OnCall(
                department_id=crew.department.id, staff_id=lead.id, starts_at=begin, ends_at=begin + timedelta(days=1)
            )
        )
    session.flush()


def give_accounts(session: Session, crew: Crew) -> None:
    """Everybody can be signed in as, with one click and on this machine only; nobody has a password."""
    for person in crew.everybody:
        _account(session, person, person.number.lower(), [ROLE_OF_POST[person.post]])
    holder = crew.others[-1]
    auditor = _extra(session, holder, "K1801", "审计员")
    administrator = _extra(session, holder, "K1802", "管理员")
    _account(session, auditor, "auditor", [Role.AUDITOR])
    _account(session, administrator, "administrator", [Role.ADMINISTRATOR])


def _extra(session: Session, like: Staff, number: str, name: str) -> Staff:
    person = Staff(
        department_id=like.department_id,
        number=number,
        name=name,
        post=Post.HR,
        superior_id=like.superior_id,
        status=StaffStatus.ON_POST,
        hire_date=like.hire_date,
    )
    session.add(person)
    session.flush()
    return person


def _account(session: Session, person: Staff, login: str, roles: list[Role]) -> None:
    account = Account(
        department_id=person.department_id, staff_id=person.id, login=login, roles=[role.value for role in roles]
    )
    session.add(account)
    session.flush()
    perform(session, account, "activate")


def as_actor(person: Staff) -> Actor:
    """The person as somebody who acts, by their post."""
    teams = frozenset({person.team_id} if person.team_id else ())
    roles = frozenset({ROLE_OF_POST[person.post]})
    return Actor(person.id, department_id=person.department_id, roles=roles, team_ids=teams)
