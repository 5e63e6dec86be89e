import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.transitions.performing import perform
from models.accounts import Account
from models.obligation import ObligationState
from tests.factories.browsing import post
from tests.factories.obligation import obligation
from tests.factories.pages import in_english
from tests.fixtures.crew import Browse
from tests.fixtures.house import House

SHANGHAI = ZoneInfo("Asia/Shanghai")


def begun(client: FlaskClient) -> str:
    page = post(client, "/calendar/feed/begin", {})
    found = re.search(r"/calendar/feed/[\w-]{43}\.ics", page.text)
    assert found is not None
    assert "data:image/svg+xml" in page.text
    return found[0]


def read(client: FlaskClient, path: str) -> Calendar:
    client.delete_cookie("dutybook")  # a calendar application has no session
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    found = Calendar.from_ical(answer.data)
    assert isinstance(found, Calendar)
    return found


def test_feed_holds_what_its_reader_owes_and_nothing_else(session: Session, house: House, browse: Browse) -> None:
    soon = clock.now().replace(microsecond=0) + timedelta(days=3)
    mine = obligation(session, house.home, soon, owner=house.agent)
    mine.subject_title = "样例整改"
    obligation(session, house.home, soon, owner=house.lead).subject_title = "别人的"
    session.commit()
    client = in_english(browse(house.agent))
    events = read(client, begun(client)).walk("VEVENT")
    assert [str(each["summary"]).endswith("样例整改") for each in events] == [True]
    assert events[0].decoded("dtend") == soon.astimezone(SHANGHAI)
    assert str(events[0]["uid"]) == f"obligation-{mine.id}@dutybook"
    assert str(events[0]["url"]).endswith(f"/ledger/{mine.id}")


def test_due_at_midnight_takes_up_the_day_before_and_states_are_marked(
    session: Session, house: House, browse: Browse
) -> None:
    midnight = datetime.combine(clock.now().date(), datetime.min.time(), SHANGHAI)
    late = obligation(session, house.home, midnight - timedelta(days=1), owner=house.agent)
    late.state = ObligationState.OVERDUE
    done = obligation(session, house.home, midnight - timedelta(days=2), owner=house.agent)
    done.state = ObligationState.MET
    session.commit()
    client = browse(house.agent)
    events = read(client, begun(client)).walk("VEVENT")
    assert [str(each["summary"])[0] for each in events] == ["✓", "!"]
    assert events[1].decoded("dtstart") == midnight.date() - timedelta(days=2)
    assert isinstance(events[1].decoded("dtstart"), date)


def test_zone_is_named_so_that_every_client_knows_it(session: Session, house: House, browse: Browse) -> None:
    obligation(session, house.home, clock.now() + timedelta(hours=5, minutes=1), owner=house.agent)
    session.commit()
    client = browse(house.agent)
    found = read(client, begun(client))
    assert [str(each["tzid"]) for each in found.walk("VTIMEZONE")] == ["Asia/Shanghai"]


def test_unchanged_feed_is_not_sent_again(session: Session, house: House, browse: Browse) -> None:
    client = browse(house.agent)
    path = begun(client)
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("how", ["another", "switched off", "disabled"])
def test_key_dies(session: Session, house: House, browse: Browse, how: str) -> None:
    client = browse(house.agent)
    path = begun(client)
    assert client.get(path).status_code == 200
    if how == "another":
        begun(client)
    elif how == "switched off":
        assert post(client, "/calendar/feed/end", {}).status_code == 303
    else:
        perform(
            session,
            session.scalars(select(Account).where(Account.staff_id == house.agent.id)).one(),
            "disable",
            reason="left",
        )
        session.commit()
    assert client.get(path).status_code == 404


def test_made_up_key_opens_nothing(house: House, browse: Browse) -> None:
    assert browse(house.agent).get(f"/calendar/feed/{'x' * 43}.ics").status_code == 404
