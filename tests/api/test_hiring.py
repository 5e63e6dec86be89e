"""A hire by a program: its invitation reaches the person by mail, and nobody else."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.accounts import one_time
from engine.acting import SYSTEM, Door, acting
from engine.jobs.claiming import claim
from engine.jobs.running import work_on
from engine.notices.pausing import pause_sending, release_sending
from engine.transitions.performing import perform
from models.accounts import Account, AccountState, OneTimeSecret
from models.audit import AuditEntry
from models.candidate import Stage
from models.job import Job, JobState, Lane
from models.notification import PauseReason
from tests.factories.hiring import FIRST_DAY, Hiring, brought_to, hiring
from tests.factories.programs import program
from tests.factories.quality import by
from tests.fixtures.mail import Mailbox
from tests.fixtures.rulebook import NOW

pytestmark = pytest.mark.sqlite


@pytest.fixture(autouse=True)
def _still() -> Iterator[None]:
    with clock.fixed_at(NOW):
        yield


@pytest.fixture
def at(session: Session) -> Hiring:
    return hiring(session)


@pytest.fixture
def _mails(app: Flask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    server = {
        "smtp_host": mailbox.host,
        "smtp_port": mailbox.port,
        "smtp_security": "none",
        "mail_from": "duty@example.org",
    }
    monkeypatch.setitem(app.config, "DUTYBOOK", app.config["DUTYBOOK"].model_copy(update=server))


def hire(session: Session, app: Flask, at: Hiring) -> tuple[Account, str]:
    """The account that a program of HR made, and everything that was answered."""
    made = brought_to(session, at, Stage.DECISION)
    with by(at.hr):
        perform(session, made, "propose", offered_pay="7000", starts_on=FIRST_DAY)
    with by(at.manager):
        perform(session, made, "approve")
    session.commit()
    number = made.id
    session.refresh(at.hr)
    session.expunge_all()
    session.rollback()
    answer = program(app, at.hr).post(f"/candidate/{number}/hire", {"number": "S9001", "login": "s9001"})
    assert answer.status_code == 200, answer.text
    return session.scalars(select(Account).where(Account.login == "s9001")).one(), answer.text


def work(session: Session) -> Job:
    """What became of the work that waits."""
    with acting(SYSTEM, Door.SCHEDULER):
        claimed = claim(session, [Lane.QUICK], clock.now())
        session.commit()
        assert claimed is not None
        work_on(session, claimed, lambda: True)
    return session.get_one(Job, claimed.id, populate_existing=True)


@pytest.mark.usefixtures("_mails")
@pytest.mark.clause("HIRE-4", "ORG-6")
def test_invitation_is_mailed_to_the_person_alone(session: Session, app: Flask, at: Hiring, mailbox: Mailbox) -> None:
    account, answered = hire(session, app, at)
    assert session.scalars(select(OneTimeSecret)).all() == []
    done = work(session)
    (mail,) = mailbox.messages
    secret = mail.get_content().split("/welcome#")[1].split()[0]
    assert mail["To"] == "zhao@example.org"
    assert one_time.holder_of(session, secret).id == account.id
    kept = [done.args or "", answered, *(str(entry.changes) for entry in session.scalars(select(AuditEntry)))]
    assert not [text for text in kept if secret in text]


@pytest.mark.usefixtures("_mails")
def test_invitation_waits_while_sending_is_paused(session: Session, app: Flask, at: Hiring, mailbox: Mailbox) -> None:
    hire(session, app, at)
    with acting(SYSTEM, Door.COMMAND):
        pause_sending(session, PauseReason.BY_HAND)
        session.commit()
        assert (work(session).state, mailbox.messages) == (JobState.WAITING, [])
        release_sending(session)
        session.commit()


@pytest.mark.usefixtures("_mails")
def test_invitation_that_the_server_refused_is_tried_again(
    session: Session, app: Flask, at: Hiring, mailbox: Mailbox
) -> None:
    hire(session, app, at)
    mailbox.answer = "451 later"
    assert work(session).state is JobState.WAITING
    mailbox.answer = "250 OK"
    with clock.fixed_at(clock.now() + one_time.LIFE / 24):
        assert work(session).state is JobState.DONE
    assert len(mailbox.messages) == 1


def test_without_mail_the_invitation_is_left_to_be_handed_over(session: Session, app: Flask, at: Hiring) -> None:
    account, _answered = hire(session, app, at)
    assert work(session).state is JobState.DONE
    assert session.scalars(select(OneTimeSecret)).all() == []
    assert account.state is AccountState.INVITED
