from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.notices.explaining import explain
from engine.notices.wording import Wording, gather, read_out
from models.notification import Delivery, DeliveryReason, DeliveryState, Notification
from tests.factories.duty import REPORT, only
from tests.factories.notification import told
from tests.fixtures.house import House
from tests.fixtures.rulebook import NOW

MIDNIGHT = datetime(2026, 5, 10, 16, 0, tzinfo=UTC)  # the first moment of the 11th in Shanghai
DUTY = {"duty": "sample_report", "title": "2026-05", "clause": "DAT-1", "owners": ["张三", "李四"]}


def notice(session: Session, house: House, code: str, **data: object) -> Notification:
    return told(session, house.agent, code, **data).notification


def test_values_are_written_in_the_readers_language(session: Session, house: House) -> None:
    said = notice(session, house, "policy.in_effect")
    assert read_out(said, "en").subject == "Service norms 3 is in effect"
    assert read_out(said, "en").text.startswith("Service norms, version 3, is in effect from May 4, 2026.")
    assert "服务规范" in read_out(said).subject
    assert "2026年5月4日" in read_out(said).text
    assert read_out(said).link == f"/notices/{said.id}"


@pytest.mark.parametrize(
    ("score", "chinese", "english"),
    [("97.00", "97分", "97 points"), ("97.50", "97.5分", "97.5 points"), ("100.00", "100分", "100 points")],
)
def test_points_are_read_without_noughts(
    session: Session, house: House, score: str, chinese: str, english: str
) -> None:
    said = notice(session, house, "qa.result", number="H1", score=score, agent="王坐席", at=NOW, problems=["一", "二"])
    assert chinese in read_out(said, "zh_Hans_CN").subject
    assert english in read_out(said, "en").subject
    assert "一、二" in read_out(said, "zh_Hans_CN").text


@pytest.mark.parametrize(
    ("due", "expected"), [(MIDNIGHT, "end of May 10, 2026"), (NOW.replace(hour=10), "May 4, 2026 6:00")]
)
def test_moments_are_in_the_departments_zone(session: Session, house: House, due: datetime, expected: str) -> None:
    with only(REPORT):
        words = read_out(notice(session, house, "obligation.due", due_at=due, **DUTY), "en")
    assert words.subject.startswith(f"Due {expected}")
    assert words.subject.endswith("Monthly report")
    assert "2026-05." in words.text.replace(" Due", ".")


def test_duty_of_a_plugin_that_is_gone_is_named_as_stored(session: Session, house: House) -> None:
    words = read_out(notice(session, house, "obligation.escalated", due_at=NOW, **DUTY), "en")
    assert words.subject == "Escalated to you: 张三, 李四, sample_report"


@pytest.mark.parametrize(("late", "lines"), [(True, 2), (False, 1)])
def test_late_notice_says_so_and_when_it_was_planned(session: Session, house: House, late: bool, lines: int) -> None:
    said = notice(session, house, "obligation.overdue", due_at=NOW, planned_at=NOW, late=late, **DUTY)
    text = read_out(said, "en").text.splitlines()
    assert len(text) == lines
    assert not late or text[1].startswith("This notice comes late: it was planned for May 4, 2026 10:00")


def test_odd_row_is_read_out_all_the_same(session: Session, house: House) -> None:
    said = notice(session, house, "policy.in_effect")
    said.data = {"name": "100%(x)s {{7*7}}\r\nBcc: a@example.org", "edition": None, "from": []}
    words = read_out(said, "en")
    assert words.subject == "100%(x)s {{7*7}} Bcc: a@example.org — is in effect"
    said.code = "gone.notice"
    assert read_out(said, "en").subject == "gone.notice"


def test_digest_holds_each_notice() -> None:
    parts = [Wording("一", "甲", "/notices/1"), Wording("二", "乙", "/notices/2")]
    assert gather(parts, "en").text == "一\n甲\n\n二\n乙"
    assert gather(parts, "en").link == "/notices"


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ({}, "E-mail: will be sent from May 4, 2026, 10:00:00\u202fAM on."),
        ({"reason": DeliveryReason.DIGEST}, "10:00:00\u202fAM on. It goes out with the next digest."),
        ({"leased_until": NOW}, "E-mail: being sent."),
        ({"state": DeliveryState.SENT, "sent_at": NOW}, "E-mail: sent on May 4, 2026, 10:00:00\u202fAM."),
        ({"state": DeliveryState.SKIPPED, "reason": DeliveryReason.LEFT}, "E-mail: not sent. The recipient has left."),
        (
            {"state": DeliveryState.DEAD, "reason": DeliveryReason.GIVEN_UP, "attempts": 12},
            "E-mail: given up after 12 attempts. It failed too often.",
        ),
    ],
)
def test_explanation_of_a_delivery(session: Session, house: House, sides: dict[str, object], expected: str) -> None:
    from flask_babel import force_locale

    row = told(session, house.agent)
    for name, value in sides.items():
        setattr(row, name, value)
    with force_locale("en"):
        assert str(explain(row)).endswith(expected)


def test_every_reason_and_state_is_explained(session: Session, house: House) -> None:
    told(session, house.agent)
    row = session.scalars(select(Delivery)).one()
    for state in DeliveryState:
        row.state = state
        for reason in DeliveryReason:
            row.reason = reason
            text = str(explain(row))
            assert "%(" not in text
            assert state is DeliveryState.SENT or str(reason.label) in text
