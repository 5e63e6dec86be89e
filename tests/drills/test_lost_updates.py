"""Two people and a program change the same record in every order: whoever did not see the newest version is told.

A change is saved exactly if its writer had looked at what is stored; nobody's change disappears without a word.
"""

import itertools
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from engine import clock
from engine.acting import Role
from models.accounts import Account
from models.audit import AuditEntry
from models.organisation import Staff, StaffStatus, Team, Tier
from tests.drills.doors import ApiDoor, BulkDoor, CellDoor, Door, FormDoor
from tests.drills.figures import figures
from tests.factories.office import Office
from tests.factories.programs import Program, of_account
from tests.fixtures.client import ClientAs
from tests.fixtures.live import Live

pytestmark = pytest.mark.slow

TIERS = [str(tier.value) for tier in Tier]
SAVE = "form[data-guard] .btn-primary"
NEXT_TIER = dict(zip(TIERS, TIERS[1:] + TIERS[:1], strict=True))
_numbers = itertools.count(1)


@dataclass
class Writers:
    """Two browsers and a program, all of whom may change the team and the person."""

    office: Office
    browsers: list[object]
    program: Program

    def doors(self, chance: random.Random) -> list[Door]:
        """Two or three changes of one record, each through a door of its own choice."""
        makers = chance.choice([self._of_team(), self._of_person()])
        return [
            chance.choice(makers)(browser) for browser in chance.sample(self.browsers * 2, chance.choice([2, 2, 3]))
        ]

    def _of_team(self) -> list[Callable[[object], Door]]:
        number, url = self.office.team.id, f"/team/edit/?id={self.office.team.id}"
        return [
            lambda browser: FormDoor(browser, url, "name", _text()),  # type: ignore[arg-type]  # a browser
            lambda browser: CellDoor(browser, "team", number, "tier", NEXT_TIER),  # type: ignore[arg-type]  # the same
            lambda _browser: ApiDoor(self.program, f"/team/{number}", "name", _text()),
        ]

    def _of_person(self) -> list[Callable[[object], Door]]:
        person = self.office.again(self.office.agent)
        action = "suspend" if person.status is StaffStatus.ON_POST else "put_on_post"
        url = f"/staff/edit/?id={person.id}"
        return [
            lambda browser: FormDoor(browser, url, "name", _text()),  # type: ignore[arg-type]  # a browser
            lambda browser: BulkDoor(browser, "staff", person.id, action, _text()),  # type: ignore[arg-type]  # the same
            lambda _browser: ApiDoor(self.program, f"/staff/{person.id}", "name", _text()),
        ]


def _text() -> str:
    return f"改动{next(_numbers)}"


@pytest.fixture
def writers(app: Flask, office: Office, client_as: ClientAs) -> Writers:
    browsers = [client_as(office.hr), client_as(office.manager, Role.HR, Role.ADMINISTRATOR)]
    with office.session() as session:
        account = session.scalars(select(Account).where(Account.staff_id == office.hr.id)).one()
        account.totp_secret = "JBSWY3DPEHPK3PXP"
        session.flush()
        program = of_account(app, session, account)
    return Writers(office, browsers, program)


def interleave(writers: Writers, chance: random.Random) -> tuple[int, int]:
    """One run in a random order; how many changes were saved and how many refused, every one of them rightly."""
    doors = writers.doors(chance)
    order = [number for number in range(len(doors)) for _step in ("look", "send")]
    chance.shuffle(order)
    saw: dict[int, tuple[int, int]] = {}
    saved = refused = 0
    for number in order:
        door = doors[number]
        versions = _versions(writers.office)
        if number not in saw:
            door.look()
            saw[number] = versions
            continue
        before = _entries(writers.office)
        won = door.send(_stored(writers.office, door))
        if won is None:
            continue
        assert won == (saw[number] == versions), f"{door} {'overwrote' if won else 'was refused without need'}"
        assert (_versions(writers.office) != versions) == won
        assert _entries(writers.office) == before + won
        if won and not isinstance(door, BulkDoor):
            assert str(door.typed) in _all_values(writers.office)
        saved, refused = saved + won, refused + (not won)
    return saved, refused


def _versions(office: Office) -> tuple[int, int]:
    return office.again(office.team).version, office.again(office.agent).version


def _stored(office: Office, door: Door) -> str:
    record = office.again(office.team if "/team/" in str(door) else office.agent)
    return record.name


def _all_values(office: Office) -> set[str]:
    team, person = office.again(office.team), office.again(office.agent)
    return {team.name, str(team.tier.value), person.name}


def _entries(office: Office) -> int:
    changed = select(func.count(AuditEntry.id)).where(AuditEntry.entity.in_([Team.__tablename__, Staff.__tablename__]))
    with office.session() as session:
        return session.scalar(changed) or 0


def test_no_change_is_lost_in_silence(writers: Writers) -> None:
    chance = random.Random(11)
    runs = [interleave(writers, chance) for _run in range(60)]
    saved, refused = map(sum, zip(*runs, strict=True))
    assert saved > 60
    assert refused > 20


@pytest.mark.drill
def test_thousand_interleavings(writers: Writers, database_kind: str) -> None:
    chance, began = random.Random(1000), clock.now()
    runs = []
    for run in range(1000):
        # Time goes on, so that the program is not told that it asks too often.
        with clock.fixed_at(began + run * timedelta(seconds=3)):
            runs.append(interleave(writers, chance))
    saved, refused = map(sum, zip(*runs, strict=True))
    figures(
        f"{database_kind}: 1000 interleavings, {saved} changes saved, {refused} refused and told, 0 lost in silence"
    )


@pytest.mark.browser
def test_two_browsers_edit_one_team(browser: Browser, live: Live) -> None:
    """As two people see it: the second is told, sees both versions, and saves what they decide on."""
    contexts = [browser.new_context() for _person in range(2)]
    for context in contexts:
        context.add_cookies([live.cookie])  # type: ignore[list-item]  # a plain dict will do
    first, second = [context.new_page() for context in contexts]
    for page in (first, second):
        page.goto(f"{live.url}/team/edit/?id=1")
    first.fill("[name=name]", "快手组")
    first.click(SAVE)
    expect(first).to_have_url(re.compile(r"/team/(?!edit)"))
    second.fill("[name=name]", "慢手组")
    second.click(SAVE)
    told = second.locator("section[role=alert]")
    expect(told).to_contain_text("快手组")
    expect(told).to_contain_text("慢手组")
    expect(second.locator("[name=name]")).to_have_value("慢手组")
    second.click(SAVE)
    expect(second).to_have_url(re.compile(r"/team/(?!edit)"))
    expect(second.locator("main")).to_contain_text("慢手组")
    for context in contexts:
        context.close()
