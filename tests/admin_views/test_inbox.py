from sqlalchemy import select
from sqlalchemy.orm import Session

from models.notification import Notification
from tests.factories.notification import told
from tests.factories.pages import in_chinese, in_english, read, send
from tests.fixtures.crew import Browse
from tests.fixtures.house import House


def test_empty_inbox_says_what_will_arrive(house: House, browse: Browse) -> None:
    assert "You have not been told anything yet" in read(in_english(browse(house.agent)), "/notices/")


def test_notice_is_read_out_in_the_language_of_the_page(session: Session, house: House, browse: Browse) -> None:
    told(session, house.agent)
    client = in_chinese(browse(house.agent))
    assert "服务规范" in read(client, "/notices/")
    assert "Service norms, version 3, is in effect" in read(in_english(client), "/notices/")


def test_looking_at_a_notice_does_not_mark_it_as_read(session: Session, house: House, browse: Browse) -> None:
    number = told(session, house.agent).notification_id
    client = browse(house.agent)
    read(client, f"/notices/{number}")
    session.expire_all()
    assert session.get_one(Notification, number).read_at is None


def test_opening_a_notice_marks_it_as_read(session: Session, house: House, browse: Browse) -> None:
    number = told(session, house.agent).notification_id
    client = browse(house.agent)
    assert send(client, f"/notices/{number}/open").status_code == 303
    session.expire_all()
    first = session.get_one(Notification, number).read_at
    assert first is not None
    send(client, f"/notices/{number}/read")
    session.expire_all()
    assert session.get_one(Notification, number).read_at == first


def test_marking_all_as_read_leaves_other_peoples_notices_alone(session: Session, house: House, browse: Browse) -> None:
    told(session, house.agent)
    told(session, house.lead)
    client = in_english(browse(house.agent))
    send(client, "/notices/read")
    assert "Everything is read" in read(client, "/notices/?show=unread")
    unread = session.scalars(select(Notification.recipient_id).where(Notification.read_at.is_(None))).all()
    assert unread == [house.lead.id]


def test_other_peoples_notices_are_not_found(session: Session, house: House, browse: Browse) -> None:
    number = told(session, house.lead).notification_id
    client = browse(house.manager)
    read(client, f"/notices/{number}", 404)
    assert send(client, f"/notices/{number}/read").status_code == 404
    session.expire_all()
    assert session.get_one(Notification, number).read_at is None


def test_reading_cannot_be_said_without_the_pages_token(session: Session, house: House, browse: Browse) -> None:
    number = told(session, house.agent).notification_id
    client = browse(house.agent)
    assert client.post(f"/notices/{number}/read").status_code == 400
    session.expire_all()
    assert session.get_one(Notification, number).read_at is None
