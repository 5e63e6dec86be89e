"""Applicants of a recruitment site or a job fair, from a sheet with one row an application."""

from typing import Any
from zoneinfo import ZoneInfo

from engine.importing.importable import Importable, Reference, Values
from engine.tabular.columns import Field, Kind
from models.candidate import Candidate, Source
from models.job_opening import JobOpening, OpeningState
from models.types import blind_index

SOURCES = {
    "recruitment website": Source.WEBSITE, "招聘网站": Source.WEBSITE, "网站": Source.WEBSITE,
    "recommended by staff": Source.REFERRAL, "员工推荐": Source.REFERRAL, "内推": Source.REFERRAL,
    "job fair": Source.JOB_FAIR, "招聘会": Source.JOB_FAIR,
    "agency": Source.AGENCY, "猎头": Source.AGENCY, "中介": Source.AGENCY,
    "from inside the company": Source.INTERNAL, "内部应聘": Source.INTERNAL, "内部": Source.INTERNAL,
    "other": Source.OTHER, "其他": Source.OTHER,
} | {source.value: source for source in Source}  # fmt: skip


def _columns(values: Values, zone: ZoneInfo) -> dict[str, Any]:
    """A phone rests encrypted and is recognized by its fingerprint; without a source it was the website."""
    columns = dict(values)
    columns["phone_index"] = blind_index("candidate.phone", columns["phone"])
    columns["source"] = columns.get("source") or Source.WEBSITE
    return columns


def _names_of_an_opening(opening: JobOpening) -> tuple[str, ...]:
    """Openings bear the same name year after year: the one that people apply for is the published one."""
    return (opening.name,) if opening.state is OpeningState.PUBLISHED else ()


IMPORTABLE = Importable(
    Candidate,
    (
        Field(
            "phone",
            "手机号",
            "Phone",
            ("手机", "电话", "联系电话", "联系方式", "Mobile", "Phone number", "Contact phone"),
            required=True,
        ),
        Field(
            "opening_id",
            "应聘岗位",
            "Opening",
            ("招聘岗位", "岗位", "职位", "应聘职位", "Job opening", "Position", "Job title", "Applied for"),
            required=True,
        ),
        Field("name", "姓名", "Name", ("应聘人", "应聘者", "Full name", "Candidate", "Applicant"), required=True),
        Field("email", "邮箱", "E-mail", ("电子邮件", "Email address", "Mail")),
        Field("source", "来源", "Source", ("应聘渠道", "招聘渠道", "简历来源", "Source of application")),
        Field("applied_on", "应聘日期", "Applied on", ("投递日期", "投递时间", "日期", "Date", "Applied"), Kind.DATE),
        Field("expected_pay", "期望薪资", "Pay expected", ("期望月薪", "薪资要求", "Expected salary")),
        Field("about", "个人情况", "About the person", ("简历", "工作经历", "备注", "Résumé", "Experience", "Notes")),
    ),
    key="phone_index",
    keys=("phone", "opening_id"),
    known_by=("opening_id", "phone_index"),
    references={"opening_id": Reference(JobOpening, _names_of_an_opening)},
    words={"source": SOURCES},
    volatile=frozenset({"email", "source", "applied_on", "expected_pay", "about"}),
    compose=_columns,
)
