"""Who signed what, what may leave the house, a leak or two, and cases made of real contacts."""

from contextlib import AbstractContextManager
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.people import Crew, as_actor
from engine import clock
from engine.acting import Act, Door, acting
from engine.clearance import clearances, taken
from engine.transitions.performing import perform
from models.breach_incident import BreachIncident, BreachSeverity
from models.confidentiality_ack import AckState, ConfidentialityAck, Undertaking
from models.consent import Consent, Told
from models.data_share_request import DataShareRequest
from models.organisation import Staff
from models.service_record import ServiceRecord
from models.training_case import TrainingCase

UNSIGNED = 5
"""So many people have not signed the newest version; the first of them are late."""
NEWEST_BEFORE = 9
"""So many days ago the newest version took effect: two days more than there are to sign it."""


class ConfidentialityWork:
    """What HR, managers and everybody else do about confidentiality."""

    def __init__(self, session: Session, crew: Crew, today: date) -> None:
        """`today` is the last day of the story."""
        self.session, self.crew, self.today = session, crew, today
        self.hr = crew.others[-1]

    def begin(self) -> None:
        """The first version is published, everybody signs it, and customers are told what is kept of them."""
        with self._as(self.crew.manager):
            perform(self.session, self._versions()[-1], "publish")
            self.session.commit()
        self.sign()
        self._tell_chat_customers()

    def renew(self, day: date) -> None:
        """Nine days before the end a material version takes effect; some have not signed it to this day."""
        if (self.today - day).days != NEWEST_BEFORE:
            return
        first = self._versions()[-1]
        added = ("八、不使用外部人工智能工具处理客户信息。", "8. to use no outside AI tools on customers' data.")
        with self._as(self.hr):
            newest = Undertaking(
                name=first.name,
                text_zh=_before_the_last_line(first.text_zh, added[0]),
                text_en=_before_the_last_line(first.text_en, added[1]),
                main_change="新增第八条：不使用外部人工智能工具处理客户信息。",
                effective_on=day,
            )
            self.session.add(newest)
            self.session.commit()
        with self._as(self.crew.manager):
            perform(self.session, newest, "publish")
            self.session.commit()
        late = self.crew.agents[4::6][:UNSIGNED]
        self.sign({person.id for person in late})

    def sign(self, leave_out: set[int] | None = None) -> None:
        """Everybody who owes a signature gives it, some in English; but for those left out."""
        owed = select(ConfidentialityAck.id).where(ConfidentialityAck.state == AckState.OWED)
        with self._as(self.crew.manager):
            numbers = self.session.scalars(owed.order_by(ConfidentialityAck.id)).all()
        people = {person.id: person for person in self._everybody()}
        for number in numbers:
            with self._as(self.crew.manager):
                ack = self.session.get_one(ConfidentialityAck, number)
            if ack.staff_id in (leave_out or set()):
                continue
            language = "en" if number % 7 == 0 else "zh"
            person = people[ack.staff_id]
            with self._as(person):
                digest = ack.undertaking.digest(language)
                perform(self.session, ack, "sign", signed_name=person.name, language=language, digest=digest)
        self.session.commit()

    def finish(self) -> None:
        """What stands open today."""
        with self._as(self.hr):
            newest = self._versions()[-1]
            draft = Undertaking(
                name=newest.name,
                text_zh=newest.text_zh,
                text_en=newest.text_en,
                main_change="措辞调整。",
                material=False,
                effective_on=self.today + timedelta(days=20),
            )
            self.session.add(draft)
            self.session.commit()
        self._share()
        self._report_breaches()
        self._write_cases()

    def _tell_chat_customers(self) -> None:
        words = {"zh": "受理在线咨询并回访处理结果。", "en": "To handle online questions and follow up on them."}
        need = {"zh": "需核对账号与订单。", "en": "Accounts and orders have to be checked."}
        told = {
            "zh": "进入会话前请阅读《个人信息告知》，勾选“同意”后开始咨询。",
            "en": "Please read the notice on personal data and tick “I agree” before the chat begins.",
        }
        with self._as(self.crew.qa_supervisor):
            made = Consent(
                name={"zh": "在线会话告知", "en": "Notice before a chat"},
                purpose=words,
                necessity=need,
                wording=told,
                way=Told.ON_SCREEN,
                takes_details=True,
                valid_from=clock.day_in("Asia/Shanghai", clock.now()),
                channels=[self.crew.channels["chat"]],
            )
            self.session.add(made)
            self.session.commit()
        with self._as(self.crew.manager):
            perform(self.session, made, "put_in_force")
            self.session.commit()

    def _share(self) -> None:
        """One in use, one waiting, one turned down."""
        supervisor, day = self.crew.qa_supervisor, self.today
        with self._as(supervisor):
            asked = [
                DataShareRequest(recipient=to, purpose=why, contents=what, expires_on=day + timedelta(days=days))
                for to, why, what, days in (
                    ("集团审计部", "年度内控审计抽查质检结果", ["qa_inspection", "qa_finding"], 12),
                    ("产品部", "分析扣分集中的产品问题", ["qa_finding"], 25),
                    ("外部咨询公司", "行业对标", ["qa_inspection", "qa_report"], 30),
                )
            ]
            self.session.add_all(asked)
            self.session.commit()
        with self._as(self.crew.manager):
            perform(self.session, asked[0], "approve", verdict="仅限脱敏后的明细，审计结束即删除。")
            perform(self.session, asked[2], "reject", verdict="对外只提供汇总数据。")
            self.session.commit()
        with self._as(supervisor):
            for clearance in clearances(self.session, "qa_inspection", as_actor(supervisor)):
                taken(self.session, clearance, "qa_inspection", 36)
            self.session.commit()

    def _report_breaches(self) -> None:
        """A slip that is settled, a leak under way, a sale of data that ended in a proposal of dismissal."""
        agents, now = self.crew.agents, clock.now()
        made = []
        for who, about, severity, law, title, text in (
            (
                agents[2],
                agents[9],
                BreachSeverity.MINOR,
                False,
                "纸质记录遗留在打印机",
                "打印的服务记录无人取走，约两小时后发现。",
            ),
            (
                agents[5],
                agents[12],
                BreachSeverity.GENERAL,
                False,
                "后台截图发到微信群",
                "含客户称呼与订单信息的截图被发到班组外的群聊。",
            ),
            (
                agents[7],
                agents[15],
                BreachSeverity.SEVERE,
                True,
                "向外部人员出售客户联系方式",
                "外部举报并提供聊天记录，涉及多名客户。",
            ),
        ):
            with self._as(who):
                incident = BreachIncident(
                    title_text=title,
                    occurred_at=now - timedelta(hours=20),
                    person_id=about.id,
                    severity=severity,
                    breaks_law=law,
                    description=text,
                )
                self.session.add(incident)
                self.session.commit()
            made.append(incident)
        with self._as(self.crew.manager):
            perform(
                self.session, made[0], "close", evidence="打印日志、现场照片", measures="当面提醒，打印机改为刷卡取件。"
            )
            perform(self.session, made[2], "propose_dismissal", dismissal_reason="多次出售客户信息，情节严重。")
            self.session.commit()

    def _write_cases(self) -> None:
        supervisor = self.crew.qa_supervisor
        with self._as(supervisor):
            records = self.session.scalars(
                select(ServiceRecord).where(ServiceRecord.handling.is_not(None)).order_by(ServiceRecord.id).limit(3)
            ).all()
            cases = [
                TrainingCase(
                    name=name,
                    topic_id=record.topic_id,
                    service_record_id=record.id,
                    situation=f"客户提出：{record.question}",
                    handling=record.handling,
                    lesson=lesson,
                )
                for record, (name, lesson) in zip(
                    records,
                    (
                        ("先安抚再解释", "先回应情绪，再说明政策和时限。"),
                        ("一次说清所需材料", "受理时一次告知全部材料，避免客户反复来电。"),
                        ("承诺时间之前先核实", "未查进度前不承诺时间。"),
                    ),
                    strict=False,
                )
            ]
            self.session.add_all(cases)
            self.session.flush()
            for case in cases[:2]:
                perform(self.session, case, "publish")
            self.session.commit()

    def _versions(self) -> list[Undertaking]:
        query = select(Undertaking).where(Undertaking.department_id == self.crew.department.id)
        return list(self.session.scalars(query.order_by(Undertaking.number)))

    def _everybody(self) -> list[Staff]:
        with self._as(self.crew.manager):
            return list(self.session.scalars(select(Staff)))

    def _as(self, person: Staff) -> AbstractContextManager[Act]:
        return acting(as_actor(person), Door.FORM)


def _before_the_last_line(text: str, item: str) -> str:
    """The undertaking with one more item; its last line says what follows from breaking it."""
    items, last = text.rstrip().rsplit("\n", 1)
    return f"{items}\n{item}\n{last}"
