"""One million findings, with the inspections, records and people behind them, written by bulk SQL past the gate.

The factories make a small department first; everything else is counted up from its rows. Texts are put together from
a few dozen phrases in Chinese and in Latin letters; one row in ten thousand holds a rare word of each kind.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Connection, select, text

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.database import db
from engine.gate.bypass import maintenance_write
from engine.search.rebuilding import rebuild
from engine.statistics import renew
from models.qa_inspection import QaFinding
from tests.factories.accounts import account
from tests.factories.organisation import team
from tests.factories.quality import House, drawn, finding, house, inspection_of
from tests.fixtures.rulebook import NOW

MILLION = 1_000_000
TEAMS, PEOPLE, PER_INSPECTION = 20, 10_000, 4
FIRST = 100_000
"""Smaller ids are the factories' own rows."""
YEARS = timedelta(days=3 * 365)
PHRASES = (
    "未致歉", "客户等待超过三分钟", "解答与知识库不符", "未核对订单号", "语气生硬", "没有确认客户已理解", "重复提问",
    "工单备注不完整", "未按流程升级", "承诺回电未回", "退款金额说错", "物流信息未更新", "结束语缺失", "错用话术",
)  # fmt: skip
WORDS = (
    "refund", "order", "warranty", "customer", "callback", "delivery", "invoice", "escalation", "courier", "address",
    "password", "exchange", "voucher", "account", "complaint",
)  # fmt: skip
COMMON_CHINESE, COMMON_LATIN = "退款", "warranty"
RARE_CHINESE, RARE_LATIN, RARE_EVERY = "升降", "chargeback", 10_000

LOGINS = SUPERVISOR, INSPECTOR, MANAGER = "bench.supervisor", "bench.inspector", "bench.manager"
"""Who is signed in when pages are measured."""
_MIDDLE = select(QaFinding.occurred_at, QaFinding.id).order_by(QaFinding.occurred_at.desc()).limit(1)

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Filled:
    """What was written: a team's number, a draft that its inspector may change, and a place amid the list."""

    team: int
    draft: int
    middle: datetime
    middle_id: int
    findings: int


def fill(app: Flask, findings: int = MILLION) -> Filled:
    """Fill an empty database with the schema. The search index is built as an installation builds it."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        with clock.fixed_at(NOW):
            at = house(session)
            drawn(session, at)
            inspection = inspection_of(session, at.agent)
            draft = finding(at, inspection)
            session.add(draft)
        for login, person in ((SUPERVISOR, at.supervisor), (INSPECTOR, inspection.inspector)):
            account(session, person, login=login).totp_secret = "JBSWY3DPEHPK3PXP"
        for number in range(2, TEAMS + 1):
            team(session, at.department, f"{number}组", serves=at.channel)
        session.commit()
        with maintenance_write(session.connection()) as connection:
            _write_all(connection, at, findings)
        session.commit()
        rebuild(session)
        middle = session.execute(_MIDDLE.offset(findings // 2)).one()
        filled = Filled(at.team.id, draft.id, middle.occurred_at, middle.id, findings)
    tidy(app)
    return filled


def tidy(app: Flask) -> None:
    """What PostgreSQL's autovacuum does by itself within minutes, and the scheduler on SQLite within the hour."""
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM (ANALYZE)"))
        else:
            renew(db.engine)


def _write_all(connection: Connection, at: House, findings: int) -> None:
    chance = random.Random(20)
    teams = list(connection.scalars(text("SELECT id FROM team ORDER BY id")))
    people = range(FIRST, FIRST + PEOPLE)
    agents = [(person, teams[person % len(teams)]) for person in people]
    cases = [
        (number, *chance.choice(agents), NOW - YEARS * chance.random())
        for number in range(FIRST, FIRST + findings // PER_INSPECTION)
    ]
    copy = Copying(connection)
    copy.rows("staff", f"id = {at.agent.id}", (
        {"id": person, "number": f"B{person}", "name": f"坐席{person}", "team_id": team_id}
        for person, team_id in agents
    ))  # fmt: skip
    copy.rows("service_record", f"agent_id = {at.agent.id}", (
        {"id": n, "number": f"R{n:09}", "agent_id": agent, "team_id": of, "occurred_at": moment}
        for n, agent, of, moment in cases
    ))  # fmt: skip
    copy.rows("qa_inspection", f"agent_id = {at.agent.id}", (
        {"id": n, "service_record_id": n, "agent_id": agent, "team_id": of, "occurred_at": moment,
         "state": "reviewed", "score": 90}
        for n, agent, of, moment in cases
    ))  # fmt: skip
    copy.fresh("qa_finding", _findings(cases, [item.id for item in at.card.items], at, findings, chance))


def _findings(
    cases: Sequence[Any], items: Sequence[int], at: House, findings: int, chance: random.Random
) -> Iterator[Values]:
    for count in range(findings):
        case, agent, team_id, moment = cases[count % len(cases)]
        yield {
            "id": FIRST + count, "version": 1, "department_id": at.department.id, "created_at": NOW, "updated_at": NOW,
            "created_by_id": None, "inspection_id": case, "item_id": items[count % len(items)], "agent_id": agent,
            "team_id": team_id, "occurred_at": moment, "severity": ("minor", "general", "severe")[count % 3],
            "deduction": 2, "problem": _problem(chance, rare=count % RARE_EVERY == 7), "cause": chance.choice(PHRASES),
            "recurring": count % 7 == 0, "state": ("told", "told", "withdrawn")[count % 3],
        }  # fmt: skip


def _problem(chance: random.Random, *, rare: bool) -> str:
    latin = f"{chance.choice(WORDS)} {chance.choice(WORDS)} #{chance.randrange(10**6)}"
    more = f"{RARE_CHINESE}梯故障，{RARE_LATIN}" if rare else chance.choice(PHRASES)
    return f"{chance.choice(PHRASES)}，{more}（{latin}）"


class Copying:
    """Writes rows at the speed of the database: COPY on PostgreSQL, prepared statements on SQLite."""

    def __init__(self, connection: Connection) -> None:
        self._sqlite = connection.dialect.name == "sqlite"
        self._connection = connection

    def rows(self, table: str, like: str, changes: Iterable[Values]) -> None:
        """Copies of a row that is there, each with some columns of its own."""
        found = self._connection.exec_driver_sql(f"SELECT * FROM {table} WHERE {like} LIMIT 1").mappings().one()
        self.fresh(table, ({**found, **change} for change in changes))

    def fresh(self, table: str, rows: Iterable[Values]) -> None:
        """Whole rows; each names the same columns."""
        rows = iter(rows)
        first = next(rows)
        names = list(first)
        self._write(table, names, ([row[name] for name in names] for row in _chained(first, rows)))

    def _write(self, table: str, names: Sequence[str], rows: Iterable[list[Any]]) -> None:
        cursor: Any = self._connection.connection.cursor()
        if self._sqlite:
            marks = ", ".join("?" for _name in names)
            plain = ([_plain(value) for value in row] for row in rows)
            cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", plain)
            return
        with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _chained(first: Values, rest: Iterator[Values]) -> Iterator[Values]:
    yield first
    yield from rest


def _plain(value: Any) -> Any:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value
