from datetime import date, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from engine import clock
from engine.transitions.performing import perform
from models.consent import Consent, ConsentState, Told
from models.service_record import ServiceRecord
from tests.factories.quality import House, by, contact, house
from tests.factories.refusals import objections, refused

pytestmark = pytest.mark.clause("CNF-3")
TODAY = date(2026, 5, 4)
WORDS = {"zh": "为处理您的问题", "en": "To handle your request"}


@pytest.fixture
def at(session: Session) -> House:
    return house(session, packs="QB")


def begun_with(session: Session) -> Consent:
    return session.scalars(select(Consent).order_by(Consent.id)).first()  # type: ignore[return-value]  # adoption brought it


def statement(at: House, **values: object) -> Consent:
    given = {
        "name": {"zh": "热线告知", "en": "Hotline"},
        "purpose": WORDS,
        "necessity": WORDS,
        "wording": WORDS,
        "way": Told.ORAL,
        "valid_from": TODAY,
        "channels": [at.channel],
        "takes_details": True,
    }
    return Consent(**(given | values))


def put_in_force(session: Session, at: House, made: Consent) -> Consent:
    with by(at.supervisor):
        session.add(made)
        session.commit()
    with by(at.manager):
        perform(session, made, "put_in_force")
        session.commit()
    return made


def test_adoption_begins_with_a_statement_for_all_channels(session: Session, at: House) -> None:
    found = begun_with(session)
    assert (found.state, found.channels, found.scope) == (
        ConsentState.IN_FORCE,
        [],
        {"customer_name", "customer_contact", "customer_details"},
    )


def test_record_refers_to_what_its_customer_was_told(session: Session, at: House) -> None:
    general = begun_with(session)
    own = put_in_force(session, at, statement(at))
    before, after = contact(at, "R1", days_ago=2), contact(at, "R2", days_ago=0)
    session.add_all([before, after])
    session.commit()
    assert (before.consent, after.consent) == (general, own)


def test_customers_data_is_not_kept_without_a_statement(session: Session, at: House) -> None:
    with by(at.manager):
        perform(session, begun_with(session), "retire", reason="改版")
        session.commit()
    with clock.fixed_at(clock.now() + timedelta(days=2)), refused(session, "service_record.customer_was_told"):
        session.add(contact(at, "R1"))


def test_nothing_is_asked_where_no_pack_holds_the_clause(session: Session) -> None:
    at = house(session, packs="Q")
    session.add(contact(at, "R1"))
    session.commit()
    assert session.scalars(select(ServiceRecord.consent_id)).all() == [None]


def test_nothing_is_kept_beyond_the_scope(session: Session, at: House) -> None:
    put_in_force(session, at, statement(at, takes_details=False))
    with refused(session, "service_record.scope_covers_what_is_kept"):
        session.add(contact(at, "R1", days_ago=0, customer_details="住浦东"))


def test_statement_names_purpose_scope_and_way(session: Session, at: House) -> None:
    with by(at.supervisor):
        with refused(session, "consent.purpose_and_wording_are_stated"):
            session.add(statement(at, purpose={"zh": "有", "en": " "}))
        with refused(session, "consent.scope_is_not_empty"):
            session.add(statement(at, takes_name=False, takes_contact=False, takes_details=False))


def test_statement_is_put_in_force_by_somebody_else_and_not_for_the_past(session: Session, at: House) -> None:
    with by(at.supervisor):
        made = statement(at, valid_from=TODAY - timedelta(days=1))
        session.add(made)
        session.commit()
        assert objections(session, made, "put_in_force") == [
            "consent.somebody_else_than_drafted_by_id_decides",
            "consent.statement_does_not_reach_back",
        ]


def test_statement_in_force_is_not_reworded(session: Session, at: House) -> None:
    with by(at.manager), refused(session, "gate.closed_is_closed"):
        begun_with(session).wording = WORDS


@pytest.mark.sqlite
def test_many_records_ask_no_more_than_one(session: Session, at: House) -> None:
    put_in_force(session, at, statement(at))

    def asked(count: int, name: str) -> int:
        said: list[str] = []
        listen = lambda *args: said.append(args[2])  # noqa: E731 a listener of this very block
        event.listen(session.connection(), "before_cursor_execute", listen)
        session.add_all(contact(at, f"{name}{number}", days_ago=0) for number in range(count))
        session.flush()
        event.remove(session.connection(), "before_cursor_execute", listen)
        session.commit()
        return sum("consent" in text and text.startswith("SELECT") for text in said)

    asked(1, "W")
    assert asked(1, "X") == asked(40, "Y")
