from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import SYSTEM, Actor, Door, Role, acting
from engine.errors import NotAllowedError
from engine.packs import parameters
from engine.packs.adoption import adopt, set_value
from engine.sweep import sweep
from engine.transitions.performing import perform
from models.audit import AuditEntry
from models.notification import Notification
from models.organisation import Department, Post, Staff, StaffStatus
from models.policy import Adoption, DocumentState, ParameterValue, PolicyDocument
from tests.factories.organisation import actor_of, department, staff
from tests.factories.refusals import objections, refusals
from tests.fixtures.rulebook import NOW

TODAY = date(2026, 5, 4)


@pytest.fixture
def home(session: Session) -> Department:
    return department(session)


@pytest.fixture
def manager(session: Session, home: Department) -> Staff:
    return staff(session, home, Post.MANAGER)


@pytest.fixture
def author(session: Session, home: Department, manager: Staff) -> Staff:
    return staff(session, home, Post.HR, superior=manager)


def document(author: Staff, **fields: Any) -> PolicyDocument:
    values = {
        "code": "CC-01",
        "name": {"zh": "客户关怀部管理制度", "en": "Customer care policy"},
        "edition": "2.0",
        "main_change": "换班须提前两个工作日申请",
        "changed_by_id": author.id,
        "changed_on": TODAY,
        "effective_on": TODAY + timedelta(days=7),
    } | fields
    return PolicyDocument(department_id=author.department_id, **values)


@pytest.fixture
def draft(session: Session, author: Staff) -> PolicyDocument:
    made = document(author)
    session.add(made)
    session.commit()
    return made


@pytest.fixture
def reviewed(session: Session, draft: PolicyDocument, manager: Staff) -> PolicyDocument:
    with acting(actor_of(manager), Door.FORM):
        perform(session, draft, "review")
        session.commit()
    return draft


@pytest.mark.clause("ORG-8")
@pytest.mark.parametrize("change", ["", "   "])
def test_version_without_its_main_change(session: Session, author: Staff, change: str) -> None:
    session.add(document(author, main_change=change))
    assert refusals(session) == ["policy_document.main_change_is_stated"]


@pytest.mark.clause("ORG-8")
@pytest.mark.parametrize(("days", "kept"), [(0, True), (1, True), (-1, False)])
def test_version_takes_effect_on_or_after_its_change(session: Session, author: Staff, days: int, kept: bool) -> None:
    session.add(document(author, effective_on=TODAY + timedelta(days=days)))
    if kept:
        session.flush()
    else:
        assert refusals(session) == ["policy_document.effect_follows_change"]


@pytest.mark.clause("ORG-8")
def test_review_by_somebody_else(session: Session, reviewed: PolicyDocument, manager: Staff) -> None:
    assert (reviewed.state, reviewed.reviewed_by_id, reviewed.reviewed_at) == (DocumentState.REVIEWED, manager.id, NOW)


@pytest.mark.clause("ORG-8")
def test_review_by_the_author(session: Session, draft: PolicyDocument, author: Staff) -> None:
    with acting(actor_of(author), Door.FORM):
        assert objections(session, draft, "review") == ["policy_document.somebody_else_than_changed_by_id_decides"]
    assert draft.state is DocumentState.DRAFT


@pytest.mark.clause("ORG-8")
def test_author_who_writes_another_name_is_the_author_all_the_same(
    session: Session, author: Staff, manager: Staff
) -> None:
    made = document(author, changed_by_id=manager.id)
    with acting(actor_of(author), Door.FORM):
        session.add(made)
        session.flush()
        assert made.changed_by_id == author.id
        assert objections(session, made, "review") == ["policy_document.somebody_else_than_changed_by_id_decides"]


@pytest.mark.clause("ORG-8")
def test_reviewer_who_edits_the_draft_becomes_its_author(
    session: Session, draft: PolicyDocument, manager: Staff
) -> None:
    with acting(actor_of(manager), Door.FORM):
        draft.body = "修订"
        session.flush()
        assert objections(session, draft, "review") == ["policy_document.somebody_else_than_changed_by_id_decides"]


@pytest.mark.clause("ORG-8")
def test_review_without_the_role(session: Session, home: Department, draft: PolicyDocument, manager: Staff) -> None:
    trainer = staff(session, home, Post.TRAINER, superior=manager)
    with acting(actor_of(trainer), Door.FORM), pytest.raises(NotAllowedError):
        perform(session, draft, "review")


@pytest.mark.clause("ORG-8")
def test_reviewed_text_is_not_edited(session: Session, reviewed: PolicyDocument) -> None:
    reviewed.body = "悄悄改过"
    assert refusals(session) == ["policy_document.reviewed_text_stays"]


