"""SVC: records of what customers brought up — complete, classified, answered, evaluated, archived whole."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.importing.importable import Asked, Importable, Reference, Values
from engine.manifest import Domain
from engine.packs.schema import Pack
from engine.rules import CREATE, GUARD, Facts, Fill, Verdict, need, rule
from engine.tabular.columns import Field, Kind
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.column_names import column_name
from models.import_job import ImportJob
from models.organisation import Channel, Department, Post, Staff, StaffStatus, Team
from models.service_record import Origin, RecordState, ServiceRecord, Topic
from models.types import blind_index
from models.words import _

WHOLE = ("question", "handling", "result", "feedback")
"""What an archived record holds (SVC-6)."""
LOWEST, HIGHEST = 1, 5


def _follow_the_agent(session: Session, records: Sequence[ServiceRecord]) -> None:
    """A record belongs to its agent's team, and its contact can be found by its fingerprint."""
    agents = {record.agent_id for record in records}
    teams = dict(session.execute(select(Staff.id, Staff.team_id).where(Staff.id.in_(agents))).all())
    for record in records:
        if record.team_id is None or "agent_id" in inspect(record).committed_state:
            record.team_id = teams.get(record.agent_id)
        record.customer_contact_index = blind_index("service_record.customer_contact", record.customer_contact)


@rule("SVC-1", ServiceRecord, says=_("“%(label)s” may not be empty."))
def mandatory_fields_are_filled(record: ServiceRecord, facts: Facts) -> Verdict:
    """Nothing mandatory may be empty; another system's export owes only what it can know."""
    names: list[str] = facts.parameter(
        "mandatory_fields_imported" if record.origin is Origin.IMPORTED else "mandatory_fields"
    )
    return [{"field": name, "label": column_name(name)} for name in names if getattr(record, name) in {None, ""}]


@rule(
    "SVC-2", ServiceRecord, field="topic_id", changed=("topic_id", "state"), says=_("Choose what the record is about.")
)
def record_is_classified(record: ServiceRecord, facts: Facts) -> Verdict:
    """Records are classified on intake."""
    return record.topic_id is not None


@rule(
    "SVC-1",
    ServiceRecord,
    field="occurred_at",
    changed=("occurred_at",),
    says=_("The contact cannot lie in the future."),
)
def contact_has_happened(record: ServiceRecord, facts: Facts) -> Verdict:
    """A record tells what happened."""
    return record.occurred_at <= facts.now


@rule(
    "SVC-5",
    ServiceRecord,
    field="satisfaction",
    changed=("satisfaction",),
    says=_("Satisfaction is a whole number from 1 to 5; %(value)s is not."),
)
def satisfaction_is_from_one_to_five(record: ServiceRecord, facts: Facts) -> Verdict:
    """The scale on which customers rate."""
    value = record.satisfaction
    return value is None or LOWEST <= value <= HIGHEST or {"value": value}


@rule(
    "SVC-5",
    ServiceRecord,
    field="satisfaction",
    changed=("satisfaction", "answered"),
    says=_("A contact that nobody answered has no satisfaction rating."),
)
def only_answered_contacts_are_rated(record: ServiceRecord, facts: Facts) -> Verdict:
    """There was nobody to be satisfied with."""
    return record.answered or record.satisfaction is None


@rule("DAT-1", ServiceRecord, changed=("answer_seconds", "talk_seconds"), says=_("“%(label)s” cannot be negative."))
def durations_are_not_negative(record: ServiceRecord, facts: Facts) -> Verdict:
    """A figure from another system is taken only when it can be true."""
    return [
        {"field": name, "label": column_name(name)}
        for name in ("answer_seconds", "talk_seconds")
        if (getattr(record, name) or 0) < 0
    ]


