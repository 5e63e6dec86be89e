"""Who was hired and who was not, what was reported to whom, and where careers lead: each in their own name."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.people import Crew, as_actor
from engine import clock
from engine.acting import Door, acting
from engine.obligations.periods import start_of
from engine.transitions.performing import perform
from models.candidate import Candidate, CheckResult, ClosedCause, Source, Stage
from models.career_plan import CareerGoal, CareerPlan
from models.incident_report import IncidentReport
from models.interview import Advice, Interview, Round
from models.job_opening import JobOpening
from models.organisation import Post, Staff, Team
from models.post_change import ChangeKind, PostChange

ITEMS = ("professional_knowledge", "communication", "service_awareness")


class Applicant(NamedTuple):
    """Somebody who applies, how far they come, and what is known: made up."""

    name: str
    source: Source
    until: Stage
    about: str


APPLICANTS = (
    Applicant("周晓彤", Source.WEBSITE, Stage.SCREENING, "两年电商客服经验，可轮班。"),
    Applicant("吴泽宇", Source.REFERRAL, Stage.SCREENING, "应届毕业生，普通话二级甲等。"),
    Applicant("郑雅文", Source.WEBSITE, Stage.SCREENING, "酒店前台三年。"),
    Applicant("冯嘉豪", Source.JOB_FAIR, Stage.FIRST_INTERVIEW, "银行热线坐席一年。"),
    Applicant("褚雨桐", Source.WEBSITE, Stage.FIRST_INTERVIEW, "在线教育班主任。"),
    Applicant("蒋子墨", Source.AGENCY, Stage.SECOND_INTERVIEW, "呼叫中心班长，带过十人小组。"),
    Applicant("沈佳琪", Source.REFERRAL, Stage.BACKGROUND_CHECK, "航空公司客服四年，英语六级。"),
    Applicant("韩思雨", Source.WEBSITE, Stage.DECISION, "通信运营商热线坐席三年。"),
    Applicant("杨明哲", Source.INTERNAL, Stage.HIRED, "仓储部转岗，熟悉退换货流程。"),
    Applicant("朱婉清", Source.WEBSITE, Stage.REJECTED, "要求固定白班。"),
)
NEW_POSTS = {
    ChangeKind.ROTATION: Post.AFTER_SALES_AGENT,
    ChangeKind.TRANSFER: Post.HOTLINE_AGENT,
    ChangeKind.PROMOTION: Post.INSPECTOR,
}
DAYS_AGO = 40
STEP = timedelta(days=3)
SATURDAY = 5


class HiringWork:
    """What HR, interviewers and the department manager do about one opening."""

    def __init__(self, session: Session, crew: Crew, today: date) -> None:
        """Everything is written through the doors that people use."""
        self.session, self.crew, self.today = session, crew, today
        self.hr = next(person for person in crew.others if person.post is Post.HR)
        self.lead = crew.leads[0]
        self.zone = crew.department.timezone

    def tell(self) -> None:
        """The openings, everybody who applied, and what became of them."""
        begin = self.today - timedelta(days=DAYS_AGO)
        with self._on(begin, self.hr):
            opening = self._opening("在线客服专员（二期扩招）", headcount=4)
            perform(self.session, opening, "publish")
            self.session.commit()
        for number, applicant in enumerate(APPLICANTS):
            self._applies(opening, number, applicant)
        with self._on(self.today, self.hr):
            self._opening("直播渠道客服专员", headcount=2, pay=None)
            self.session.commit()

    def _opening(self, name: str, **values: object) -> JobOpening:
        team = self.session.get_one(Team, self.lead.team_id)
        given = {
            "pay": "税前 6500–8500 元/月，绩效另计",
            "benefits": "五险一金、夜班补贴、餐补、带薪年假。",
        }
        opening = JobOpening(
            name=name,
            post=Post.ONLINE_AGENT,
            team_id=team.id,
            superior_id=self.lead.id,
            duties="接待客户咨询，准确记录问题并跟进至解决；按规范完成回访。",
            requirements="大专及以上，普通话标准，打字每分钟 50 字以上，能适应轮班。",
            **(given | values),
        )
        self.session.add(opening)
        self.session.flush()
        return opening

    def _applies(self, opening: JobOpening, number: int, applicant: Applicant) -> None:
        until = applicant.until
        day = self.today - timedelta(days=DAYS_AGO - 2 - number)
        far = list(Stage).index(until) if until is not Stage.REJECTED else 2
        day = max(day, self.today - STEP * (far + 2)) if until is not Stage.HIRED else day
        with self._on(day, self.hr):
            candidate = Candidate(
                opening_id=opening.id,
                name=applicant.name,
                phone=f"198{number:08}",
                email=f"applicant{number}@dutybook.example",
                source=applicant.source,
                about=applicant.about,
                expected_pay=f"{6500 + number * 200} 元/月",
            )
            self.session.add(candidate)
            self.session.commit()
        for place, target in enumerate(list(Stage)[1:6], start=1):
            day = min(day + STEP, self.today)
            if place <= far and target not in {Stage.HIRED, Stage.REJECTED}:
                self._step(candidate, target, day)
        self._end(candidate, until, min(day + STEP, self.today))

    def _step(self, candidate: Candidate, target: Stage, day: date) -> None:
        """What has to be done before the stage, and the move to it."""
        move = {
            Stage.FIRST_INTERVIEW: "invite",
            Stage.SECOND_INTERVIEW: "invite_again",
            Stage.BACKGROUND_CHECK: "check",
            Stage.DECISION: "decide",
        }[target]
        if target is Stage.SECOND_INTERVIEW:
            self._interview(candidate, Round.FIRST, day, (self.lead, self.crew.leads[2]))
        elif target is Stage.BACKGROUND_CHECK:
            self._interview(candidate, Round.SECOND, day, (self.crew.manager,))
        with self._on(day, self.hr):
            if target is Stage.DECISION:
                evidence = "与前公司人事核实在职时间与离职原因，无不良记录；学历经学信网核验。"
                perform(
                    self.session, candidate, "record_check", check_result=CheckResult.PASSED, check_evidence=evidence
                )
            perform(self.session, candidate, move)
            self.session.commit()

    def _interview(self, candidate: Candidate, of: Round, day: date, who: tuple[Staff, ...]) -> None:
        with self._on(day, self.hr):
            sheets = [self._sheet(candidate, of, person, clock.now()) for person in who]
            self.session.commit()
        for place, sheet in enumerate(sheets):
            points = {item: 68 + (candidate.id * 7 + place * 5 + len(item)) % 28 for item in ITEMS}
            with self._on(day, who[place]):
                perform(
                    self.session, sheet, "hand_in", scores=points, advice=Advice.TAKE, remark="表达清楚，能换位思考。"
                )
                self.session.commit()

    def _sheet(self, candidate: Candidate, of: Round, person: Staff, planned_at: datetime) -> Interview:
        sheet = Interview(
            candidate_id=candidate.id, round=of, interviewer_id=person.id, planned_at=planned_at, place="三楼会议室"
        )
        self.session.add(sheet)
        self.session.flush()
        return sheet

    def _end(self, candidate: Candidate, until: Stage, day: date) -> None:
        """The decision, and what is planned next for those under way."""
        if until is Stage.REJECTED:
            with self._on(day, self.hr):
                perform(
                    self.session,
                    candidate,
                    "reject",
                    closed_cause=ClosedCause.REQUIREMENTS,
                    closed_reason="岗位需轮班，本人只接受固定白班。",
                )
                self.session.commit()
        elif until in {Stage.DECISION, Stage.HIRED}:
            with self._on(day, self.hr):
                starts_on = self.today + timedelta(days=5)
                perform(self.session, candidate, "propose", offered_pay="7200 元/月", starts_on=starts_on)
                self.session.commit()
        elif until is Stage.FIRST_INTERVIEW:
            with self._on(self.today, self.hr):
                self._sheet(candidate, Round.FIRST, self.lead, self._next_morning())
                self.session.commit()
        if until is Stage.HIRED:
            with self._on(day, self.crew.manager):
                perform(self.session, candidate, "approve")
                self.session.commit()
            with self._on(day, self.hr):
                perform(self.session, candidate, "hire", number="K1901", login="k1901")
                self.session.commit()

    def _next_morning(self) -> datetime:
        """Ten o'clock of the next weekday."""
        day = next(day for ahead in range(1, 4) if (day := self.today + timedelta(days=ahead)).weekday() < SATURDAY)
        return start_of(day, self.zone) + timedelta(hours=10)

    def report(self) -> None:
        """Incidents: one answered, one passed up, one that passed the shift lead over and owes a follow-up."""
        agents = [agent for agent in self.crew.agents if agent.superior_id == self.lead.id][:3]
        first = self._reported(agents[0], "工单系统保存失败", "下午两点起，提交工单时反复提示超时。", 3)
        with self._on(self.today - timedelta(days=2), self.lead):
            perform(self.session, first, "reply", answer="已报信息部，今日 17 点恢复；期间先用纸质登记。")
            self.session.commit()
        second = self._reported(agents[1], "同一客户一天内投诉三次", "客户要求部门负责人回电。", 2)
        with self._on(self.today - timedelta(days=1), self.lead):
            perform(self.session, second, "pass_up", remark="超出班组权限，请上级联系客户。")
            self.session.commit()
        above = self.session.scalars(select(Staff.superior_id).where(Staff.id == self.lead.id)).one()
        self._reported(
            agents[2],
            "热线全线中断",
            "九点四十起所有来电无法接入。",
            0,
            addressee_id=above,
            emergency=True,
            why_emergency="班长当时不在现场，电话无人接听。",
        )

    def _reported(self, sender: Staff, name: str, what: str, days_ago: int, **values: object) -> IncidentReport:
        with self._on(self.today - timedelta(days=days_ago), sender):
            report = IncidentReport(name=name, what=what, occurred_at=clock.now(), **values)
            self.session.add(report)
            self.session.commit()
        return report

    def develop(self) -> None:
        """Career plans, agreed and to be agreed; changes of post, in effect, approved and proposed."""
        mine = [agent for agent in self.crew.agents if agent.superior_id == self.lead.id]
        for number, agent in enumerate(mine[:2]):
            self._plan(agent, agrees=number == 0)
        self._change(mine[3], ChangeKind.ROTATION, -20, self.crew.leads[3])
        self._change(mine[4], ChangeKind.TRANSFER, 12, self.crew.leads[2])
        self._change(mine[0], ChangeKind.PROMOTION, 30, self.crew.qa_supervisor)

    def _plan(self, agent: Staff, *, agrees: bool) -> None:
        day = self.today - timedelta(days=30)
        with self._on(day, self.lead):
            plan = CareerPlan(staff_id=agent.id, starts_on=day, path="坐席 → 资深坐席 → 质检员或班组长")
            self.session.add(plan)
            self.session.flush()
            goals = [
                CareerGoal(plan_id=plan.id, name="连续三个月质检 90 分以上", due_on=self.today + timedelta(days=60)),
                CareerGoal(
                    plan_id=plan.id,
                    name="独立带教一名新人",
                    post=Post.SHIFT_LEAD,
                    due_on=self.today + timedelta(days=200),
                ),
            ]
            self.session.add_all(goals)
            self.session.commit()
        if agrees:
            with self._on(day + timedelta(days=2), agent):
                perform(self.session, plan, "agree")
                self.session.commit()

    def _change(self, agent: Staff, kind: ChangeKind, days: int, superior: Staff) -> None:
        """Proposed by HR before it takes effect; promotions still wait for the manager."""
        effective_on = self.today + timedelta(days=days)
        day = min(self.today, effective_on) - timedelta(days=2)
        with self._on(day, self.hr):
            change = PostChange(
                staff_id=agent.id,
                kind=kind,
                new_post=NEW_POSTS[kind],
                new_team_id=superior.team_id,
                new_superior_id=superior.id,
                effective_on=effective_on,
                reason="本人申请并经考核合格，岗位需要。",
            )
            self.session.add(change)
            self.session.commit()
        if kind is not ChangeKind.PROMOTION:
            with self._on(day, self.crew.manager):
                perform(self.session, change, "approve")
                self.session.commit()

    def _on(self, day: date, person: Staff) -> "_At":
        moment = start_of(day, self.zone) + timedelta(hours=10)
        return _At(min(moment, clock.now()), person)


class _At:
    """A block of work at a moment of the past, by one person."""

    def __init__(self, moment: datetime, person: Staff) -> None:
        self.time, self.work = clock.fixed_at(moment), acting(as_actor(person), Door.FORM)

    def __enter__(self) -> None:
        self.time.__enter__()
        self.work.__enter__()

    def __exit__(self, *how: object) -> None:
        self.work.__exit__(*how)  # type: ignore[arg-type]  # what a with statement hands on
        self.time.__exit__(*how)  # type: ignore[arg-type]  # the same