@pytest.mark.clause("ORG-8")
def test_reviewed_version_returned_to_draft_is_reviewed_anew(
    session: Session, reviewed: PolicyDocument, manager: Staff
) -> None:
    with acting(actor_of(manager), Door.FORM):
        perform(session, reviewed, "return_to_draft", reason="第三条有误")
        assert (reviewed.state, reviewed.reviewed_by_id, reviewed.reviewed_at) == (DocumentState.DRAFT, None, None)
        reviewed.body = "改正"
        session.commit()
    with clock.fixed_at(NOW + timedelta(days=30)):
        sweep(session, "test")
    assert reviewed.state is DocumentState.DRAFT


@pytest.mark.clause("ORG-8")
def test_reviewed_version_takes_effect_on_its_day_and_staff_are_told(
    session: Session, home: Department, reviewed: PolicyDocument, manager: Staff, author: Staff
) -> None:
    gone = staff(session, home, Post.TRAINER, superior=manager, status=StaffStatus.CANDIDATE)
    session.commit()
    for day, state, told in [(6, DocumentState.REVIEWED, []), (7, DocumentState.IN_EFFECT, [manager.id, author.id])]:
        with clock.fixed_at(NOW + timedelta(days=day)):
            sweep(session, "test")
        assert reviewed.state is state
        assert sorted(session.scalars(select(Notification.recipient_id))) == told
    assert gone.id not in told


@pytest.mark.clause("ORG-8")
def test_effect_is_told_once_however_often_the_clock_asks(session: Session, reviewed: PolicyDocument) -> None:
    with clock.fixed_at(NOW + timedelta(days=8)):
        for _again in range(3):
            sweep(session, "test")
    codes = session.scalars(select(Notification.code)).all()
    assert codes == ["policy.in_effect"] * 2
    data = session.scalars(select(Notification.data)).first()
    assert data is not None
    assert (data["edition"], data["change"]) == ("2.0", "换班须提前两个工作日申请")


@pytest.mark.clause("ORG-8")
def test_draft_does_not_take_effect(session: Session, draft: PolicyDocument) -> None:
    with clock.fixed_at(NOW + timedelta(days=30)):
        sweep(session, "test")
    assert draft.state is DocumentState.DRAFT


@pytest.mark.clause("ORG-8")
def test_version_in_effect_is_replaced_by_the_next(
    session: Session, reviewed: PolicyDocument, author: Staff, manager: Staff
) -> None:
    other = document(author, code="CC-02")
    later = document(author, edition="3.0", effective_on=TODAY + timedelta(days=20))
    session.add_all([other, later])
    session.flush()
    with acting(actor_of(manager), Door.FORM):
        perform(session, other, "review")
        perform(session, later, "review")
        session.commit()
    with clock.fixed_at(NOW + timedelta(days=21)):
        sweep(session, "test")
    assert (reviewed.state, later.state) == (DocumentState.REPLACED, DocumentState.IN_EFFECT)
    assert other.state is DocumentState.IN_EFFECT


@pytest.mark.clause("ORG-8")
def test_version_in_effect_is_closed(session: Session, reviewed: PolicyDocument) -> None:
    with clock.fixed_at(NOW + timedelta(days=8)):
        sweep(session, "test")
    reviewed.body = "改动"
    assert refusals(session) == ["gate.closed_is_closed"]


@pytest.fixture
def adopted(session: Session, home: Department) -> Department:
    """A department that runs by the quality policy alone: it has no ORG-8, and values are judged all the same."""
    adopt(session, home, "Q", rank=1, valid_from=date(2024, 1, 1))
    session.commit()
    return home


def own(home: Department, **fields: Any) -> ParameterValue:
    values = {"name": "pass_mark", "clause": "", "value": 70, "valid_from": TODAY, "reason": "试行"} | fields
    return ParameterValue(department_id=home.id, **values)


def test_value_of_the_department(session: Session, adopted: Department) -> None:
    row = set_value(session, adopted.id, "pass_mark", 70, TODAY, "试行")
    session.commit()
    assert row.clause == "TRN-6"
    assert parameters.value(session, adopted.id, "pass_mark", TODAY) == 70
    assert parameters.value(session, adopted.id, "pass_mark", TODAY - timedelta(days=1)) == 80
    origin = parameters.in_force(session, adopted.id, "pass_mark", TODAY)
    assert (origin.pack, origin.reason, origin.valid_from) == (None, "试行", TODAY)


def test_value_from_a_day_in_the_past_is_audited(session: Session, adopted: Department) -> None:
    row = set_value(session, adopted.id, "pass_mark", 70, date(2025, 1, 1), "更正")
    session.commit()
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.entity == "parameter_value", AuditEntry.record_id == row.id)
    ).one()
    assert (entry.action, entry.at) == ("create", NOW)
    assert (entry.changes["valid_from"], entry.changes["reason"]) == ([None, "2025-01-01"], [None, "更正"])


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_value_without_a_reason(session: Session, adopted: Department, reason: str | None) -> None:
    session.add(own(adopted, reason=reason))
    assert refusals(session) == ["parameter_value.change_of_value_has_a_reason"]


