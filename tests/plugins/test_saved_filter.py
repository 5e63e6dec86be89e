import pytest
from sqlalchemy.orm import Session

from engine.acting import Door, acting
from models.organisation import Post
from models.saved_filter import SavedFilter
from tests.factories.organisation import actor_of, department, staff
from tests.factories.refusals import refused


def test_filter_is_ones_own_and_has_a_name(session: Session) -> None:
    home = department(session)
    manager = staff(session, home, Post.MANAGER)
    other = staff(session, home, Post.HR, superior=manager)
    session.commit()
    with acting(actor_of(manager), Door.FORM):
        session.add(SavedFilter(staff_id=manager.id, entity="staff", name="本组", query="flt_team_id=1"))
        session.commit()
        with refused(session, "saved_filter.filter_has_a_name"):
            session.add(SavedFilter(staff_id=manager.id, entity="staff", name=" ", query=""))
        with refused(session, "gate.granted"):
            session.add(SavedFilter(staff_id=other.id, entity="staff", name="别人的", query=""))


def test_owner_may_throw_a_filter_away(session: Session) -> None:
    manager = staff(session, department(session), Post.MANAGER)
    session.commit()
    with acting(actor_of(manager), Door.FORM):
        kept = SavedFilter(staff_id=manager.id, entity="staff", name="本组", query="")
        session.add(kept)
        session.commit()
        session.delete(kept)
        session.commit()
        assert session.get(SavedFilter, kept.id) is None


def test_person_keeps_so_many_filters_and_no_more(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.saved_filter.MOST", 2)
    home = department(session)
    manager = staff(session, home, Post.MANAGER)
    other = staff(session, home, Post.HR, superior=manager)
    session.commit()
    with acting(actor_of(manager), Door.FORM):
        for name in ("一", "二"):
            session.add(SavedFilter(staff_id=manager.id, entity="staff", name=name, query=""))
            session.commit()
        with refused(session, "saved_filter.filters_are_not_too_many"):
            session.add(SavedFilter(staff_id=manager.id, entity="team", name="三", query=""))
    with acting(actor_of(other), Door.FORM):
        session.add(SavedFilter(staff_id=other.id, entity="staff", name="一", query=""))
        session.commit()
