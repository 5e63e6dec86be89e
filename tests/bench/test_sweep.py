"""The sweep: what it costs when nothing is due, and how long a hundred thousand due at once take, with pages open."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Door, acting
from engine.database import db
from engine.statistics import renew
from engine.sweep import sweep
from models.obligation import Reminder, ReminderState
from models.organisation import Staff
from tests.bench.contending import Contender, contending, heading, line
from tests.bench.filling import MANAGER, tidy
from tests.bench.timing import timed
from tests.drills.occurrences import Crowd, crowd, write
from tests.factories.accounts import account

pytestmark = pytest.mark.bench
FEW, PENDING, DUE, LOT = 1_000, 1_000_000, 100_000, 50_000
PAGES = ("/ledger/", "/notices/", "/staff/")


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The real time: pages are opened by another process."""
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        yield db.session()


@pytest.fixture
def people(session: Session) -> Crowd:
    made = crowd(session, group=False)
    account(session, session.get_one(Staff, made.manager), login=MANAGER).totp_secret = "JBSWY3DPEHPK3PXP"
    session.commit()
    return made


def pending(session: Session, of: Crowd, count: int, moment: datetime) -> int:
    """So many duties for that moment; the number of the first."""
    firsts = []
    for start in range(0, count, LOT):
        owners = [of.owners[number % len(of.owners)] for number in range(min(LOT, count - start))]
        firsts.append(write(session, of, owners, moment))
    renew(db.engine)
    return firsts[0]


def test_sweep_of_a_hundred_thousand_among_a_million(
    app: Flask, session: Session, people: Crowd, database_kind: str, database_url: str
) -> None:
    later = clock.now() + timedelta(days=30)
    pending(session, people, FEW, later)
    sweep(session)
    few = timed(lambda: sweep(session))
    pending(session, people, PENDING - FEW, later)
    tidy(app)
    many = timed(lambda: sweep(session))
    heading(f"{database_kind}, sweep", "")
    line("nothing due, 1,000,000 pending against 1,000", f"{many / few:.2f}", "1.3", f"{many * 1000:.1f} ms")
    pending(session, people, DUE, clock.now() - timedelta(minutes=1))
    with contending("ours", app.config["DUTYBOOK"].instance_dir, database_url) as product, opening(product) as waits:
        begin = time.perf_counter()
        while sweep(session).total:
            pass
        seconds = time.perf_counter() - begin
    sent = select(func.count()).select_from(Reminder).where(Reminder.state == ReminderState.SENT)
    assert session.scalar(sent) == DUE
    line("100,000 due at once, with a reminder each", "", "60 s", f"{seconds:.1f} s")
    line("slowest page meanwhile", "", "1 s", f"{max(waits):.2f} s of {len(waits)} pages")


@contextmanager
def opening(product: Contender) -> Iterator[list[float]]:
    """Somebody opens one page after the other; how many seconds each took."""
    waits: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            waits.extend([product(get=page, login=MANAGER)["seconds"] for page in PAGES])
            over.wait(0.2)

    for page in PAGES:
        product(get=page, login=MANAGER)
    reader = threading.Thread(target=look)
    reader.start()
    try:
        yield waits
    finally:
        over.set()
        reader.join()