@pytest.mark.parametrize("name", ["pass_marks", "", "PASS_MARK"])
def test_value_of_an_unknown_name(session: Session, adopted: Department, name: str) -> None:
    session.add(own(adopted, name=name))
    assert refusals(session) == ["parameter_value.value_has_a_known_name"]


WRONG = [
    ("pass_mark", 101),
    ("pass_mark", -1),
    ("pass_mark", "80"),
    ("pass_mark", True),
    ("pass_mark", None),
    ("pass_mark", 79.5),
    ("feedback_weekday", "fryday"),
    ("plan_due", "13-40"),
    ("satisfaction_target", "5.01"),
    ("rectification_days", {}),
    ("rectification_days", [7, 5, 3]),
    ("reminders.QA-1", []),
    ("reminders.QA-1", [{"offset": "-1d", "to": ["nobody"]}]),
    ("reminders.QA-1", [{"offset": "+1d", "to": ["owner"]}, {"offset": "-1d", "to": ["owner"]}]),
    ("indicators", []),
    ("indicators", [{"code": "x"}]),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_value_of_the_wrong_type_or_beyond_its_bounds(
    session: Session, adopted: Department, name: str, value: Any
) -> None:
    session.add(own(adopted, name=name, value=value))
    assert set(refusals(session)) == {"parameter_value.value_keeps_type_and_bounds"}


RIGHT = [
    ("pass_mark", 1),
    ("pass_mark", 100),
    ("feedback_weekday", "thursday"),
    ("plan_due", "11-30"),
    ("satisfaction_target", "4.5"),
    ("reminders.QA-1", [{"offset": "-1d", "to": ["owner"]}, {"offset": "0", "to": ["owner", "superior"]}]),
]


@pytest.mark.parametrize(("name", "value"), RIGHT)
def test_value_of_the_right_type_within_its_bounds(
    session: Session, adopted: Department, name: str, value: Any
) -> None:
    session.add(own(adopted, name=name, value=value))
    session.flush()
    assert parameters.value(session, adopted.id, name, TODAY) == value


def test_weights_of_the_indicators_sum_to_100(session: Session, adopted: Department) -> None:
    indicators = [dict(each) for each in parameters.value(session, adopted.id, "indicators", TODAY)]
    session.add(own(adopted, name="indicators", value=indicators))
    session.flush()
    indicators[0]["weight"] = "99"
    session.add(own(adopted, name="indicators", value=indicators))
    assert refusals(session) == ["parameter_value.value_keeps_type_and_bounds"]


FORGED = [
    {"pack": "Q", "pack_version": "1.0", "value": 10},
    {"pack": "Q", "pack_version": "9.9", "value": 80},
    {"pack": "B", "pack_version": "1.0", "value": 80},
    {"pack": "X", "pack_version": "1.0", "value": 80},
]


@pytest.mark.parametrize("claim", FORGED)
def test_value_under_the_name_of_a_pack_that_does_not_say_so(
    session: Session, adopted: Department, claim: dict[str, Any]
) -> None:
    session.add(own(adopted, reason=None, **claim))
    assert refusals(session) == ["parameter_value.pack_value_is_what_the_pack_says"]


def test_value_in_force_is_not_edited(session: Session, adopted: Department) -> None:
    row = session.scalars(select(ParameterValue).where(ParameterValue.name == "pass_mark")).one()
    row.value = 60
    assert refusals(session) == ["parameter_value.history_is_kept"]


def administrator(home: Department) -> Actor:
    return Actor(staff_id=None, department_id=home.id, roles=frozenset({Role.ADMINISTRATOR}))


def test_administrator_adopts_and_everything_follows(session: Session, home: Department) -> None:
    with acting(administrator(home), Door.FORM):
        adopt(session, home, "I", rank=1, valid_from=TODAY)
        session.commit()
    with acting(SYSTEM, Door.COMMAND):
        assert session.scalars(select(Adoption.pack)).all() == ["I"]
        assert parameters.known(session, home.id) != []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_adoption_without_the_role(session: Session, home: Department, role: Role) -> None:
    session.commit()
    with acting(Actor(staff_id=1, department_id=home.id, roles=frozenset({role})), Door.FORM):
        session.add(Adoption(department_id=home.id, pack="I", pack_version="1.0", rank=1, adopted_on=TODAY))
        assert refusals(session) == ["gate.granted"]


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMINISTRATOR, Role.MANAGER}])
def test_setting_a_value_without_the_role(session: Session, adopted: Department, role: Role) -> None:
    with acting(Actor(staff_id=1, department_id=adopted.id, roles=frozenset({role})), Door.CELL):
        session.add(own(adopted))
        assert refusals(session) == ["gate.granted"]
