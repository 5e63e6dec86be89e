"""People and accounts from a terminal: the same rules, the same audit, and exit codes a script can go by."""

import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from engine import clock
from engine.accounts import one_time
from engine.acting import SYSTEM, Door, acting
from engine.database import db
from models.accounts import Account, AccountState
from models.audit import AuditEntry
from models.organisation import Post, Staff
from tests.factories.accounts import Site
from tests.fixtures.mail import Mailbox

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


class Terminal:
    """Runs commands in English and answers what came of them."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def run(self, *args: str) -> Result:
        return self.site.app.test_cli_runner().invoke(args=args, env={"LC_ALL": "C.UTF-8"})

    def lines(self, *args: str) -> list[Any]:
        done = self.run(*args)
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.stdout.splitlines()]

    def account(self, login: str) -> Account:
        with self.site.session() as session:
            found = session.scalars(select(Account).where(Account.login == login)).one()
            session.expunge(found)
            return found


@pytest.fixture
def terminal(site: Site) -> Terminal:
    return Terminal(site)


def test_person_is_entered_and_invited_and_chooses_a_password(terminal: Terminal, site: Site) -> None:
    with site.session() as session:
        team, boss = session.get_one(type(site.team), site.team.id).name, session.get_one(Staff, site.lead.staff_id)
        number = boss.number
    entered = terminal.run(
        "people", "add", "A77", "新人", "--post", Post.HOTLINE_AGENT.value, "--team", team, "--superior", number
    )
    assert (entered.exit_code, "新人 A77" in entered.output) == (0, True)
    invited = terminal.run("people", "account", "A77", "Newcomer", "--role", "agent")
    assert invited.exit_code == 0, invited.output
    secret = invited.output.partition("#")[2].split()[0]
    assert terminal.account("newcomer").state is AccountState.INVITED
    with site.session() as session:
        one_time.redeem(session, secret, "sieben stille Fluesse")
    assert terminal.account("newcomer").state is AccountState.ACTIVE
    said = site.audited("create")
    assert any(changes.get("login") == [None, "newcomer"] for changes in said)
    with site.session() as session:
        doors = set(session.scalars(select(AuditEntry.door).where(AuditEntry.record_title == "newcomer")))
    assert doors >= {"command"}


def test_rule_that_refuses_ends_with_one_and_its_sentence(terminal: Terminal) -> None:
    refused = terminal.run("people", "add", "A78", "无组", "--post", "hotline_agent")
    assert refused.exit_code == 1
    assert "An agent belongs to a team. (ORG-1)" in refused.output
    assert "Everybody except the department manager has a direct superior." in refused.output
    both = terminal.run("people", "roles", "boss", "administrator", "auditor")
    assert both.exit_code == 1
    assert terminal.account("boss").roles == ["manager", "administrator"]


@pytest.mark.parametrize(
    "args",
    [
        ("people", "invite", "nobody"),
        ("people", "account", "X1", "login", "--role", "agent"),
        ("people", "roles", "zhang", "king"),
        ("people", "add", "A79", "某", "--post", "hotline_agent", "--team", "没有"),
        ("people", "disable", "zhang"),
    ],
)
def test_what_does_not_exist_ends_with_two(terminal: Terminal, args: tuple[str, ...]) -> None:
    assert terminal.run(*args).exit_code == 2


def test_account_is_shut_and_opened_again(terminal: Terminal) -> None:
    assert terminal.run("people", "disable", "zhang", "--because", "left the team").exit_code == 0
    assert terminal.account("zhang").state is AccountState.DISABLED
    assert terminal.run("people", "invite", "zhang").exit_code == 1
    assert terminal.run("people", "enable", "zhang").exit_code == 0
    assert terminal.account("zhang").state is AccountState.ACTIVE
    last = terminal.run("people", "disable", "boss", "--because", "x")
    assert (last.exit_code, "only administrator" in last.output) == (1, True)


def test_roles_are_exactly_those_named(terminal: Terminal) -> None:
    assert terminal.run("people", "roles", "zhang", "agent", "trainer").exit_code == 0
    assert terminal.account("zhang").roles == ["agent", "trainer"]


def test_reset_unlocks_and_gives_a_link(terminal: Terminal, site: Site) -> None:
    site.give_phone(site.agent)
    done = terminal.run("people", "reset", "zhang", "--second-step")
    assert done.exit_code == 0, done.output
    assert not terminal.account("zhang").has_second_factor
    assert "#" in done.output


def test_list_and_idle_answer_programs(terminal: Terminal, site: Site) -> None:
    rows = terminal.lines("people", "list", "--json")
    assert {row["login"] for row in rows} == {"boss", "lead", "zhang"}
    assert next(row for row in rows if row["login"] == "boss")["roles"] == ["manager", "administrator"]
    assert terminal.lines("people", "idle", "--json") == []
    with clock.fixed_at(clock.now() + timedelta(days=100)):
        assert [row["login"] for row in terminal.lines("people", "idle", "--json")] == ["boss", "lead", "zhang"]
        assert terminal.lines("people", "idle", "--days", "101", "--json") == []


@pytest.fixture
def sends_mail(site: Site, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    settings = site.app.config["DUTYBOOK"]
    values = {
        "smtp_host": mailbox.host,
        "smtp_port": mailbox.port,
        "smtp_security": "none",
        "mail_from": "d@example.org",
    }
    monkeypatch.setitem(site.app.config, "DUTYBOOK", settings.model_copy(update=values))
    with site.session() as session:
        session.get_one(Staff, site.agent.staff_id).email = "zhang@example.org"
    return mailbox


def test_link_is_mailed_and_then_not_shown(terminal: Terminal, sends_mail: Mailbox, app: Flask) -> None:
    done = terminal.run("people", "invite", "zhang")
    assert (done.exit_code, "#" in done.output) == (0, False)
    (message,) = sends_mail.messages
    assert message["To"] == "zhang@example.org"
    link = next(word for word in message.get_content().split() if "#" in word)
    assert app.test_client().get(urlsplit(link).path).status_code == HTTPStatus.OK
    with app.app_context(), acting(SYSTEM, Door.FORM):
        assert one_time.holder_of(db.session(), link.partition("#")[2]).login == "zhang"


def test_link_is_shown_when_the_mail_server_refuses(terminal: Terminal, sends_mail: Mailbox) -> None:
    sends_mail.answer = "550 no"
    done = terminal.run("people", "invite", "zhang")
    assert (done.exit_code, "#" in done.output) == (0, True)
    sends_mail.answer = "250 OK"
    without_an_address = terminal.run("people", "invite", "lead")
    assert "#" in without_an_address.output
    assert sends_mail.messages == []


def test_page_mails_the_link_as_well(site: Site, sends_mail: Mailbox) -> None:
    site.give_phone(site.manager)
    browser = site.browser(site.manager)
    page = browser.get(f"/account/details/?id={site.agent.id}").get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = browser.post("/account/issue/", data={"csrf_token": token, "id": site.agent.id})
    assert answer.status_code == 303
    assert len(sends_mail.messages) == 1
