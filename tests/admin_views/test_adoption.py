"""The policy packs on a page: read by all, taken in by whoever administers the department."""

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.acting import Role
from engine.gate import bypass
from engine.packs import parameters
from engine.packs.adoption import adopt
from engine.packs.loader import load_packs
from models.organisation import Department
from models.policy import Adoption
from models.scorecard import Scorecard
from tests.factories.pages import in_english, read, send
from tests.fixtures.crew import Browse
from tests.fixtures.house import House


@pytest.fixture
def pack(session: Session, house: House) -> None:
    adopt(session, session.get_one(Department, house.home.id), "B", rank=3, valid_from=date(2026, 1, 1))
    session.commit()


def test_everybody_reads_which_packs_bind(pack: None, house: House, browse: Browse) -> None:
    page = read(in_english(browse(house.agent)), "/packs/")
    assert [each.title.en for each in load_packs().values() if each.title.en not in page] == []
    assert page.count("Not adopted") == len(load_packs()) - 1
    assert "Adopt this pack" not in page


def test_administrator_adopts_a_pack_with_all_it_brings(
    session: Session, pack: None, house: House, browse: Browse
) -> None:
    client = in_english(browse(house.manager, Role.ADMINISTRATOR))
    assert 'value="4"' in client.get("/packs/").text, "the next free rank is proposed"
    assert send(client, "/packs/adopt/", pack="Q", rank="4", valid_from="2026-05-01").status_code == 303
    session.expire_all()
    adopted = session.scalars(select(Adoption).where(Adoption.pack == "Q")).one()
    assert (adopted.rank, adopted.adopted_on, adopted.pack_version) == (4, date(2026, 5, 1), load_packs()["Q"].version)
    parameters.forget(session)
    assert parameters.in_force(session, house.home.id, "pass_mark", date(2026, 5, 2)).pack == "Q"
    assert len(session.scalars(select(Scorecard)).all()) == 1
    assert "Adopted version" in read(client, "/packs/")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"rank": "3", "valid_from": "2026-05-01"}, "Another pack already has rank 3"),
        ({"rank": "0", "valid_from": "2026-05-01"}, "The rank is a whole number"),
        ({"rank": "first", "valid_from": "2026-05-01"}, "The rank is a whole number"),
        ({"rank": "5", "valid_from": "soon"}, "Please give the day"),
    ],
)
def test_refused_adoption_says_why_and_takes_nothing(
    session: Session, pack: None, house: House, browse: Browse, fields: dict[str, str], says: str
) -> None:
    response = send(in_english(browse(house.manager, Role.ADMINISTRATOR)), "/packs/adopt/", pack="Q", **fields)
    assert response.status_code == 422
    assert says in response.get_data(as_text=True)
    assert session.scalars(select(Adoption.pack)).all() == ["B"]


def test_adopted_version_is_not_adopted_again(pack: None, house: House, browse: Browse) -> None:
    client = in_english(browse(house.manager, Role.ADMINISTRATOR))
    response = send(client, "/packs/adopt/", pack="B", rank="3", valid_from="2026-05-01")
    assert response.status_code == 422
    assert "is adopted already" in response.get_data(as_text=True)


def test_newer_version_keeps_its_rank(session: Session, pack: None, house: House, browse: Browse) -> None:
    bypass.let_through(session.connection())
    session.connection().execute(update(Adoption.__table__).values(pack_version="0.9"))
    bypass.close(session.connection())
    session.commit()
    client = in_english(browse(house.manager, Role.ADMINISTRATOR))
    assert "Newer version" in read(client, "/packs/")
    assert send(client, "/packs/adopt/", pack="B", rank="9", valid_from="2026-05-01").status_code == 303
    session.expire_all()
    adopted = session.scalars(select(Adoption)).one()
    assert (adopted.rank, adopted.pack_version) == (3, load_packs()["B"].version)


def test_pack_is_adopted_by_nobody_else(session: Session, house: House, browse: Browse) -> None:
    for person in (house.manager, house.lead, house.agent):
        assert send(browse(person), "/packs/adopt/", pack="Q", rank="1", valid_from="2026-05-01").status_code == 403
    assert session.scalars(select(Adoption)).all() == []


def test_pack_that_does_not_exist_is_not_adopted(house: House, browse: Browse) -> None:
    client = browse(house.manager, Role.ADMINISTRATOR)
    assert send(client, "/packs/adopt/", pack="ZZ", rank="1", valid_from="2026-05-01").status_code == 400
