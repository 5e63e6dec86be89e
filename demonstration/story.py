"""Three months in the order in which they happened, the clock set to each day; the last day is today."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration import people
from demonstration.confidentiality import ConfidentialityWork
from demonstration.contacts import Customers, days
from demonstration.exams import ExamWork
from demonstration.hiring import HiringWork
from demonstration.quality import QualityWork
from demonstration.training import TrainingWork
from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.obligations.periods import Every, Period
from engine.packs.adoption import adopt
from engine.packs.loader import load_packs
from engine.sweep import sweep
from models.organisation import Department
from models.policy import PolicyDocument
from models.qa_plan import QaPlan

SEED = 20260101
ENOUGH_TO_APPROVE, ENOUGH_TO_REVEAL = 25, 40
"""How many days ago a report or a calibration has to lie to be finished by today."""
MONTHS = 3
ZONE = ZoneInfo("Asia/Shanghai")
MONDAY, WEDNESDAY, THURSDAY, FRIDAY = 0, 2, 3, 4
Say = Callable[[str], None]


def tell(session: Session, say: Say) -> None:
    """Write the demonstration department into an empty database, in its own transactions. `say` gets a line a step."""
    now = clock.now()
    today = clock.day_in(str(ZONE), now)
    first = Period.containing(Every.MONTH, today)
    for _month in range(MONTHS):
        first = first.previous(Every.MONTH)
    chance = Random(SEED)  # noqa: S311 made-up data has to come out the same each time
    with clock.fixed_at(_at(first.first - timedelta(days=7), 9)):
        crew = _open(session, chance, first.first - timedelta(days=7))
    say(f"{len(crew.everybody)} people in {len(people.TEAMS)} teams")
    life = _Life(session, crew, chance, today)
    with clock.fixed_at(_at(first.first - timedelta(days=7), 10)):
        life.confidentiality.begin()
    with clock.fixed_at(_at(first.first - timedelta(days=6), 9)):
        life.training.found()
    for day in days(first.first, today):
        life.live(day, min(now, _at(day, 23)))
        if day == Period.containing(Every.MONTH, day).last or day == today:
            say(f"{day:%Y-%m}: {life.customers.count} service records so far")
    with clock.fixed_at(now):
        life.finish()


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


def _open(session: Session, chance: Random, day: date) -> people.Crew:
    """The department, its rulebook and its people."""
    with acting(SYSTEM, Door.COMMAND):
        department = Department(name="星河客服中心（演示）", created_at=clock.now())
        session.add(department)
        session.flush()
        for rank, code in enumerate(sorted(load_packs())):
            adopt(session, department, code, rank=rank, valid_from=day)
        session.commit()
        crew = people.gather(session, department, chance, day)
        session.commit()
        people.give_accounts(session, crew)
        session.commit()
    return crew


class _Life:
    """What happens on each day."""

    def __init__(self, session: Session, crew: people.Crew, chance: Random, today: date) -> None:
        with acting(SYSTEM, Door.COMMAND):
            self.customers = Customers(session, crew, chance)
        self.session, self.crew, self.today = session, crew, today
        self.quality = QualityWork(session, crew, chance)
        self.confidentiality = ConfidentialityWork(session, crew, today)
        self.training = TrainingWork(session, crew, today)
        self.drawn: QaPlan | None = None

    def live(self, day: date, evening: datetime) -> None:
        """Customers call, people work, the sweep runs."""
        with clock.fixed_at(evening):
            with acting(SYSTEM, Door.COMMAND):
                self.customers.call(day)
                self.session.commit()
            self._work(day)
            self.confidentiality.renew(day)
            sweep(self.session, "demonstration")

    def _work(self, day: date) -> None:
        recent = (self.today - day).days < 7
        if day.day == 1:
            self.drawn = self.quality.plan(day)
        if day.day == 9 and self.drawn is not None:
            self.quality.draw(self.drawn)
        if day.weekday() == WEDNESDAY:
            self.quality.score(0.6 if recent else 1.0, Period.containing(Every.WEEK, day).name)
        if day.weekday() == THURSDAY:
            self.quality.review(0.5 if recent else 1.0)
        if day.weekday() == FRIDAY:
            self.quality.respond()
        if day.weekday() == MONDAY:
            self.quality.answer_appeals()
        if day.weekday() in {MONDAY, THURSDAY}:
            self.quality.rectify(0.45 if recent else 0.75)
        if day.weekday() in {MONDAY, FRIDAY} and not recent:
            self.quality.talk()
        if day.day == 4:
            self._report(day)

    def _report(self, day: date) -> None:
        about = Period.containing(Every.MONTH, day).previous(Every.MONTH)
        if about.name < self._first_month():
            return
        self.quality.report(about.name, approve=(self.today - day).days > ENOUGH_TO_APPROVE)
        self.quality.close(about.name)
        if (self.today - day).days > ENOUGH_TO_REVEAL:
            self.quality.calibrate(f"{about.name} 校准", timedelta(days=3), reveal=True)

    def _first_month(self) -> str:
        with acting(SYSTEM, Door.COMMAND):
            return min(self.session.scalars(select(QaPlan.month)))

    def finish(self) -> None:
        """What stands open today: a draft plan, a calibration under way, a document to come, people on call."""
        with acting(SYSTEM, Door.COMMAND):
            people.vary(self.session, self.crew)
            people.put_on_call(self.session, self.crew, self.today - timedelta(days=1), 7)
            self.session.commit()
        self.quality.calibrate("本月校准", timedelta(days=4), reveal=False)
        self._document()
        hiring = HiringWork(self.session, self.crew, self.today)
        hiring.tell()
        hiring.report()
        hiring.develop()
        ExamWork(self.session, self.crew, Random(SEED), self.today).tell()  # noqa: S311 see above
        self.confidentiality.finish()
        self.training.tell()
        sweep(self.session, "demonstration")

    def _document(self) -> None:
        with acting(people.as_actor(self.crew.qa_supervisor), Door.FORM):
            self.session.add(
                PolicyDocument(
                    code="QA-STD",
                    name={"zh": "客服质检标准", "en": "QA standard"},
                    edition="2.1",
                    main_change="明确“主动服务”扣分口径；新增直播渠道抽检要求。",
                    changed_by_id=self.crew.qa_supervisor.id,
                    changed_on=self.today,
                    effective_on=self.today + timedelta(days=10),
                )
            )
            self.session.commit()
