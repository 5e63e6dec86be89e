"""`flask people …`: members of the department and their accounts. Everything passes the gate, as on the pages."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.accounts import administration, one_time, posting
from engine.accounts import idle as unused
from engine.accounts.login import canonical
from engine.acting import SYSTEM, Door, Role, acting
from engine.circumstances import today_in
from engine.commands.adopt import department_of
from engine.commands.installation import settings_here
from engine.commands.saying import refusals_said, say
from engine.database import db
from engine.notices.mail import mail_sender
from engine.transitions.performing import perform
from models.accounts import Account, Language
from models.organisation import Post, Staff, StaffStatus, Team
from models.words import Words, _

department_option = click.option(
    "--department", "department_id", type=int, help="Its id; not needed where there is one department."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
DATE = click.DateTime(["%Y-%m-%d"])


@click.group()
def people() -> None:
    """Members of the department and their accounts."""


@people.command("list")
@department_option
@json_option
@with_appcontext
def list_people(department_id: int | None, *, as_json: bool) -> None:
    """List who is there, with post, status, login and roles."""
    session = db.session()
    with acting(SYSTEM, Door.COMMAND), refusals_said(session):
        department = department_of(session, department_id)
        query = select(Staff, Account).join(Account, Account.staff_id == Staff.id, isouter=True)
        for person, account in session.execute(
            query.where(Staff.department_id == department.id).order_by(Staff.number)
        ):
            _say_person(person, account, as_json=as_json)


def _say_person(person: Staff, account: Account | None, *, as_json: bool) -> None:
    said: dict[str, Any] = {"number": person.number, "name": person.name, "post": person.post.value}
    said |= {"status": person.status.value, "login": account.login if account else None}
    said |= {"account": account.state.value if account else None, "roles": account.roles if account else []}
    login = f"{account.login} ({', '.join(account.roles)}; {account.state.value})" if account else "-"
    say(
        f"{person.number:<10} {person.name}  {person.post.value}  {person.status.value}  {login}", said, as_json=as_json
    )


@people.command()
@click.argument("number")
@click.argument("name")
@click.option("--post", type=click.Choice([post.value for post in Post]), required=True)
@click.option("--team", help="The team's name.")
@click.option("--superior", help="The superior's number.")
@click.option("--status", type=click.Choice(["candidate", "on_post"]), default="on_post", show_default=True)
@click.option("--hired", type=DATE, help="Default: today.")
@click.option("--phone")
@click.option("--email")
@department_option
@with_appcontext
def add(  # noqa: PLR0913 a command line has that many sides
    number: str,
    name: str,
    *,
    post: str,
    team: str | None,
    superior: str | None,
    status: str,
    hired: datetime | None,
    phone: str | None,
    email: str | None,
    department_id: int | None,
) -> None:
    """Enter a person under their staff NUMBER and NAME."""
    session = db.session()
    with acting(SYSTEM, Door.COMMAND), refusals_said(session):
        department = department_of(session, department_id)
        person = Staff(
            department_id=department.id,
            number=number,
            name=name,
            post=Post(post),
            status=StaffStatus(status),
            team_id=_team(session, department.id, team),
            superior_id=_superior(session, department.id, superior),
            hire_date=hired.date() if hired else today_in(session, department.id),
            phone=phone,
            email=email,
        )
        session.add(person)
        session.commit()
        click.echo(_("%(person)s is entered.", person=person.title))


@people.command()
@click.argument("number")
@click.argument("login")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@click.option("--language", type=click.Choice(["zh_Hans_CN", "en"]), default="zh_Hans_CN", show_default=True)
@department_option
@with_appcontext
def account(number: str, login: str, roles: Sequence[str], language: str, department_id: int | None) -> None:
    """Make an account for the person with the staff NUMBER and invite them."""
    session = db.session()
    with acting(SYSTEM, Door.COMMAND), refusals_said(session):
        department = department_of(session, department_id)
        made = Account(
            department_id=department.id,
            staff_id=_person(session, department.id, number).id,
            login=canonical(login),
            roles=list(roles),
            language=Language(language),
        )
        session.add(made)
        session.flush()
        click.echo(_invite(session, made))


@people.command()
@click.argument("login")
@with_appcontext
def invite(login: str) -> None:
    """Give LOGIN a one-time link to choose a password: an invitation, or a reset when the account is in use.

    It is mailed where the installation sends mail and an address is on record; otherwise it is printed, this once.
    """
    _with_account(login, _invite)


@people.command()
@click.argument("login")
@click.argument("roles", nargs=-1, required=True, type=click.Choice([role.value for role in Role]))
@with_appcontext
def roles(login: str, roles: Sequence[str]) -> None:
    """Let LOGIN have exactly these ROLES. Whoever is signed in signs in anew."""

    def give(session: Session, found: Account) -> Words:
        found.roles = list(roles)
        session.commit()
        return _("%(login)s: %(roles)s", login=found.login, roles=", ".join(found.roles))

    _with_account(login, give)


@people.command()
@click.argument("login")
@click.option("--because", required=True, help="The reason, as the audit keeps it.")
@with_appcontext
def disable(login: str, because: str) -> None:
    """Shut the account LOGIN: its holder is signed out at once."""

    def shut(session: Session, found: Account) -> Words:
        perform(session, found, "disable", reason=because)
        session.commit()
        return _("%(login)s is disabled.", login=found.login)

    _with_account(login, shut)


@people.command()
@click.argument("login")
@with_appcontext
def enable(login: str) -> None:
    """Open the account LOGIN again."""

    def again(session: Session, found: Account) -> Words:
        perform(session, found, "enable")
        session.commit()
        return _("%(login)s is enabled.", login=found.login)

    _with_account(login, again)


@people.command()
@click.argument("login")
@click.option("--second-step", is_flag=True, help="Take the second step off as well: for a lost phone.")
@with_appcontext
def reset(login: str, *, second_step: bool) -> None:
    """For somebody locked out: unlock LOGIN, end its sessions, and give it a one-time link."""

    def let_in(session: Session, found: Account) -> Words:
        administration.unlock(session, found)
        administration.end_sessions(session, found)
        if second_step:
            administration.take_off_second_factor(session, found)
        return _invite(session, found)

    _with_account(login, let_in)


@people.command()
@click.option("--days", type=click.IntRange(1), default=unused.DAYS, show_default=True)
@json_option
@with_appcontext
def idle(days: int, *, as_json: bool) -> None:
    """List active accounts that nobody has used for so many days."""
    with acting(SYSTEM, Door.COMMAND):
        for each in unused.idle(db.session(), days):
            last = each.last_used.isoformat() if each.last_used else None
            said = {"login": each.account.login, "person": each.account.staff.title, "last_used": last}
            say(f"{each.account.login:<20} {each.account.staff.title}  {last or '-'}", said, as_json=as_json)


def _with_account(login: str, work: Callable[[Session, Account], Words | None]) -> None:
    session = db.session()
    with acting(SYSTEM, Door.COMMAND), refusals_said(session):
        found = session.scalar(select(Account).where(Account.login == canonical(login)))
        if found is None:
            raise click.UsageError(str(_("There is no account %(login)s.", login=login)))
        words = work(session, found)
        if words:
            click.echo(words)


def _invite(session: Session, account: Account) -> Words:
    """Commits; then the link is mailed, or handed to whoever is at the terminal."""
    settings = settings_here()
    secret = one_time.issue(session, account)
    session.commit()
    page = f"{settings.public_url}{posting.WELCOME}"
    if posting.post_link(mail_sender(settings), account, secret, page):
        return _("%(login)s: the link was sent to the person's e-mail address.", login=account.login)
    return _("%(login)s: %(link)s (works once, for 24 hours)", login=account.login, link=f"{page}#{secret}")


def _person(session: Session, department_id: int, number: str) -> Staff:
    found = session.scalar(select(Staff).where(Staff.department_id == department_id, Staff.number == number))
    if found is None:
        raise click.UsageError(str(_("There is no person with the number %(number)s.", number=number)))
    return found


def _superior(session: Session, department_id: int, number: str | None) -> int | None:
    return _person(session, department_id, number).id if number else None


def _team(session: Session, department_id: int, name: str | None) -> int | None:
    if name is None:
        return None
    found = session.scalar(select(Team.id).where(Team.department_id == department_id, Team.name == name))
    if found is None:
        raise click.UsageError(str(_("There is no team %(name)s.", name=name)))
    return found
