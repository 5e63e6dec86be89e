from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from engine.gate.bypass import maintenance_write
from engine.registry import registry
from engine.search import columns
from engine.search.finding import holds, reading_through
from engine.search.rebuilding import catch_up, rebuild
from models.organisation import Post, Staff
from models.qa_inspection import QaFinding
from models.search import SearchEntry, SearchState
from models.service_record import ServiceRecord
from tests.factories import organisation as make
from tests.factories.quality import House, drawn, finding, house, inspection_of

TEXTS = (
    "退款金额说错", "客户要求退 款", "Refund of order #4711", "refunded，退款已到账", "100%退款", "snake_case",
    "Ünïcode ÉTÉ", "ab", "a退b", "微信（WeCom）群", "𠮷野家",
)  # fmt: skip
ALPHABET = "退款 金额refundREFUND#4711%_abé，（）"


@pytest.fixture
def home(session: Session) -> Iterator[int]:
    home = make.department(session)
    boss = make.staff(session, home, Post.MANAGER, name="王敏")
    of = make.team(session, home)
    catch_up(session)
    for text in TEXTS:
        make.staff(session, home, name=text, of=of, superior=boss)
    session.commit()
    return home.id


def names(session: Session, word: str) -> list[str]:
    return sorted(session.scalars(select(Staff.name).where(holds(session, Staff, ("name",), word))))


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("退款", {"退款金额说错", "refunded，退款已到账", "100%退款"}),
        ("款金", {"退款金额说错"}),
        ("refund", {"Refund of order #4711", "refunded，退款已到账"}),
        ("FUND", {"Refund of order #4711", "refunded，退款已到账"}),
        ("ab", {"ab"}),
        ("退", {"退款金额说错", "客户要求退 款", "refunded，退款已到账", "100%退款", "a退b"}),
        ("%", {"100%退款"}),
        ("e_c", {"snake_case"}),
        ("%退", {"100%退款"}),
        ("ecom", {"微信（WeCom）群"}),
        ("𠮷", {"𠮷野家"}),
        ("𠮷野", {"𠮷野家"}),
        ("换货", set()),
    ],
)
def test_word_is_found_wherever_it_stands(home: int, session: Session, word: str, found: set[str]) -> None:
    assert set(names(session, word)) == found
    with reading_through():
        assert set(names(session, word)) == found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=st.text(ALPHABET, min_size=1, max_size=6))
def test_index_finds_what_reading_everything_finds(home: int, session: Session, word: str) -> None:
    with reading_through():
        everything = names(session, word)
    assert names(session, word) == everything


def test_search_goes_by_the_index(home: int, session: Session) -> None:
    assert "search_" in str(select(Staff.id).where(holds(session, Staff, ("name",), "退款")))
    assert "search_" not in str(select(Staff.id).where(holds(session, Staff, ("name",), "退")))
    assert "search_" not in str(select(Staff.id).where(holds(session, Staff, ("name", "email"), "退款")))


def test_word_in_another_column_is_not_found(home: int, session: Session) -> None:
    number = session.scalar(select(Staff.number).where(Staff.name == "ab"))
    assert number is not None
    assert names(session, number) == []
    both = select(Staff.name).where(holds(session, Staff, ("name", "number"), number))
    assert session.scalars(both).all() == ["ab"]


def test_index_follows_an_edit_and_a_rollback(home: int, session: Session) -> None:
    person = session.scalars(select(Staff).where(Staff.name == "ab")).one()
    person.name = "换货申请"
    session.flush()
    assert names(session, "换货") == ["换货申请"]
    session.rollback()
    assert names(session, "换货") == []
    person.name = "换货申请"
    session.commit()
    assert names(session, "换货") == ["换货申请"]


def test_index_forgets_what_is_deleted(session: Session) -> None:
    catch_up(session)
    at: House = house(session)
    drawn(session, at)
    made = finding(at, inspection_of(session, at.agent))
    made.problem = "chargeback 未说明"
    session.add(made)
    session.commit()
    before = session.scalar(select(func.count()).select_from(SearchEntry))
    session.delete(made)
    session.commit()
    assert session.scalar(select(func.count()).select_from(SearchEntry)) == (before or 0) - 1
    assert (
        session.scalars(select(QaFinding.id).where(holds(session, QaFinding, ("problem",), "chargeback"))).all() == []
    )


def test_rows_from_before_the_index_are_found_before_and_after_it_is_built(home: int, session: Session) -> None:
    old = session.execute(select(Staff.__table__).where(Staff.name == "ab")).mappings().one()
    session.execute(SearchState.__table__.delete())
    with maintenance_write(session.connection()) as connection:
        fresh = {name: value for name, value in old.items() if name != "id"}
        connection.execute(insert(Staff), [{**fresh, "number": "OLD1", "name": "旧的升降机"}])
    session.commit()
    assert names(session, "升降") == ["旧的升降机"]
    assert catch_up(session) > 0
    assert names(session, "升降") == ["旧的升降机"]
    assert catch_up(session) == 0


def test_rebuilding_counts_the_records_and_drops_what_is_gone(home: int, session: Session) -> None:
    session.add(SearchEntry(id=99 << 20 | 7, grams=frozenset({1})))
    session.commit()
    held = rebuild(session)
    assert held == session.scalar(select(func.count()).select_from(Staff))
    assert rebuild(session) == held


def test_a_column_that_was_not_indexed_makes_the_index_be_built_anew(home: int, session: Session) -> None:
    state = session.get_one(SearchState, "staff")
    state.columns = "name"
    session.commit()
    assert names(session, "退款") != []
    assert catch_up(session) == 1


def test_encrypted_text_cannot_be_declared_as_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_known", {})
    monkeypatch.setattr(ServiceRecord, "__entity__", replace(ServiceRecord.__entity__, searched=("customer_name",)))
    with pytest.raises(ValueError, match="customer_name"):
        columns.searched(ServiceRecord)


def test_every_declared_column_can_be_searched(session: Session) -> None:
    held = {model.__tablename__: columns.searched(model) for model in registry.entities.values()}
    assert {"qa_finding", "rectification_task", "qa_appeal", "service_record", "staff"} <= {t for t in held if held[t]}
