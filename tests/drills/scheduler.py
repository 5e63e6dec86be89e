"""Schedulers as processes: `python -m tests.drills.scheduler`, told on standard input what to do, a line at a time.

The first line says where database and mail server are. Each further one starts a scheduler, forked from a process that
has everything ready, or takes leave of a dead one. A scheduler sweeps and delivers until it is killed; with a failpoint
it kills itself at that place, one time in `odds`.
"""

import json
import os
import random
import signal
import sys
import time
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
from engine.notices.mail import MailSender, MailSettings
from models.notification import DeliveryChannel


def die_at(place: str, odds: int) -> None:
    chance = random.Random(os.getpid())

    def observe(reached: str) -> None:
        if reached == place and chance.randrange(odds) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    failpoints.observer = observe


def prepare(place: dict[str, str]) -> tuple[Flask, MailSender]:
    # A drill does not wait a minute for a dead process's lease; a round stays well inside it, as in real use.
    lease = float(place["lease"])
    delivering.LEASE, delivering.ROUND = timedelta(seconds=lease), lease / 4
    due.BATCH, claiming.BATCH = 40, 10
    app = create_app(Settings(instance_dir=Path(place["instance"]), database_url=place["database"]))
    mail = MailSettings("127.0.0.1", int(place["smtp"]), "duty@example.org", "https://duty.example.org", "none")
    return app, MailSender(mail)


def work(app: Flask, sender: MailSender) -> None:
    with app.app_context():
        while True:
            try:
                due.sweep(db.session())
                while delivering.deliver_due(db.session(), {DeliveryChannel.EMAIL: sender}, clock.now()):
                    pass
            except OperationalError:
                db.session.rollback()
            time.sleep(0.1)


def main() -> None:
    """Answer the process id of each scheduler that is started."""
    app, sender = prepare(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        order = json.loads(line)
        if order.get("reap"):
            os.waitpid(int(order["reap"]), 0)
            print("reaped", flush=True)  # noqa: T201 the answer on the pipe
            continue
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            if order["failpoint"]:
                die_at(order["failpoint"], int(order["odds"]))
            work(app, sender)
        print(child, flush=True)  # noqa: T201 the answer on the pipe


if __name__ == "__main__":
    main()
