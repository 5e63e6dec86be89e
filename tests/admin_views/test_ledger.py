from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from models.audit import AuditEntry
from models.obligation import Obligation, ObligationState
from models.organisation import Post
from tests.factories.notification import told
from tests.factories.obligation import obligation, reminder
from tests.factories.pages import in_chinese, in_english, read, send, statements
from tests.fixtures.crew import Browse
from tests.fixtures.house import House


def _owed(session: Session, house: House, title: str, days: float, state: ObligationState) -> Obligation:
    row = obligation(session, house.home, clock.now() + timedelta(days=days), owner=house.agent)
    row.subject_title, row.state, row.team_id = title, state, house.team.id
    return row


@pytest.fixture
def rows(session: Session, house: House) -> dict[str, int]:
    made = {
        "迟的": _owed(session, house, "迟的", -2, ObligationState.OVERDUE),
        "今天的": _owed(session, house, "今天的", 0.1, ObligationState.OPEN),
        "下月的": _owed(session, house, "下月的", 40, ObligationState.OPEN),
        "做完的": _owed(session, house, "做完的", -1, ObligationState.MET),
    }
    made["下月的"].clause = "QA-9"
    session.commit()
    return {title: row.id for title, row in made.items()}


def test_empty_ledger_says_what_comes_next(house: House, browse: Browse) -> None:
    assert "Nothing is owed" in read(in_english(browse(house.manager)), "/ledger/")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"迟的", "今天的", "下月的"}),
        ("?state=overdue", {"迟的"}),
        ("?state=met", {"做完的"}),
        ("?state=any", {"迟的", "今天的", "下月的", "做完的"}),
        ("?due=today", {"今天的"}),
        ("?clause=QA-9", {"下月的"}),
        ("?period=2026-06", {"下月的"}),
        ("?day=2026-05-02", {"迟的"}),
        ("?owner=坐席", {"迟的", "今天的", "下月的"}),
        ("?owner=nobody", set()),
        ("?state=nonsense", set()),
        ("?team=1%00", set()),
        ("?period=never", set()),
        ("?page=99999999999999", {"迟的", "今天的", "下月的"}),
    ],
)
def test_ledger_lists_what_the_filter_asks_for(
    rows: dict[str, int], house: House, browse: Browse, query: str, shown: set[str]
) -> None:
    page = read(browse(house.manager), f"/ledger/{query}")
    assert {title for title in rows if title in page} == shown


def test_ledger_counts_what_is_missing(rows: dict[str, int], house: House, browse: Browse) -> None:
    page = read(in_english(browse(house.manager)), "/ledger/")
    for figure in ("1 Missing today", "1 Due today", "1 Due this week", "1 Met this month", "0 Waived this month"):
        assert figure in page


def test_ledger_shows_an_agent_their_own_rows_only(
    session: Session, rows: dict[str, int], house: House, browse: Browse
) -> None:
    other = obligation(session, house.home, clock.now() + timedelta(days=1), owner=house.lead)
    other.subject_title = "别人的"
    session.commit()
    client = browse(house.agent)
    assert "别人的" not in read(client, "/ledger/")
    read(client, f"/ledger/{other.id}", 404)


def test_obligation_due_at_midnight_is_said_as_the_day_before(session: Session, house: House, browse: Browse) -> None:
    # 16:00 UTC is midnight in Shanghai: "by the 29th" is kept as the first moment of the 30th.
    due = clock.now().replace(day=29, hour=16)
    row = obligation(session, house.home, due, owner=house.agent)
    session.commit()
    client = in_chinese(browse(house.agent))
    assert "5月29日 24:00" in read(client, f"/ledger/{row.id}")
    assert "end of May 29" in read(in_english(client), f"/ledger/{row.id}")


def test_obligation_shows_each_reminder_and_who_was_told(
    session: Session, rows: dict[str, int], house: House, browse: Browse
) -> None:
    from engine.notices.inbox import notify

    row = session.get_one(Obligation, rows["今天的"])
    reminder(session, row, clock.now() + timedelta(hours=1), offset="-3d")
    notify(session, house.home.id, [house.agent.id], "obligation.due", "k", {"duty": "x"}, obligation_id=row.id)
    session.commit()
    page = read(in_english(browse(house.manager)), f"/ledger/{row.id}")
    assert "Will be sent" in page
    assert "3 days before, to: owner" in page
    assert "坐席" in page[page.index("Who was told") :]
    assert "Not read yet" in page


def test_waiving_needs_a_reason(session: Session, rows: dict[str, int], house: House, browse: Browse) -> None:
    client = browse(house.manager)
    send(client, f"/ledger/{rows['迟的']}/waive", reason="   ")
    session.expire_all()
    assert session.get_one(Obligation, rows["迟的"]).state is ObligationState.OVERDUE


def test_waiving_is_kept_with_its_reason(session: Session, rows: dict[str, int], house: House, browse: Browse) -> None:
    client = browse(house.manager)
    assert send(client, f"/ledger/{rows['迟的']}/waive", reason="系统停机").status_code == 303
    session.expire_all()
    row = session.get_one(Obligation, rows["迟的"])
    assert (row.state, row.waived_reason, row.waived_by_id) == (ObligationState.WAIVED, "系统停机", house.manager.id)
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "waive")).one()
    assert noted.changes["waived_reason"] == [None, "系统停机"]
    session.rollback()
    assert "系统停机" in read(client, f"/ledger/{rows['迟的']}")


@pytest.mark.parametrize("post", [Post.SHIFT_LEAD, Post.HOTLINE_AGENT])
def test_waiving_is_refused_without_the_grant(
    session: Session, rows: dict[str, int], house: House, browse: Browse, post: Post
) -> None:
    person = house.lead if post is Post.SHIFT_LEAD else house.agent
    assert send(browse(person), f"/ledger/{rows['迟的']}/waive", reason="请放过").status_code in {403, 404}
    session.expire_all()
    assert session.get_one(Obligation, rows["迟的"]).state is ObligationState.OVERDUE


@pytest.mark.parametrize("address", ["/ledger/", "/", "/calendar/", "/dashboard/", "/notices/", "/rulebook/"])
def test_page_asks_no_more_for_many_rows_than_for_one(
    session: Session, house: House, browse: Browse, address: str
) -> None:
    client = browse(house.manager)
    counts = []
    for _round in range(2):
        for owner in (house.manager, house.lead, house.agent):
            obligation(session, house.home, clock.now() + timedelta(hours=2), owner=owner)
            obligation(
                session, house.home, clock.now() - timedelta(hours=2), owner=owner
            ).state = ObligationState.OVERDUE
            told(session, owner)
        session.commit()
        counts.append(statements(client, address))
    assert counts[0] == counts[1]