@need()
def channel_users(session: Session, records: Sequence[ServiceRecord]) -> Mapping[ServiceRecord, Mapping[int, Any]]:
    """For each record, every team with its tier, its channels and its lead."""
    teams = session.scalars(select(Team).where(Team.department_id.in_({r.department_id for r in records}))).all()
    leads: dict[int | None, int] = {}
    for person in session.scalars(
        select(Staff).where(Staff.team_id.in_([t.id for t in teams]), Staff.status == StaffStatus.ON_POST)
    ):
        if person.team_id not in leads or person.post is Post.SHIFT_LEAD:
            leads[person.team_id] = person.id
    told = {t.id: {"tier": t.tier, "channels": {c.id for c in t.channels}, "lead": leads.get(t.id)} for t in teams}
    return dict.fromkeys(records, told)


@rule(
    "ORG-2",
    ServiceRecord,
    field="to_team",
    on=GUARD,
    needs=(channel_users,),
    says=_("A record is transferred upward only, to a team that exists, serves its channel and has somebody on post."),
)
def transfer_goes_up_to_a_serving_team(record: ServiceRecord, facts: Facts) -> Verdict:
    """From the front line to technicians to experts, never sideways or into the void."""
    teams = facts.loaded(channel_users) or {}
    target, here = teams.get(_id(facts.given.get("to_team"))), teams.get(record.team_id)
    if target is None or target["lead"] is None or record.channel_id not in target["channels"]:
        return False
    return here is None or target["tier"].value > here["tier"].value


@rule("SVC-6", ServiceRecord, on=GUARD, says=_("“%(label)s” is missing: a record is archived whole."))
def record_is_whole(record: ServiceRecord, facts: Facts) -> Verdict:
    """Question, handling, result and feedback; an imported call is as whole as its system delivered it."""
    if record.origin is Origin.IMPORTED:
        return True
    return [{"field": name, "label": column_name(name)} for name in WHOLE if not getattr(record, name)]


def _id(value: Any) -> int | None:
    return int(value) if value is not None and str(value).isdigit() else None


def _hand_over(session: Session, record: ServiceRecord, facts: Facts) -> None:
    team = session.get(Team, _id(facts.given["to_team"]))
    if team is not None:
        lead = channel_users.load(session, [record])[record][team.id]["lead"]
        record.agent_id, record.team_id = lead, team.id


def _note_solution(session: Session, record: ServiceRecord, facts: Facts) -> None:
    record.resolved = True


def _reopen_when_dissatisfied(session: Session, record: ServiceRecord, facts: Facts) -> None:
    """Not satisfied reopens it (SVC-5)."""
    session.flush()
    if record.satisfaction is not None and record.satisfaction < facts.parameter("satisfaction_reopen_below"):
        perform(session, record, "reopen", reason=str(_("The customer was not satisfied.")))


def _note_reopening(session: Session, record: ServiceRecord, facts: Facts) -> None:
    record.resolved = False


CLOSED = frozenset({RecordState.SOLVED, RecordState.UNSOLVED, RecordState.EVALUATED})
MOVES = (
    Transition(
        "transfer",
        ServiceRecord,
        frozenset({RecordState.OPEN}),
        RecordState.OPEN,
        _("Transfer upward"),
        "ORG-2",
        guards=(transfer_goes_up_to_a_serving_team,),
        effect=_hand_over,
        asks=(Ask("to_team", _("To team"), kind="team"), Ask("reason", _("Reason"))),
    ),
    Transition(
        "solve",
        ServiceRecord,
        frozenset({RecordState.OPEN, RecordState.UNSOLVED}),
        RecordState.SOLVED,
        _("Solve"),
        "SVC-5",
        effect=_note_solution,
        tone="good",
        asks=(Ask("handling", _("Handling")), Ask("result", _("Result"))),
    ),
    Transition(
        "record_feedback",
        ServiceRecord,
        frozenset({RecordState.SOLVED}),
        RecordState.EVALUATED,
        _("Record feedback"),
        "SVC-5",
        effect=_reopen_when_dissatisfied,
        asks=(Ask("satisfaction", _("Satisfaction (1–5)"), kind="number"), Ask("feedback", _("Customer's feedback"))),
    ),
    Transition(
        "reopen",
        ServiceRecord,
        CLOSED,
        RecordState.OPEN,
        _("Reopen"),
        "SVC-5",
        effect=_note_reopening,
        asks=(Ask("reason", _("Reason")),),
        tone="warn",
    ),
    Transition(
        "archive",
        ServiceRecord,
        CLOSED,
        RecordState.ARCHIVED,
        _("Archive"),
        "SVC-6",
        guards=(record_is_whole,),
        tone="quiet",
        confirm=_("An archived record can only be read."),
    ),
)


