"""Whatever door a write comes through, whatever the entity: the same gate. Web doors are crossed beside the views."""

import importlib
from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, inspect, text, update
from sqlalchemy.orm import Session

from engine.acting import Actor, Door, acting, seeing_all
from engine.errors import BypassError, PolicyError
from engine.registry import registry
from models.base import Record
from models.organisation import Department
from plugins import BUILT_IN
from tests.factories.any_record import row_of, values_of
from tests.factories.organisation import department

registry.load([importlib.import_module(name) for name in BUILT_IN])
ENTITIES = sorted(registry.entities.items())

every_entity = pytest.mark.parametrize("model", [pytest.param(model, id=name) for name, model in ENTITIES])
SYSTEM = Actor(staff_id=None, is_system=True)


@pytest.fixture
def home(session: Session) -> Department:
    made = department(session)
    session.commit()
    return made


def stranger(home: Department) -> Actor:
    """Somebody of the department without any role."""
    return Actor(staff_id=0, department_id=home.id)


def refusals(session: Session, actor: Actor, write: Callable[[], object]) -> dict[Door, set[str]]:
    """What the gate says of a write at each door; nothing where it went through. What is there before is kept."""
    session.commit()
    return {door: _refusals(session, actor, door, write) for door in Door}


def _refusals(session: Session, actor: Actor, door: Door, write: Callable[[], object]) -> set[str]:
    with acting(actor, door):
        write()
        try:
            session.flush()
        except PolicyError as error:
            return {violation.rule for violation in error.violations}
        finally:
            session.rollback()
    return set()


def open_doors(found: dict[Door, set[str]], rule: str) -> list[Door]:
    """The doors at which the rule did not speak."""
    return [door for door, said in found.items() if rule not in said]


@every_entity
def test_creating_without_a_grant_is_refused(session: Session, home: Department, model: type[Record]) -> None:
    values = values_of(session, model, home)
    found = refusals(session, stranger(home), lambda: session.add(model(**values)))
    assert open_doors(found, "gate.granted") == []


@every_entity
def test_editing_without_a_grant_is_refused(session: Session, home: Department, model: type[Record]) -> None:
    number = row_of(session, model, home)

    def edit() -> None:
        with seeing_all():
            session.get_one(model, number).created_by_id = 7

    assert open_doors(refusals(session, stranger(home), edit), "gate.granted") == []


@every_entity
def test_only_a_draft_is_deleted_even_by_the_system(session: Session, home: Department, model: type[Record]) -> None:
    number = row_of(session, model, home)
    draft = getattr(session.get_one(model, number), "is_draft", False)
    found = refusals(session, SYSTEM, lambda: session.delete(session.get_one(model, number)))
    assert open_doors(found, "gate.nothing_is_deleted") == (list(Door) if draft else [])


STATED = [pytest.param(model, id=name) for name, model in ENTITIES if model.__entity__.state]


@pytest.mark.parametrize("model", STATED)
def test_writing_a_state_by_hand_is_refused_even_to_the_system(
    session: Session, home: Department, model: type[Record]
) -> None:
    number, column = row_of(session, model, home), str(model.__entity__.state)
    states = list(inspect(model).columns[column].type.choices)

    def write() -> None:
        record = session.get_one(model, number)
        setattr(record, column, states[-1] if getattr(record, column) != states[-1] else states[0])

    assert open_doors(refusals(session, SYSTEM, write), "gate.state_by_transition") == []


Bypass = Callable[[Session, type[Record], int], object]


def bulk_insert(session: Session, model: type[Record], number: int) -> object:
    return session.execute(insert(model), [{"id": number + 1}])


def bulk_update(session: Session, model: type[Record], number: int) -> object:
    return session.execute(update(model).where(model.id == number).values(created_by_id=7))


def bulk_delete(session: Session, model: type[Record], number: int) -> object:
    return session.execute(delete(model).where(model.id == number))


def query_update(session: Session, model: type[Record], number: int) -> object:
    return session.query(model).filter_by(id=number).update({"created_by_id": 7})


def core_update(session: Session, model: type[Record], number: int) -> object:
    return session.connection().execute(model.__table__.update().values(created_by_id=7))


def core_delete(session: Session, model: type[Record], number: int) -> object:
    return session.connection().execute(model.__table__.delete())


def sql_update(session: Session, model: type[Record], number: int) -> object:
    return session.execute(text(f"UPDATE {model.__tablename__} SET created_by_id = 7"))


def sql_delete(session: Session, model: type[Record], number: int) -> object:
    return session.connection().exec_driver_sql(f'  delete from "{model.__tablename__}"')


BYPASSES = [bulk_insert, bulk_update, bulk_delete, query_update, core_update, core_delete, sql_update, sql_delete]


@every_entity
def test_writing_round_the_gate_is_refused(session: Session, home: Department, model: type[Record]) -> None:
    number = row_of(session, model, home)
    passed = []
    for bypass in BYPASSES:
        try:
            bypass(session, model, number)
        except BypassError:
            continue
        passed.append(bypass.__name__)
    assert passed == []
