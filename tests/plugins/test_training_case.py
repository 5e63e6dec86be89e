import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import PolicyError
from engine.transitions.performing import perform
from models.service_record import ServiceRecord
from models.training_case import CaseState, TrainingCase
from tests.factories.quality import House, by, contact, house
from tests.factories.refusals import refused

pytestmark = pytest.mark.clause("TRN-12")


@pytest.fixture
def at(session: Session) -> House:
    return house(session, packs="Q")


@pytest.fixture
def record(session: Session, at: House) -> ServiceRecord:
    made = contact(at, "H26050100017", customer_name="慕容雪", customer_contact="021-5588 6699")
    session.add(made)
    session.commit()
    return made


def case(**values: object) -> TrainingCase:
    given = {"name": "退货时限", "situation": "客户询问退货时限，情绪激动。", "lesson": "先安抚，再说明。"}
    return TrainingCase(**(given | values))


def test_case_without_personal_data_is_kept_and_published(session: Session, at: House) -> None:
    with by(at.supervisor):
        made = case()
        session.add(made)
        session.commit()
        perform(session, made, "publish")
        session.commit()
    assert (made.author_id, made.state, made.published_by_id) == (
        at.supervisor.id,
        CaseState.PUBLISHED,
        at.supervisor.id,
    )


@pytest.mark.parametrize("field", ["name", "situation", "handling", "lesson"])
def test_case_that_tells_who_somebody_is_is_not_kept(session: Session, at: House, field: str) -> None:
    with by(at.supervisor), refused(session, "training_case.case_identifies_nobody"):
        session.add(case(**{field: "回拨 13812345678"}))


def test_edit_passes_the_same_question(session: Session, at: House) -> None:
    with by(at.supervisor):
        made = case()
        session.add(made)
        session.commit()
        with refused(session, "training_case.case_identifies_nobody"):
            made.lesson = "见订单号 JD0123456789"


def test_real_records_customer_is_looked_for_exactly(session: Session, at: House, record: ServiceRecord) -> None:
    for text in ("慕 容 雪 很着急", "回电02155886699", "见 H26050100017"):
        with by(at.supervisor), refused(session, "training_case.case_identifies_nobody"):
            session.add(case(service_record_id=record.id, situation=text))


def test_refusal_repeats_nothing_of_what_was_found(session: Session, at: House) -> None:
    session.add(case(department_id=at.department.id, situation="客户王小明，手机13812345678"))
    with pytest.raises(PolicyError) as error:
        session.flush()
    session.rollback()
    (broken,) = error.value.violations
    assert ("王小明" in broken.text, "138" in broken.text, "× 1" in broken.text) == (False, False, True)


def test_draft_is_there_for_its_author_and_for_whoever_may_publish_it(session: Session, at: House) -> None:
    with by(at.inspectors[0]):
        draft = case()
        session.add(draft)
        session.commit()
    assert readers_of(session, at) == {"inspector", "supervisor", "manager"}
    with by(at.supervisor):
        perform(session, draft, "publish")
        session.commit()
    assert readers_of(session, at) == {"inspector", "supervisor", "manager", "lead", "agent"}


def readers_of(session: Session, at: House) -> set[str]:
    """Who of the house finds any case."""
    people = {name: getattr(at, name) for name in ("supervisor", "manager", "lead", "agent")} | {
        "inspector": at.inspectors[0]
    }
    found = set()
    for name, person in people.items():
        with by(person):
            if session.scalars(select(TrainingCase.id)).all():
                found.add(name)
    return found