@rule(
    "SVC-2",
    Topic,
    field="name",
    on=frozenset({CREATE, "edit"}),
    says=_("A topic has a name in Chinese and in English."),
)
def topic_is_named_in_both_languages(topic: Topic, facts: Facts) -> Verdict:
    """Every word that a person sees exists in both."""
    return bool(topic.name and topic.name.get("zh") and topic.name.get("en"))


def _columns(values: Values, zone: ZoneInfo) -> dict[str, Any]:
    """Date and time may stand in two columns; a call without a word about it was answered."""
    columns = {name: value for name, value in values.items() if name != "time"}
    moment, clock = columns["occurred_at"], values.get("time")
    if clock is not None:
        moment = datetime.combine(moment.date(), clock)
    columns["occurred_at"] = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    if "answered" in columns:
        columns["answered"] = columns["answered"] is not False
    return columns


def _came_by_import(record: ServiceRecord, job: ImportJob) -> None:
    """Where an imported contact stands follows from what its system says of it."""
    record.origin, record.import_job_id = Origin.IMPORTED, job.id
    if record.resolved is False or record.answered is False:
        record.state = RecordState.UNSOLVED
    elif record.satisfaction is not None:
        record.state = RecordState.EVALUATED
    elif record.resolved:
        record.state = RecordState.SOLVED


def _names_of_a_person(person: Staff) -> tuple[str, ...]:
    return (person.number, person.name, person.label)


def _names_of_a_code(row: Topic | Channel) -> tuple[str, ...]:
    return (row.code, *row.name.values())


def _new_agent(text: str, answers: Mapping[str, Any], today: date) -> Staff:
    """Somebody who was on post when the calls were taken; the other system's name serves as number until HR changes it."""
    return Staff(
        number=text[:32],
        name=text[:80],
        post=answers["post"],
        team_id=answers["team_id"],
        superior_id=answers["superior_id"],
        hire_date=answers["hire_date"] or today,
        status=StaffStatus.ON_POST,
    )


def _new_topic(text: str, answers: Mapping[str, Any], today: date) -> Topic:
    return Topic(code=text[:60], name={"zh": text, "en": text})


def _new_channel(text: str, answers: Mapping[str, Any], today: date) -> Channel:
    return Channel(code=text[:40], name={"zh": text, "en": text})


