from sqlalchemy.orm import Session

from engine.acting import Role
from engine.notices.alarm import alarm
from engine.notices.pausing import pause_sending, release_sending
from models.notification import PauseReason
from tests.factories.pages import in_english, read, send
from tests.fixtures.crew import Browse
from tests.fixtures.house import House

PAUSED = "No mail, no group message and no call to another program leaves"
GIVEN_UP = "Something could not be delivered and was given up"


def test_every_page_says_that_sending_is_paused_until_it_is_released(
    session: Session, house: House, browse: Browse
) -> None:
    client = in_english(browse(house.agent))
    assert PAUSED not in read(client, "/notices/")
    pause_sending(session, PauseReason.RESTORED)
    session.commit()
    page = read(client, "/notices/")
    assert PAUSED in page
    assert "A backup was restored" in page
    release_sending(session)
    session.commit()
    assert PAUSED not in read(client, "/notices/")


def test_alarm_stands_on_every_page_of_administrators_until_they_have_read_it(
    session: Session, house: House, browse: Browse
) -> None:
    boss, agent = in_english(browse(house.manager, Role.ADMINISTRATOR)), in_english(browse(house.agent))
    alarm(session, [house.home.id], "email")
    session.commit()
    assert GIVEN_UP in read(boss, "/notices/")
    assert GIVEN_UP not in read(agent, "/notices/")
    assert send(boss, "/notices/read").status_code == 303
    assert GIVEN_UP not in read(boss, "/notices/")
