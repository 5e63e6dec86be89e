"""People from a sheet, one a row (DAT-1)."""

from engine.importing.importable import Importable, Reference
from engine.tabular.columns import Field, Kind
from models.organisation import Post, Staff, StaffStatus, Team
from plugins.organisation.rules import reporting_line_has_no_circle

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
