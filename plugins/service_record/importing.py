"""How a row of another system's export becomes a service record (DAT-1)."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.importing.importable import Asked, Importable, Reference, Values
from engine.tabular.columns import Field, Kind
from models.import_job import ImportJob
from models.organisation import Channel, Post, Staff, StaffStatus, Team
from models.service_record import Origin, RecordState, ServiceRecord, Topic
from models.words import _


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
    """Somebody who was on post when the calls came; the other system's name serves as number until HR changes it."""
    return Staff(
        number=text[:32],
        name=text[:80],
        post=answers["post"],
        team_id=answers["team_id"],
        superior_id=answers["superior_id"],
        hire_date=answers["hire_date"],
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
        Asked("hire_date", _("Hire date")),
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
            ("客服", "客服人员", "坐席工号", "工号", "坐席姓名", "处理人", "Agent name", "Operator", "Handled by"),
            required=True,
            ranked=True,
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
