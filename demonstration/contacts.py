"""What customers brought up in three months: busier on Mondays and after holidays, quieter at night."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.people import Crew
from engine import clock
from models.organisation import Channel, Staff
from models.service_record import RecordState, ServiceRecord, Topic

ZONE = ZoneInfo("Asia/Shanghai")
QUESTIONS = {
    "product_use": (
        "套餐里的流量怎么查询？",
        "会员权益为什么没有到账？",
        "怎样修改收货地址？",
        "开机后一直停在启动页面，怎么处理？",
    ),
    "account": ("手机号换了，怎么登录原来的账号？", "账号提示异常登录，被锁定了。", "实名信息填错了，可以更正吗？"),
    "technical_fault": ("支付时一直提示网络错误。", "更新之后应用闪退。", "上传图片失败，换了网络也不行。"),
    "complaint": (
        "上次说好三天回复，到现在没有人联系我。",
        "配送员态度很差，要求道歉。",
        "重复扣费两次，要求退款并说明原因。",
    ),
    "after_sales": ("耳机一边没有声音，想换货。", "退款已经七天了，还没有到账。", "维修进度在哪里查？"),
    "suggestion": ("希望订单列表可以按时间筛选。", "建议客服电话增加按键返回。"),
}
HANDLING = (
    "核对账户信息后为客户重新下发权益。",
    "指导客户清除缓存并重新登录。",
    "记录现象并提交技术处理，告知预计时间。",
    "向客户致歉，核实后提交退款申请。",
    "按流程登记，转相关部门跟进。",
)
RESULTS = ("问题已解决，客户确认。", "权益已到账。", "已恢复正常使用。", "退款已提交，预计三个工作日到账。")
FEEDBACK = {
    5: "非常满意，解决很快。",
    4: "满意。",
    3: "一般，等待时间有点长。",
    2: "不太满意，解释不清楚。",
    1: "不满意，问题没有解决。",
}
HOURS = (9, 9, 10, 10, 10, 11, 11, 13, 14, 14, 15, 15, 16, 17, 18, 19, 19, 20, 20, 21, 22)


class Customers:
    """Writes contacts through the gate, day by day."""

    def __init__(self, session: Session, crew: Crew, chance: Random) -> None:
        """`chance` is seeded, so that the same contacts come out each time."""
        self.session, self.crew, self.chance = session, crew, chance
        self.topics = session.scalars(select(Topic).where(Topic.department_id == crew.department.id)).all()
        self.skill = {agent.id: chance.gauss(0, 0.5) for agent in crew.agents}
        self.count = 0

    def call(self, day: date) -> int:
        """Write one day's contacts; how many there were."""
        agents = [agent for agent in self.crew.agents if (agent.id + day.toordinal()) % 7 not in {5, 6}]
        busy = 1.5 if day.weekday() == 0 else 1.0
        now = clock.now()
        rows = [row for agent in agents for row in self._of(agent, day, busy) if row.occurred_at <= now]
        self.session.add_all(rows)
        self.session.flush()
        return len(rows)

    def _of(self, agent: Staff, day: date, busy: float) -> Iterator[ServiceRecord]:
        channels = self.crew.served[agent.team_id or 0]
        for _contact in range(max(0, round(self.chance.gauss(2.2 * busy, 0.9)))):
            yield self._contact(agent, self.chance.choice(channels), day)

    def _contact(self, agent: Staff, channel: Channel, day: date) -> ServiceRecord:
        chance, self.count = self.chance, self.count + 1
        topic = chance.choice(self.topics)
        moment = datetime.combine(
            day, time(chance.choice(HOURS), chance.randrange(60), chance.randrange(60)), ZONE
        ).astimezone(UTC)
        number = f"{channel.code[0].upper()}{day:%y%m%d}{self.count:05}"
        record = ServiceRecord(
            department_id=self.crew.department.id,
            number=number,
            channel=channel,
            topic=topic,
            agent_id=agent.id,
            team_id=agent.team_id,
            occurred_at=moment,
            customer_name=f"客户{self.count:05}",
            customer_contact=f"1980{self.count:07}",
            question=chance.choice(QUESTIONS.get(topic.code, QUESTIONS["product_use"])),
            answer_seconds=max(1, int(chance.gauss(22, 12))),
        )
        self._finish(record, agent)
        return record

    def _finish(self, record: ServiceRecord, agent: Staff) -> None:
        """Most are solved and rated; some are not solved; a few nobody answered."""
        chance = self.chance
        if chance.random() < 0.05:
            record.answered, record.resolved, record.state, record.answer_seconds = (
                False,
                False,
                RecordState.UNSOLVED,
                None,
            )
            return
        record.talk_seconds = max(20, int(chance.gauss(240, 110)))
        record.handling = chance.choice(HANDLING)
        if chance.random() < 0.1:
            record.resolved, record.state = False, RecordState.UNSOLVED
            return
        record.resolved, record.result, record.state = True, chance.choice(RESULTS), RecordState.SOLVED
        if chance.random() < 0.7:
            rating = min(5, max(3, round(4.2 + self.skill.get(agent.id, 0) + chance.gauss(0, 0.7))))
            record.satisfaction, record.feedback, record.state = rating, FEEDBACK[rating], RecordState.EVALUATED


def days(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
