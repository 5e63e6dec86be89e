"""What the department taught this quarter: courses, sessions in every state, who came, what they thought of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.people import Crew, as_actor
from engine import clock
from engine.acting import Door, acting
from engine.transitions.performing import perform
from models.certificate import Certificate
from models.course import Course, CourseCategory, CourseMethod
from models.learning_resource import LearningRecord, LearningResource
from models.organisation import Post, Staff
from models.training_plan import TrainingPlan
from models.training_session import (
    AWAITED,
    Enrolment,
    EnrolmentReason,
    EnrolmentState,
    FeedbackState,
    TrainingFeedback,
    TrainingNote,
    TrainingSession,
)

ZONE = ZoneInfo("Asia/Shanghai")
ROOM = "三楼培训室"
FIRST_HOUR, UNFINISHED = 9, 4
"""When teaching begins, and the mark of the session that is not evaluated yet."""
COURSES = (
    ("complaint_talk", "投诉安抚话术", "Calming complaints", "communication", "case_analysis", 3),
    ("problem_tracing", "问题定位与跟进", "Tracing problems", "problem_solving", "simulation_drill", 4),
    ("product_update", "四季度产品与退换政策", "Products and returns", "new_product_or_policy", "internal", 2),
    ("record_writing", "工单书写规范", "Writing records", "service_norms", "online", 1),
    ("service_spirit", "服务意识沙龙", "Service awareness salon", "service_awareness", "external", 2),
)
BETTERS = {
    "complaint_talk": ("service_attitude", "communication"),
    "problem_tracing": ("problem_solving",),
    "product_update": ("professional_knowledge",),
    "record_writing": ("work_norms",),
    "service_spirit": ("satisfaction",),
}
RESOURCES = (
    ("工单书写要点", "record_writing", 12, "先写客户诉求，再写处理过程。\n时间、金额、单号一律核对两遍。"),
    ("退换货政策速查", "product_update", 8, "七天无理由：签收次日起算；定制类除外。\n质量问题：运费由我方承担。"),
    ("安抚情绪的五句话", "complaint_talk", 10, "“给您添麻烦了，我先记下来。”\n“我复述一遍您的意思。”"),
)
COMMENTS = ("案例很实用，建议多一些演练。", "节奏有点快。", "讲师很耐心。", "希望发一份讲义。", None, None, None)
NOTES = ("先复述客户的话，再给方案。", "承诺的时间一定写进工单。", "道歉要具体，不要笼统。")


class TrainingWork:
    """What trainers, the department manager and participants do, each in their own name."""

    def __init__(self, session: Session, crew: Crew, today: date) -> None:
        """The clock stands at the present; what lies back is told with the clock set back."""
        self.session, self.crew, self.today = session, crew, today
        # A story of its own: the others come out as they did before.
        self.chance = Random(20260303)  # noqa: S311 made-up data has to come out the same each time
        self.trainers = [person for person in crew.others if person.post is Post.TRAINER]
        self.agents: list[Staff] = []
        self.courses: dict[str, Course] = {}

    def tell(self) -> None:
        """In the order in which it happened."""
        self.agents = self.crew.agents
        with clock.fixed_at(self._at(-70, 9)):
            self._learn()
        self._decide()
        self._taught("complaint_talk", -40, self.agents[:9], mark=5, evaluated=True)
        self._taught("problem_tracing", -18, self.agents[6:15], mark=3, evaluated=True)
        self._taught("complaint_talk", -2, self.agents[9:16], mark=4, evaluated=False)
        self._under_way()
        self._coming()
        self._onboarding()
        self._certificates()
        self._plan()

    @contextmanager
    def _as(self, person: Staff) -> Iterator[None]:
        with acting(as_actor(person), Door.FORM):
            yield
            self.session.commit()

    def _at(self, days: int, hour: int) -> datetime:
        return datetime.combine(self.today + timedelta(days=days), time(hour), ZONE)

    def found(self) -> None:
        """The courses and what belongs to them; from now on weak results propose people for them."""
        with self._as(self.trainers[0]):
            for code, chinese, english, category, method, hours in COURSES:
                self.courses[code] = Course(
                    code=code,
                    name={"zh": chinese, "en": english},
                    category=CourseCategory(category),
                    method=CourseMethod(method),
                    hours=Decimal(hours),
                    needs_exam=False,
                    qa_categories=list(BETTERS[code]),
                    objectives="训后能够独立处理同类场景。",
                )
            self.session.add_all(self.courses.values())
            self.session.flush()
            self.session.add_all(
                LearningResource(
                    name=name,
                    category=self.courses[code].category,
                    course_id=self.courses[code].id,
                    minutes=minutes,
                    body=body,
                )
                for name, code, minutes, body in RESOURCES
            )

    def _learn(self) -> None:
        """Some open resources by themselves; not all finish."""
        with self._as(self.trainers[0]):
            resources = self.session.scalars(select(LearningResource).order_by(LearningResource.id)).all()
        for number, person in enumerate(self.agents[:8]):
            with self._as(person):
                record = LearningRecord(
                    resource_id=resources[number % len(resources)].id, staff_id=person.id, opened_at=clock.now()
                )
                self.session.add(record)
                self.session.flush()
                if number % 3:
                    perform(self.session, record, "finish")

    def _decide(self) -> None:
        """Superiors agree to some proposals, not to one; the latest still wait."""
        for lead in self.crew.leads:
            with self._as(lead):
                proposed = self.session.scalars(
                    select(Enrolment)
                    .where(Enrolment.state == EnrolmentState.PROPOSED, Enrolment.team_id == lead.team_id)
                    .order_by(Enrolment.id)
                ).all()
                for number, one in enumerate(proposed[: len(proposed) * 2 // 3]):
                    if number == 1:
                        perform(self.session, one, "drop", reason_dropped="已由班组长单独辅导。")
                    else:
                        perform(self.session, one, "admit")

    def _session(self, code: str, days: int, hour: int, trainer: Staff, people: Sequence[Staff]) -> TrainingSession:
        """A session with its people, planned by its trainer."""
        begin = self._at(days, hour)
        course = self.courses[code]
        with self._as(trainer):
            made = TrainingSession(
                course_id=course.id,
                starts_at=begin,
                ends_at=begin + timedelta(hours=int(course.hours)),
                trainer_id=trainer.id,
                place=ROOM,
                capacity=20,
                is_business_training=course.needs_exam,
            )
            self.session.add(made)
            self.session.flush()
            waiting = self.session.scalars(
                select(Enrolment).where(
                    Enrolment.course_id == course.id,
                    Enrolment.session_id.is_(None),
                    Enrolment.state == EnrolmentState.ENROLLED,
                )
            ).all()
            for enrolment in waiting:
                perform(self.session, enrolment, "place", session_id=made.id)
            known = self._open_in(course)
            self.session.add_all(
                Enrolment(
                    department_id=person.department_id,
                    course_id=course.id,
                    session_id=made.id,
                    staff_id=person.id,
                    team_id=person.team_id,
                    reason=EnrolmentReason.ASSIGNED,
                )
                for person in people
                if person.id not in known
            )
        return made

    def _open_in(self, course: Course) -> set[int]:
        """Who is enrolled in the course or proposed for it."""
        query = select(Enrolment.staff_id).where(Enrolment.course_id == course.id, Enrolment.state.in_(AWAITED))
        return set(self.session.scalars(query))

    def _people(self, training: TrainingSession) -> list[Enrolment]:
        query = select(Enrolment).where(Enrolment.session_id == training.id).order_by(Enrolment.id)
        return list(self.session.scalars(query))

    def _taught(self, code: str, days: int, people: Sequence[Staff], *, mark: int, evaluated: bool) -> None:
        """One session from its plan to its evaluation."""
        trainer = self.trainers[days % len(self.trainers)]
        with clock.fixed_at(self._at(days - 6, 10)):
            training = self._session(code, days, 14, trainer, people)
        with clock.fixed_at(self._at(days, 18)):
            self._attend(training, trainer)
            with self._as(trainer):
                perform(self.session, training, "close", summary="按教案完成讲解与分组演练。")
            self._answer(training, mark)
        if evaluated:
            with clock.fixed_at(self._at(days + 5, 10)), self._as(trainer):
                changes = "下一期增加分组演练，时长延长半小时。" if mark < 4 else None
                perform(self.session, training, "evaluate", changes=changes)

    def _attend(self, training: TrainingSession, trainer: Staff) -> None:
        """Nearly everybody comes; somebody is excused, somebody is simply not there."""
        with self._as(trainer):
            everybody = self._people(training)
        excused, missing, *others = everybody
        with self._as(self._of(excused)):
            perform(self.session, excused, "ask_excuse", excuse="当天预约了体检，无法改期。")
        with self._as(self.crew.manager):
            perform(self.session, excused, "excuse", verdict="同意，参加下一期。")
        with self._as(trainer):
            perform(self.session, training, "hold")
            perform(self.session, missing, "miss")
            for one in others:
                perform(self.session, one, "attend")
                perform(self.session, one, "grade", practical_score=Decimal(self.chance.randint(74, 98)))
        for one in others[:2]:
            with self._as(self._of(one)):
                self.session.add(
                    TrainingNote(session_id=training.id, staff_id=one.staff_id, body=self.chance.choice(NOTES))
                )

    def _of(self, enrolment: Enrolment) -> Staff:
        return self.session.get_one(Staff, enrolment.staff_id)

    def _answer(self, training: TrainingSession, mark: int) -> None:
        with acting(as_actor(self.crew.manager), Door.FORM):
            came = [one for one in self._people(training) if one.state is EnrolmentState.COMPLETED]
        # The latest is not answered by everybody yet.
        for one in came if mark != UNFINISHED else came[:-1]:
            person = self._of(one)
            with self._as(person):
                asked = self.session.scalars(
                    select(TrainingFeedback).where(
                        TrainingFeedback.session_id == training.id, TrainingFeedback.state == FeedbackState.OWED
                    )
                ).one()
                marks = {
                    name: max(1, min(5, mark + self.chance.choice((-1, 0, 0)))) for name in ("content", "teaching")
                }
                comment = self.chance.choice(COMMENTS)
                perform(self.session, asked, "answer", usefulness=mark, comment=comment, **marks)

    def _under_way(self) -> None:
        """One is being held just now: half of the people are marked."""
        trainer, now = self.trainers[1], clock.now()
        begin = self._begun(now)
        with clock.fixed_at(self._at(-4, 9)):
            training = self._session("product_update", -1, 15, trainer, self.agents[16:22])
            with self._as(trainer):
                perform(
                    self.session,
                    training,
                    "reschedule",
                    starts_at=begin,
                    ends_at=begin + timedelta(hours=2),
                    place="二楼大会议室",
                )
        with clock.fixed_at(now), self._as(trainer):
            perform(self.session, training, "hold")
            for one in self._people(training)[:3]:
                perform(self.session, one, "attend")

    def _begun(self, now: datetime) -> datetime:
        """The last hour at which a training can have begun by now: nobody teaches before nine or after three."""
        hour = now.astimezone(ZONE).hour - 1
        return self._at(0, min(hour, 15)) if hour >= FIRST_HOUR else self._at(-1, 15)

    def _coming(self) -> None:
        """Two are to come; one excuse waits for a decision, one wish for an answer; one is cancelled."""
        first = self._session("service_spirit", 5, 15, self.trainers[1], self.agents[3:10])
        with self._as(self.trainers[1]):
            asking = self._people(first)[0]
        with self._as(self._of(asking)):
            perform(self.session, asking, "ask_excuse", excuse="当天晚班，连续上岗时间过长。")
        cancelled = self._session("problem_tracing", 12, 10, self.trainers[0], self.agents[20:24])
        with self._as(self.trainers[0]):
            perform(self.session, cancelled, "cancel", reason="讲师外出，另行安排。")
        with self._as(self.trainers[0]):
            known = self._open_in(self.courses["service_spirit"])
        wisher = next(person for person in reversed(self.agents) if person.id not in known)
        with self._as(wisher):
            self.session.add(
                Enrolment(
                    course_id=self.courses["service_spirit"].id,
                    session_id=first.id,
                    staff_id=wisher.id,
                    reason=EnrolmentReason.OWN_WISH,
                    grounds="想了解高端客户接待。",
                )
            )

    def _onboarding(self) -> None:
        """The newcomers' first course has a date."""
        with self._as(self.trainers[0]):
            course = self.session.scalars(select(Course).where(Course.code == "company_and_culture")).one()
        self.courses[course.code] = course
        self._session(course.code, 2, 9, self.trainers[0], [])

    def _certificates(self) -> None:
        """Some hold for good, some expire soon, one has lapsed."""
        rows = (
            (0, "普通话水平测试二级甲等", "省语言文字工作委员会", -800, None),
            (4, "客户服务管理师（三级）", "人力资源考试中心", -1060, 35),
            (9, "英语客服资格", "行业协会", -700, 12),
            (13, "心理疏导初级证书", "市心理协会", -1100, -3),
        )
        with self._as(self.trainers[0]):
            self.session.add_all(
                Certificate(
                    staff_id=self.agents[place].id,
                    department_id=self.crew.department.id,
                    name=name,
                    issuer=issuer,
                    issued_on=self.today + timedelta(days=issued),
                    expires_on=self.today + timedelta(days=expires) if expires is not None else None,
                )
                for place, name, issuer, issued, expires in rows
            )

    def _plan(self) -> None:
        """This year's plan is approved; next year's waits for the manager."""
        texts = {
            "objectives": "质检平均分提升至92分；投诉安抚与问题定位两项达到90分。",
            "content": "投诉安抚话术、问题定位与跟进、产品与政策更新、工单书写规范。",
            "method": "案例分析与模拟演练为主，线上学习为辅；业务培训均须考试。",
            "timetable": "一季度：投诉安抚；二季度：问题定位；三季度：产品更新；四季度：复训与评估。",
        }
        for year, approved in ((self.today.year, True), (self.today.year + 1, False)):
            with self._as(self.trainers[0]):
                plan = TrainingPlan(year=year, **texts)
                self.session.add(plan)
                self.session.flush()
                perform(self.session, plan, "submit")
            if approved:
                with self._as(self.crew.manager):
                    perform(self.session, plan, "approve")
