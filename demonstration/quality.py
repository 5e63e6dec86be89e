"""What inspectors, agents and the QA supervisor do month by month, each in their own name."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.people import Crew, as_actor
from engine import clock
from engine.acting import SYSTEM, Actor, Door, acting
from engine.obligations.periods import Every, Period
from engine.transitions.performing import perform
from models.calibration import Calibration, CalibrationScore, ScoreState
from models.organisation import Staff
from models.qa_appeal import AppealState, QaAppeal
from models.qa_inspection import FindingState, InspectionState, QaBatch, QaFinding, QaInspection, Severity
from models.qa_plan import QaPlan
from models.qa_report import QaReport
from models.qa_talk import QaTalk, TalkState
from models.rectification import ManagementMeasure, MeasureState, RectificationTask, TaskState
from models.scorecard import Scorecard, ScorecardItem, ScorecardState

PROBLEMS = {
    "service_attitude": ("未使用规范结束语", "客户陈述时多次打断", "语气生硬，未表达歉意"),
    "professional_knowledge": ("套餐规则解释错误", "不了解本月更新的退换政策"),
    "communication": ("表述含糊，客户两次追问", "专业术语过多，未作解释"),
    "problem_solving": ("未确认问题是否解决即结束通话", "承诺回电未登记跟进", "未提示预防措施"),
    "work_norms": ("服务记录缺少处理过程", "未按流程转派工单", "来电原因分类错误"),
}
CAUSES = ("业务不熟练", "流程不清", "情绪波动", "系统操作不熟", "话务繁忙")
POINTS = {Severity.MINOR: (1, 2, 3), Severity.GENERAL: (4, 5, 6), Severity.SEVERE: (7, 8)}


class QualityWork:
    """The department's QA, driven by a seeded chance."""

    def __init__(self, session: Session, crew: Crew, chance: Random) -> None:
        """The clock is set by the caller."""
        self.session, self.crew, self.chance = session, crew, chance
        self.people = {person.id: person for person in crew.everybody}
        # Some work more carefully than others, and hardly anybody changes much from month to month.
        self.care = {agent.id: chance.choice((0.25, 0.5, 0.5, 1.0, 1.0, 1.0, 1.6, 2.4)) for agent in crew.agents}

    @contextmanager
    def _as(self, person: Staff) -> Iterator[Actor]:
        with acting(as_actor(person), Door.FORM) as act:
            yield act.actor
            self.session.commit()

    def _all(self, query: object) -> list[object]:
        with acting(SYSTEM, Door.COMMAND):
            return list(self.session.scalars(query))  # type: ignore[call-overload]  # a select of any entity

    def plan(self, day: date) -> QaPlan:
        """The month's plan, published by the QA supervisor."""
        month = Period.containing(Every.MONTH, day)
        with self._as(self.crew.qa_supervisor):
            card = self.session.scalars(select(Scorecard).where(Scorecard.state == ScorecardState.IN_USE)).one()
            plan = QaPlan(
                month=month.name,
                scope="全部渠道、全部坐席；重点关注投诉类与售后类记录。",
                method="系统随机抽样，按坐席与渠道分层。",
                records_from=month.first,
                records_until=month.last,
                scorecard_id=card.id,
                per_agent=3,
            )
            self.session.add(plan)
            self.session.flush()
            perform(self.session, plan, "publish")
        return plan

    def close(self, month: str) -> None:
        """The month is over and reported on: its plan is closed."""
        with self._as(self.crew.qa_supervisor):
            plan = self.session.scalars(select(QaPlan).where(QaPlan.month == month)).one()
            perform(self.session, plan, "close")

    def draw(self, plan: QaPlan, again: str | None = None) -> None:
        """Draw from what the month has so far."""
        with self._as(self.crew.qa_supervisor):
            perform(self.session, plan, "draw", reason=again)

    def score(self, share: float, week: str) -> None:
        """Inspectors score a share of what is theirs this week, and hand it in."""
        for inspector in self.crew.inspectors:
            with self._as(inspector):
                query = (
                    select(QaInspection)
                    .join(QaBatch, QaBatch.id == QaInspection.batch_id)
                    .where(
                        QaInspection.inspector_id == inspector.id,
                        QaInspection.state == InspectionState.ASSIGNED,
                        QaBatch.week <= week,
                    )
                )
                mine = self.session.scalars(query.order_by(QaInspection.id)).all()
                for inspection in mine[: round(len(mine) * share)]:
                    self._look_at(inspection)
                    perform(self.session, inspection, "hand_in")

    def _look_at(self, inspection: QaInspection) -> None:
        chance, items = self.chance, inspection.scorecard.items
        likely = self.care.get(inspection.agent_id, 1.0)
        # The first items go wrong most often, so that a report has something to say.
        favourites = [1 / (1 + position % 7) for position in range(len(items))]
        for _problem in range(chance.choices((0, 1, 2, 3), (50 / likely, 40, 22 * likely, 9 * likely))[0]):
            item: ScorecardItem = chance.choices(items, favourites)[0]
            severity = chance.choices(tuple(POINTS), (68, 26, 6))[0]
            self.session.add(
                QaFinding(
                    department_id=inspection.department_id,
                    inspection=inspection,
                    item_id=item.id,
                    agent_id=inspection.agent_id,
                    team_id=inspection.team_id,
                    occurred_at=inspection.occurred_at,
                    severity=severity,
                    deduction=Decimal(chance.choice(POINTS[severity])),
                    problem=chance.choice(PROBLEMS[item.category]),
                    cause=chance.choice(CAUSES),
                )
            )
        self.session.flush()

    def review(self, share: float = 1.0) -> None:
        """The QA supervisor reviews what was handed in; one now and then is sent back."""
        with self._as(self.crew.qa_supervisor):
            waiting = self.session.scalars(
                select(QaInspection).where(QaInspection.state == InspectionState.HANDED_IN).order_by(QaInspection.id)
            ).all()
            for inspection in waiting[: round(len(waiting) * share)]:
                if self.chance.random() < 0.03:
                    perform(self.session, inspection, "send_back", reason="扣分依据不足，请补充证据。")
                else:
                    perform(self.session, inspection, "review")

    def respond(self) -> None:
        """Agents confirm their results; some question them."""
        told = self._all(select(QaInspection).where(QaInspection.state == InspectionState.REVIEWED))
        for inspection in told:
            assert isinstance(inspection, QaInspection)
            with self._as(self.people[inspection.agent_id]):
                if inspection.findings and self.chance.random() < 0.06:
                    self.session.add(
                        QaAppeal(inspection_id=inspection.id, grounds="录音显示已告知客户处理时限，请复核该项扣分。")
                    )
                elif self.chance.random() < 0.75:
                    perform(self.session, inspection, "acknowledge")

    def answer_appeals(self) -> None:
        """The QA supervisor answers; about every second appeal is right."""
        for appeal in self._all(select(QaAppeal).where(QaAppeal.state == AppealState.FILED)):
            assert isinstance(appeal, QaAppeal)
            with self._as(self.crew.qa_supervisor):
                standing = [f for f in appeal.inspection.findings if f.state is FindingState.TOLD]
                if standing and self.chance.random() < 0.5:
                    perform(
                        self.session,
                        appeal,
                        "accept",
                        answer="复听录音属实，撤销该项扣分。",
                        revised={str(standing[0].id): "0"},
                    )
                else:
                    perform(self.session, appeal, "reject", answer="复核后维持原结果，扣分依据充分。")

    def rectify(self, share: float) -> None:
        """Agents complete a share of their tasks; inspectors verify or reject; owed talks are held."""
        for task in self._all(select(RectificationTask).where(RectificationTask.state == TaskState.OPEN)):
            assert isinstance(task, RectificationTask)
            if self.chance.random() < share:
                with self._as(self.people[task.agent_id]):
                    perform(
                        self.session,
                        task,
                        "complete",
                        measures="已重听录音并学习规范话术，连续三天自查，未再出现同类问题。",
                    )
        for task in self._all(select(RectificationTask).where(RectificationTask.state == TaskState.COMPLETED)):
            assert isinstance(task, RectificationTask)
            if self.chance.random() < share:
                with self._as(self.people[task.inspector_id]):
                    passed = self.chance.random() < 0.88
                    perform(
                        self.session,
                        task,
                        "verify" if passed else "reject",
                        verdict="抽查三条录音，已改正。" if passed else "抽查发现同类问题仍存在。",
                    )

    def talk(self) -> None:
        """The QA supervisor holds the talks that are owed and decides on measures."""
        with self._as(self.crew.qa_supervisor):
            for talk in self.session.scalars(select(QaTalk).where(QaTalk.state == TalkState.PLANNED)).all():
                perform(self.session, talk, "hold", outcome="分析问题原因，约定改进措施与复查时间。")
            for measure in self.session.scalars(
                select(ManagementMeasure).where(ManagementMeasure.state == MeasureState.OWED)
            ).all()[1:]:
                perform(self.session, measure, "decide", measure="安排两天跟班学习，由班组长每日复听录音。")

    def report(self, month: str, *, approve: bool) -> None:
        """The month's report goes to the department manager."""
        with self._as(self.crew.qa_supervisor):
            report = QaReport(
                month=month,
                causes="业务更新传达不及时，部分坐席对退换政策掌握不牢；高峰时段话务繁忙。",
                measures="组织退换政策专题培训；高峰时段增加机动班；每周复听两条典型录音。",
            )
            self.session.add(report)
            # Drawn up first and submitted later: two editions in that order.
            self.session.commit()
            perform(self.session, report, "submit")
        if approve:
            with self._as(self.crew.manager):
                perform(self.session, report, "approve")

    def calibrate(self, name: str, due_in: timedelta, *, reveal: bool) -> None:
        """Inspectors score one record blind."""
        with self._as(self.crew.qa_supervisor):
            inspection = self.session.scalars(select(QaInspection).order_by(QaInspection.id).limit(1)).one()
            calibration = Calibration(
                name=name,
                service_record_id=inspection.service_record_id,
                scorecard_id=inspection.scorecard_id,
                due_at=clock.now() + due_in,
            )
            self.session.add(calibration)
            self.session.flush()
            perform(self.session, calibration, "open")
        if reveal:
            self._hand_in_blind(calibration)
            with self._as(self.crew.qa_supervisor):
                perform(
                    self.session, calibration, "reveal", conclusion="对“引导能力”一项的尺度不一致，按示例录音统一标准。"
                )

    def _hand_in_blind(self, calibration: Calibration) -> None:
        with acting(SYSTEM, Door.COMMAND):
            items = calibration.scorecard.items
        for score in self._all(select(CalibrationScore).where(CalibrationScore.state == ScoreState.OWED)):
            assert isinstance(score, CalibrationScore)
            with self._as(self.people[score.inspector_id]):
                score.findings = [
                    {"item_id": items[9].id, "severity": "minor", "deduction": str(self.chance.choice((1, 2, 3)))}
                ]
                self.session.flush()
                perform(self.session, score, "hand_in")
