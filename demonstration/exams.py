"""A business training with its exam told, one that is being taken and marked today, and a draft: all made up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.people import Crew, as_actor
from engine import clock
from engine.acting import Door, acting
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.course import Course, CourseCategory
from models.exam import Exam
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamSitting, SittingState
from models.organisation import Post, Staff
from models.question import Difficulty, Question, QuestionKind
from models.training_session import Enrolment, EnrolmentReason, TrainingFeedback, TrainingSession
from plugins.exam import save_answer, take_over
from plugins.exam.items import Item
from plugins.exam.papers import items_of
from plugins.exam.results import marks_of, set_mark
from plugins.exam.taking import Given

ZONE = ZoneInfo("Asia/Shanghai")
SINGLE, MULTIPLE, TRUE_FALSE = QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.TRUE_FALSE
FILL_IN, SHORT = QuestionKind.FILL_IN, QuestionKind.SHORT_ANSWER
EASY, MEDIUM, HARD = Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD


class Written(NamedTuple):
    """A question as its author writes it."""

    kind: QuestionKind
    topic: str
    difficulty: Difficulty
    text: str
    options: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    guide: str = ""


BANK = (
    Written(SINGLE, "退换货时限", EASY, "七天无理由退货从哪天起算？", ("下单当日", "签收次日", "付款当日"), ("B",)),
    Written(SINGLE, "退换货时限", EASY, "换货最迟在签收后几天内申请？", ("7天", "15天", "30天"), ("B",)),
    Written(TRUE_FALSE, "退换货时限", EASY, "生鲜商品同样适用七天无理由退货。", (), ("false",)),
    Written(FILL_IN, "退换货时限", MEDIUM, "退款审核通过后，原路退回最长需要___个工作日。", (), ("5|五",)),
    Written(SINGLE, "退换货时限", MEDIUM, "拒收的包裹何时退款？", ("拒收当日", "仓库验收后", "客户来电后"), ("B",)),
    Written(MULTIPLE, "身份核实", MEDIUM, "修改收货地址前必须核实哪些信息？",
            ("订单号", "收货人姓名", "手机号后四位", "支付密码"), ("A", "B", "C")),
    Written(MULTIPLE, "身份核实", MEDIUM, "下列哪些信息任何情况下都不得向客户索取？",
            ("支付密码", "短信验证码", "订单号", "身份证照片"), ("A", "B")),
    Written(SINGLE, "身份核实", EASY, "来电号码与订单号码不一致时应先做什么？",
            ("直接办理", "核实身份", "挂断电话"), ("B",)),
    Written(TRUE_FALSE, "身份核实", EASY, "客户报出完整姓名即可修改收货地址。", (), ("false",)),
    Written(SHORT, "情绪安抚", HARD, "客户因物流延误情绪激动，要求立即全额退款。请写出开场两句话和处理步骤。", (), (),
            "先致歉并复述问题；说明可行方案与时限；不推诿、不承诺超出权限的赔付；约定回访时间。"),
    Written(SHORT, "情绪安抚", HARD, "客户威胁要在社交平台曝光。请说明你会怎么回应、何时升级给班组长。", (), (),
            "保持冷静，不激化；确认诉求；十分钟内升级；记录要点。"),
    Written(SINGLE, "情绪安抚", MEDIUM, "客户打断你三次以上时最合适的做法是？",
            ("继续说完", "停下倾听并复述要点", "转接他人"), ("B",)),
)  # fmt: skip
ANSWERS = (
    "非常抱歉让您久等了，我已看到您的订单。我先为您催促物流并在两小时内回电，如仍未更新即为您办理退款。",
    "您好，请耐心等待，物流我们也没办法。",
    "抱歉给您带来不便！我马上核实物流，今天18点前给您答复，您看可以吗？",
)
RULE = (("退换货时限", EASY, 2), ("退换货时限", MEDIUM, 1), ("身份核实", MEDIUM, 1), ("身份核实", EASY, 1),
        ("情绪安抚", MEDIUM, 1), ("情绪安抚", HARD, 1))  # fmt: skip


class ExamWork:
    """What trainers and agents do about exams, in their own names, through the doors that they use."""

    def __init__(self, session: Session, crew: Crew, chance: Random, today: date) -> None:
        """`chance` is seeded, so that the same answers come out each time."""
        self.session, self.crew, self.chance, self.today = session, crew, chance, today
        self.trainer = next(person for person in crew.others if person.post is Post.TRAINER)
        self.people = [agent for agent in crew.agents if agent.team_id == crew.agents[0].team_id]

    def tell(self) -> None:
        """The rules for returns, trained and examined last week; the tone in chats, examined today; a draft."""
        returns = self._course("return_rules", "退换货新规", "New rules for returns", days=-12)
        self._told(returns)
        tone = self._course("chat_tone", "在线会话用语规范", "Tone in chats", days=-3)
        self._under_way(tone)
        with self._as(self.trainer, self._at(-1, 17)):
            draft = self._exam(returns, None, "E-003", "退换货新规·季度抽考", 5, 6)
            draft.rules = []
            self.session.commit()

    def _at(self, days: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(self.today + timedelta(days=days), time(hour, minute), ZONE).astimezone(UTC)

    @contextmanager
    def _as(self, person: Staff, moment: datetime) -> Iterator[None]:
        with clock.fixed_at(moment), acting(as_actor(person), Door.FORM):
            yield

    def _course(self, code: str, name: str, in_english: str, *, days: int) -> Course:
        """A course for the team's channels, with its bank."""
        team_channels = self.crew.served[self.people[0].team_id or 0]
        with self._as(self.trainer, self._at(days, 9)):
            course = Course(
                department_id=self.crew.department.id,
                code=code,
                name={"zh": name, "en": in_english},
                category=CourseCategory.NEW_PRODUCT_OR_POLICY,
                hours=Decimal(2),
                needs_exam=True,
                channels=team_channels[:1],
            )
            self.session.add(course)
            self.session.flush()
            self.session.add_all(self._question(course, number, each) for number, each in enumerate(BANK, start=1))
            self.session.commit()
        return course

    def _question(self, course: Course, number: int, written: Written) -> Question:
        return Question(
            department_id=course.department_id,
            course_id=course.id,
            number=f"{course.code.upper()}-{number:02}",
            kind=written.kind,
            category=written.topic,
            difficulty=written.difficulty,
            text=written.text,
            options=list(written.options),
            key=list(written.key),
            guide=written.guide or None,
            points=Decimal(20 if written.kind is SHORT else 10),
        )

    def _session(self, course: Course, days: int, people: Sequence[Staff]) -> TrainingSession:
        """A business training, held and attended."""
        with self._as(self.trainer, self._at(days - 2, 9)):
            training = TrainingSession(
                department_id=course.department_id,
                course_id=course.id,
                starts_at=self._at(days, 10),
                ends_at=self._at(days, 12),
                trainer_id=self.trainer.id,
                place="三楼培训室",
                is_business_training=True,
            )
            self.session.add(training)
            self.session.flush()
            self.session.add_all(
                Enrolment(
                    department_id=course.department_id,
                    course_id=course.id,
                    session_id=training.id,
                    staff_id=person.id,
                    reason=EnrolmentReason.ASSIGNED,
                )
                for person in people
            )
            self.session.commit()
        with self._as(self.trainer, self._at(days, 12)):
            perform(self.session, training, "hold")
            for enrolment in self.session.scalars(select(Enrolment).where(Enrolment.session_id == training.id)).all():
                perform(self.session, enrolment, "attend")
            self.session.commit()
        return training

    def _exam(self, course: Course, training: TrainingSession | None, number: str, name: str, *days: int) -> Exam:
        exam = Exam(
            department_id=course.department_id,
            number=number,
            name=name,
            course_id=course.id,
            session_id=training.id if training else None,
            trainer_id=self.trainer.id,
            opens_at=self._at(days[0], 9),
            closes_at=self._at(days[1], 21),
            minutes=30,
            rules=[{"category": topic, "difficulty": level.value, "count": count} for topic, level, count in RULE],
        )
        self.session.add(exam)
        self.session.flush()
        return exam

    def _told(self, course: Course) -> None:
        people = self.people[:8]
        training = self._session(course, -9, people)
        with self._as(self.trainer, self._at(-8, 8)):
            exam = self._exam(course, training, "E-001", "退换货新规考试", -8, -8)
            perform(self.session, exam, "publish")
            self.session.commit()
        for place, person in enumerate(people[:7]):
            self._take(exam, person, 1, self._at(-8, 10, place), 0.98 - place * 0.09)
        with clock.fixed_at(self._at(-7, 9)):
            sweep(self.session, "demonstration")
        with self._as(self.trainer, self._at(-6, 10)):
            self._mark(exam, 1.0)
            perform(self.session, exam, "tell")
            perform(self.session, training, "close", summary="新规要点、核实话术与情绪安抚演练。")
            self.session.commit()
        self._answer_questionnaires(training)
        self._resit(exam)

    def _answer_questionnaires(self, training: TrainingSession) -> None:
        """All but one of those who came say what they thought of it."""
        asked = select(TrainingFeedback).where(TrainingFeedback.session_id == training.id)
        for place, each in enumerate(self.session.scalars(asked.order_by(TrainingFeedback.id)).all()[:-1]):
            with self._as(self.session.get_one(Staff, each.staff_id), self._at(-5, 9, place)):
                perform(self.session, each, "answer", content=4 + place % 2, teaching=5, usefulness=4)
                self.session.commit()

    def _resit(self, exam: Exam) -> None:
        """The first of those who failed has taken the resit and passed."""
        failed = self.session.scalars(
            select(ExamSitting).where(ExamSitting.exam_id == exam.id, ExamSitting.attempt > 1).order_by(ExamSitting.id)
        ).first()
        if failed is None:
            return
        self._take(exam, self.session.get_one(Staff, failed.staff_id), 2, self._at(-3, 15), 1.0)
        with self._as(self.trainer, self._at(-2, 10)):
            self._mark(exam, 1.0)
            done = select(ExamResult).where(ExamResult.exam_id == exam.id, ExamResult.state == ResultState.RECORDED)
            for result in self.session.scalars(done).all():
                perform(self.session, result, "tell")
            self.session.commit()

    def _under_way(self, course: Course) -> None:
        people = self.people[:7]
        training = self._session(course, -1, people)
        with self._as(self.trainer, self._at(-1, 13)):
            exam = self._exam(course, training, "E-002", "在线会话用语考试", -1, 2)
            perform(self.session, exam, "publish")
            arranged = self._sitting(exam, people[-1], 1)
            perform(self.session, arranged, "arrange", extra_minutes=15, arrangement="右手受伤，输入较慢。")
            self.session.commit()
        for place, person in enumerate(people[1:4]):
            self._take(exam, person, 1, self._at(-1, 15, place), 0.95 - place * 0.1)
        with self._as(self.trainer, self._at(-1, 17)):
            self._mark(exam, 0.3)
            self.session.commit()

    def _sitting(self, exam: Exam, person: Staff, attempt: int) -> ExamSitting:
        wanted = select(ExamSitting).where(
            ExamSitting.exam_id == exam.id, ExamSitting.staff_id == person.id, ExamSitting.attempt == attempt
        )
        return self.session.scalars(wanted).one()

    def _take(self, exam: Exam, person: Staff, attempt: int, moment: datetime, skill: float) -> None:
        """Somebody answers as well as they can, and hands in."""
        with self._as(person, moment):
            sitting = self._sitting(exam, person, attempt)
            if sitting.state is not SittingState.ASSIGNED:
                return
            perform(self.session, sitting, "begin")
            take_over(self.session, sitting, "demonstration")
            for item in items_of(self.session, exam.id, attempt):
                given = Given(item.number, self._answer(item, skill), 1, "demonstration")
                save_answer(self.session, sitting, given)
            self.session.commit()
        with self._as(person, moment + timedelta(minutes=18)):
            perform(self.session, sitting, "hand_in")
            self.session.commit()

    def _answer(self, item: Item, skill: float) -> list[str]:
        knows = self.chance.random() < skill
        if item.kind is SHORT:
            return [ANSWERS[0 if knows else 1] if self.chance.random() < skill else ANSWERS[2]]
        if knows:
            return [each.split("|")[0] for each in item.key]
        wrong: dict[QuestionKind, Any] = {TRUE_FALSE: "true", FILL_IN: "7"}
        return [wrong.get(item.kind, "A")]

    def _mark(self, exam: Exam, share: float) -> None:
        """Read the short answers of some sittings."""
        waiting = select(ExamResult).where(ExamResult.exam_id == exam.id, ExamResult.state == ResultState.TO_MARK)
        results = self.session.scalars(waiting.order_by(ExamResult.id)).all()
        for result in results[: round(len(results) * share)]:
            for mark in marks_of(self.session, result):
                if mark.points is None:
                    good = mark.answer and mark.answer[0] != ANSWERS[1]
                    set_mark(result, mark.item.number, Decimal(18 if good else 6), "" if good else "先致歉，再给时限。")
            self.session.flush()
            perform(self.session, result, "finish_marking")
