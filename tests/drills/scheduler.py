"""Schedulers as processes: `python -m tests.drills.scheduler`, told on standard input what to do, a line at a time.

The first line says where the database is. Each further one starts a scheduler, forked from a process that has
everything ready, or waits for a dead one. A scheduler sweeps and delivers until it is killed. At its failpoint it kills
or stops itself, one time in `odds`. In a file of its own it notes the last place that it passed, so that whoever killed
it knows what it was at; in another, each message that it marked after its lease had run out.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import OperationalError

from app import create_app
from engine import clock, failpoints
from engine import sweep as due
from engine.config import Settings
from engine.database import db
from engine.notices import claiming, delivering
from engine.notices.groups import GroupSender
from engine.notices.mail import MailSender, MailSettings
from engine.notices.sending import Sender
from models.notification import DeliveryChannel


@dataclass(frozen=True)
class Order:
    """How one scheduler is to work, and how it is to end."""

    smtp: int
    http: str = ""
    failpoint: str = ""
    odds: int = 1
    deed: str = "SIGKILL"
    lease: float = 4.0
    batch: int = 40
    crumbs: str = "."


def observer(order: Order) -> Callable[[str], None]:
    """Leave a crumb at each place, and meet the failpoint."""
    chance, once, claimed = random.Random(os.getpid()), iter([True]), [time.monotonic()]
    path = Path(order.crumbs, str(os.getpid()))
    crumb = os.open(path, os.O_WRONLY | os.O_CREAT)

    def observe(reached: str) -> None:
        os.pwrite(crumb, reached.ljust(20).encode(), 0)
        if reached == "after claim":
            claimed[0] = time.monotonic()
        elif reached == "before marking" and time.monotonic() - claimed[0] > order.lease:
            # On a busy machine the lease ran out in the middle: another may rightly have sent it as well.
            with path.with_suffix(".late").open("a", encoding="ascii") as late:
                late.write("x")
        if reached == order.failpoint and chance.randrange(order.odds) == 0 and next(once, False):
            os.kill(os.getpid(), getattr(signal, order.deed))

    return observe


def senders(order: Order) -> dict[DeliveryChannel, Sender]:
    mail = MailSettings("127.0.0.1", order.smtp, "duty@example.org", "https://duty.example.org", "none")
    found: dict[DeliveryChannel, Sender] = {DeliveryChannel.EMAIL: MailSender(mail)}
    return found | ({DeliveryChannel.GROUP: GroupSender(order.http)} if order.http else {})


def work(app: Flask, order: Order) -> None:
    # A drill does not wait a minute for a dead process's lease; a round stays well inside it, as in real use.
    delivering.LEASE, delivering.ROUND = timedelta(seconds=order.lease), order.lease / 4
    due.BATCH, claiming.BATCH = order.batch, max(order.batch // 4, 1)
    failpoints.observer = observer(order)
    by = senders(order)
    with app.app_context():
        while True:
            try:
                due.sweep(db.session())
                while delivering.deliver_due(db.session(), by, clock.now()):
                    pass
            except OperationalError:
                db.session.rollback()
            time.sleep(0.1)


def main() -> None:
    """Answer the process id of each scheduler that is started."""
    place = json.loads(sys.stdin.readline())
    app = create_app(Settings(instance_dir=Path(place["instance"]), database_url=place["database"]))
    print("ready", flush=True)  # noqa: T201 the answer on the pipe
    for line in sys.stdin:
        order = json.loads(line)
        if "reap" in order:
            os.waitpid(order["reap"], 0)
            print("reaped", flush=True)  # noqa: T201 the answer on the pipe
            continue
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            work(app, Order(**order))
        print(child, flush=True)  # noqa: T201 the answer on the pipe


if __name__ == "__main__":
    main()
