from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from engine.packs.adoption import adopt
from engine.transitions.performing import perform
from models.obligation import ObligationState
from models.organisation import Post, StaffStatus
from models.policy import PolicyDocument
from tests.factories import organisation as make
from tests.factories.notification import told
from tests.factories.obligation import obligation
from tests.factories.pages import in_chinese, in_english, read
from tests.fixtures.crew import Browse
from tests.fixtures.house import House


def test_desk_is_friendly_when_nothing_is_owed(house: House, browse: Browse) -> None:
    page = read(in_english(browse(house.agent)), "/")
    assert "You owe nothing" in page
    assert "Nothing waits for you" in page


def test_desk_reads_the_account_language(house: House, browse: Browse) -> None:
    client = in_chinese(browse(house.agent))
    assert '<html lang="zh-CN"' in client.get("/").get_data(as_text=True)
    assert '<html lang="en"' in in_english(client).get("/").get_data(as_text=True)


def test_desk_groups_what_is_owed_by_urgency(session: Session, house: House, browse: Browse) -> None:
    now = clock.now()
    titles = {"late": -1, "by tonight": 0.2, "on Friday": 4, "next month": 30}
    for title, days in titles.items():
        row = obligation(session, house.home, now + timedelta(days=days), owner=house.agent)
        row.subject_title = title
        if days < 0:
            row.state = ObligationState.OVERDUE
    session.commit()
    page = read(in_english(browse(house.agent)), "/")
    parts = ["Overdue", "late", "Today", "by tonight", "This week", "on Friday", "Later", "next month"]
    places = [page.index(part, page.index("What I owe")) for part in parts]
    assert places == sorted(places)


def test_desk_shows_what_the_post_owes(session: Session, house: House, browse: Browse) -> None:
    row = obligation(session, house.home, clock.now() + timedelta(days=1), post=Post.SHIFT_LEAD)
    row.subject_title = "班前会"
    session.commit()
    assert "班前会" in read(browse(house.lead), "/")
    assert "班前会" not in read(browse(house.agent), "/")


def test_desk_passes_a_leavers_duties_to_the_superior(session: Session, house: House, browse: Browse) -> None:
    gone = make.staff(session, house.home, of=house.team, superior=house.lead)
    perform(session, gone, "leave", reason="另谋高就")
    obligation(session, house.home, clock.now() + timedelta(days=1), owner=gone).subject_title = "留下的事"
    session.commit()
    assert "留下的事" in read(browse(house.lead), "/")
    assert "留下的事" not in read(browse(house.manager), "/")


def test_desk_shows_a_superior_what_their_people_are_late_with(session: Session, house: House, browse: Browse) -> None:
    row = obligation(session, house.home, clock.now() - timedelta(days=1), owner=house.agent)
    row.state, row.subject_title = ObligationState.OVERDUE, "迟了的事"
    session.commit()
    page = read(in_english(browse(house.lead)), "/")
    assert "迟了的事" in page[page.index("What my people owe") :]
    assert "What my people owe" not in read(in_english(browse(house.manager)), "/")


def _document(session: Session, house: House, by: int) -> None:
    day = clock.now().date()
    session.add(
        PolicyDocument(
            department_id=house.home.id,
            code="KF-9",
            name={"zh": "客服制度", "en": "Policy"},
            edition="1",
            main_change="新增",
            changed_by_id=by,
            changed_on=day,
            effective_on=day + timedelta(days=30),
        )
    )
    session.commit()


def test_what_waits_is_shown_to_whoever_may_decide(session: Session, house: House, browse: Browse) -> None:
    _document(session, house, by=house.lead.id)
    assert "KF-9" in read(browse(house.manager), "/")
    assert "KF-9" not in read(browse(house.agent), "/")


def test_ones_own_work_does_not_wait_for_oneself(session: Session, house: House, browse: Browse) -> None:
    _document(session, house, by=house.manager.id)
    hr = make.staff(session, house.home, Post.HR, superior=house.manager)
    session.commit()
    assert "KF-9" not in read(browse(house.manager), "/")
    assert "KF-9" in read(browse(hr, Role.HR), "/")


def test_desk_shows_unread_notices(session: Session, house: House, browse: Browse) -> None:
    told(session, house.agent)
    session.commit()
    assert "Service norms 3 is in effect" in read(in_english(browse(house.agent)), "/")
    assert "Service norms" not in read(in_english(browse(house.lead)), "/")


@pytest.mark.clause("TRN-3")
def test_desk_of_a_trainee_says_what_comes_before_the_post(session: Session, house: House, browse: Browse) -> None:
    adopt(session, house.home, "B", rank=9, valid_from=date(2026, 1, 1))
    new = make.staff(session, house.home, of=house.team, superior=house.lead, status=StaffStatus.TRAINEE)
    session.commit()
    page = read(in_english(browse(new)), "/")
    assert "Before you go on post" in page
    assert f"{new.label} has not completed the onboarding course" in page
    assert "Before you go on post" not in read(in_english(browse(house.agent)), "/")