AGENT = Reference(
    Staff,
    _names_of_a_person,
    _new_agent,
    (
        Asked("team_id", _("Team"), entity=Team),
        Asked("superior_id", _("Direct superior"), entity=Staff),
        Asked("post", _("Post"), choices=(Post.HOTLINE_AGENT, Post.ONLINE_AGENT, Post.AFTER_SALES_AGENT)),
        Asked("hire_date", _("Hire date"), required=False),
    ),
)
IMPORTABLE = Importable(
    ServiceRecord,
    (
        Field(
            "number",
            "记录编号",
            "Record number",
            ("编号", "呼叫编号", "通话编号", "工单号", "流水号", "会话ID", "Call Id", "Ticket", "Case number", "ID"),
            required=True,
        ),
        Field(
            "occurred_at",
            "发生时间",
            "Happened",
            ("日期", "来电时间", "通话时间", "开始时间", "创建时间", "Date", "Call date", "Start time", "Created at"),
            Kind.DATETIME,
            required=True,
        ),
        Field(
            "time",
            "时刻（日期另列时）",
            "Time of day, when the date has a column of its own",
            ("时间", "时刻", "Time", "Call time"),
            Kind.TIME,
        ),
        Field(
            "agent_id",
            "坐席",
            "Agent",
            ("客服", "客服人员", "坐席工号", "坐席姓名", "处理人", "工号", "Agent name", "Operator", "Handled by"),
            required=True,
        ),
        Field("channel_id", "渠道", "Channel", ("来源渠道", "接入渠道", "Source"), required=True),
        Field(
            "topic_id",
            "问题分类",
            "Topic",
            ("分类", "业务类型", "问题类型", "主题", "Category", "Subject", "Issue type"),
        ),
        Field(
            "answered", "是否接听", "Answered", ("接听", "接通", "是否接通", "Answered (Y/N)", "Picked up"), Kind.YES_NO
        ),
        Field("resolved", "是否解决", "Resolved", ("解决", "解决情况", "已解决", "Solved"), Kind.YES_NO),
        Field(
            "answer_seconds",
            "应答时长",
            "Seconds to answer",
            ("等待时长", "响应时长", "Speed of answer in seconds", "Wait time", "Response time"),
            Kind.DURATION,
        ),
        Field(
            "talk_seconds",
            "通话时长",
            "Seconds of talk",
            ("AvgTalkDuration", "Talk time", "Talk duration", "Call duration"),
            Kind.DURATION,
        ),
        Field(
            "satisfaction",
            "满意度",
            "Satisfaction",
            ("满意度评分", "评分", "评价", "Satisfaction rating", "Rating", "CSAT"),
            Kind.RATING,
        ),
        Field(
            "customer_name", "客户姓名", "Customer's name", ("客户", "顾客姓名", "Customer", "Customer name", "Caller")
        ),
        Field(
            "customer_contact",
            "客户联系方式",
            "Customer's contact",
            ("来电号码", "客户电话", "手机号", "主叫号码", "Phone", "Caller number", "Customer phone", "Email"),
        ),
        Field("customer_details", "客户信息", "About the customer", ("客户备注", "Customer details")),
        Field("question", "问题描述", "Question", ("问题", "咨询内容", "问题内容", "描述", "Description", "Issue")),
        Field("handling", "处理过程", "Handling", ("处理情况", "处理方式", "Action taken")),
        Field("result", "处理结果", "Result", ("结果", "Outcome", "Resolution")),
        Field("feedback", "客户反馈", "Customer's feedback", ("反馈", "意见", "Comment", "Comments")),
    ),
    references={
        "agent_id": AGENT,
        "topic_id": Reference(Topic, _names_of_a_code, _new_topic),
        "channel_id": Reference(Channel, _names_of_a_code, _new_channel),
    },
    compose=_columns,
    complete=_came_by_import,
)


@hookimpl
def adopted(session: Session, department: Department, pack: Pack) -> None:
    """Begin with the pack's list of topics (SVC-2); those that are there stay."""
    known = set(session.scalars(select(Topic.code).where(Topic.department_id == department.id)))
    fresh = [entry for entry in pack.topics if entry.code not in known]
    session.add_all(Topic(department_id=department.id, code=entry.code, name=entry.title.words) for entry in fresh)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="service_record",
        label=_("Service"),
        built=("SVC-1", "SVC-2", "SVC-5", "SVC-6", "DAT-1", "CNF-2"),
        entities=(ServiceRecord, Topic),
        fills=(Fill(ServiceRecord, _follow_the_agent),),
        rules=(
            mandatory_fields_are_filled,
            record_is_classified,
            contact_has_happened,
            satisfaction_is_from_one_to_five,
            only_answered_contacts_are_rated,
            durations_are_not_negative,
            topic_is_named_in_both_languages,
        ),
        transitions=MOVES,
        importables=(IMPORTABLE,),
    )
