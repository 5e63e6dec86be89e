from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine import clock
from engine.acting import SYSTEM, Actor, Door, NobodyActingError, Role, _act, acting
from engine.errors import BypassError, PolicyError
from engine.gate import review
from engine.gate.bypass import maintenance_write
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.packs.adoption import adopt
from engine.registry import registry
from engine.rules import After, Facts, Verdict, rule
from engine.transitions.performing import perform
from models.audit import AuditEntry, Refusal, RuleTally
from models.organisation import Channel, Department, OnCall, Post, Staff, StaffStatus, Team
from tests.factories.organisation import actor_of, channel, department, staff, team
from tests.factories.refusals import refusals
from tests.factories.statements import reads
from tests.fixtures.rulebook import NOW


@pytest.fixture
def home(session: Session) -> Department:
    made = department(session)
    session.commit()
    return made


@pytest.fixture
def manager(session: Session, home: Department) -> Staff:
    return staff(session, home, Post.MANAGER)


def agent(home: Department, number: int, **fields: object) -> Staff:
    values = {"name": "王", "post": Post.HOTLINE_AGENT, "hire_date": date(2024, 3, 1)} | fields
    return Staff(department_id=home.id, number=f"A{number:04}", **values)


def test_all_broken_rules_are_told_at_once(session: Session, home: Department, manager: Staff) -> None:
    session.add(agent(home, 1))
    session.add(Team(department_id=home.id, name="空组"))
    assert sorted(refusals(session)) == [
        "staff.agent_has_a_team",
        "staff.direct_superior_is_named",
        "team.team_serves_a_channel",
    ]


def test_refused_write_leaves_nothing(session: Session, home: Department, manager: Staff) -> None:
    session.commit()
    session.add(channel(session, home, "mail"))
    session.add(agent(home, 1))
    refusals(session)
    assert session.scalar(select(func.count()).select_from(Channel)) == 0
    assert session.scalar(select(func.count()).select_from(Staff)) == 1


def test_every_violation_names_its_record_and_field(session: Session, home: Department) -> None:
    person = agent(home, 1)
    session.add(person)
    with pytest.raises(PolicyError) as error:
        session.flush()
    assert {(v.record, v.field, v.clause) for v in error.value.violations} == {
        (person, "superior_id", "ORG-1"),
        (person, "team_id", "ORG-1"),
    }


def test_new_record_is_stamped_with_who_when_and_where(session: Session, home: Department, manager: Staff) -> None:
    with acting(actor_of(manager), Door.FORM):
        made = Channel(code="mail", name={"zh": "邮件", "en": "E-mail"})
        session.add(made)
        session.flush()
    assert (made.department_id, made.created_by_id, made.created_at, made.updated_at) == (home.id, manager.id, NOW, NOW)
    assert made.active is True


def test_author_and_moment_cannot_be_brought_along(session: Session, home: Department, manager: Staff) -> None:
    """The stamp of a fresh record is the gate's for its moment of change; a forged edit moment is overwritten."""
    made = channel(session, home)
    made.updated_at = NOW - timedelta(days=400)
    made.active = False
    with clock.fixed_at(NOW + timedelta(hours=1)):
        session.flush()
    assert made.updated_at == NOW + timedelta(hours=1)


def test_edit_moves_the_moment_and_the_version_and_not_the_beginning(session: Session, home: Department) -> None:
    made = channel(session, home)
    with clock.fixed_at(NOW + timedelta(hours=1)):
        made.active = False
        session.flush()
    assert (made.created_at, made.updated_at, made.version) == (NOW, NOW + timedelta(hours=1), 2)


def test_write_that_nobody_does_is_refused(session: Session, home: Department) -> None:
    session.add(Channel(department_id=home.id, code="mail", name={"zh": "邮件", "en": "E-mail"}))
    token = _act.set(None)
    try:
        with pytest.raises(NobodyActingError):
            session.flush()
    finally:
        _act.reset(token)
        session.rollback()


def test_second_writer_on_the_same_version_is_told(session: Session, home: Department) -> None:
    made = channel(session, home)
    session.commit()
    made.active = not made.active
    bump(session, made.id)
    with pytest.raises(StaleDataError):
        session.flush()
    session.rollback()


def bump(session: Session, number: int) -> None:
    """Somebody else has written: the version in the database has moved on."""
    with maintenance_write(session.connection()) as connection:
        connection.exec_driver_sql(f"UPDATE channel SET version = version + 1 WHERE id = {number}")


def test_relation_set_as_an_object_is_judged_by_its_key(session: Session, home: Department, manager: Staff) -> None:
    lead = staff(session, home, Post.SHIFT_LEAD, superior=manager)
    session.commit()
    lead.superior = lead
    assert refusals(session) == ["staff.reporting_line_has_no_circle"]


def test_relation_cleared_as_an_object_is_judged_by_its_key(session: Session, home: Department, manager: Staff) -> None:
    lead = staff(session, home, Post.SHIFT_LEAD, superior=manager)
    session.commit()
    assert lead.superior is manager
    lead.superior = None
    assert refusals(session) == ["staff.direct_superior_is_named"]


def test_value_set_before_it_was_read_is_known_with_what_stood_there(session: Session, home: Department) -> None:
    made = channel(session, home)
    session.commit()
    made.name = {"zh": "热线", "en": "Phone"}
    session.commit()
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.changes == {"name": [{"zh": "热线", "en": "Hotline"}, {"zh": "热线", "en": "Phone"}]}


def test_write_of_the_same_value_is_no_change(session: Session, home: Department) -> None:
    made = channel(session, home)
    session.commit()
    made.code = made.code
    made.active = True
    session.commit()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_dry_run_judges_and_writes_nothing(session: Session, home: Department, manager: Staff) -> None:
    good, bad = channel(session, home), agent(home, 2)
    session.add(bad)
    judged = review(session, only=[bad])
    assert {record: len(judgement.violations) for record, judgement in judged.items()} == {bad: 2}
    assert good not in judged
    session.expunge(bad)
    session.commit()
    assert session.scalar(select(func.count()).select_from(Staff)) == 1


def test_rules_of_a_batch_look_things_up_once(session: Session, home: Department, manager: Staff) -> None:
    group = team(session, home)
    session.commit()
    costs = []
    for first, size in ((0, 3), (100, 60)):
        session.add_all(agent(home, first + n, team_id=group.id, superior_id=manager.id) for n in range(size))
        with reads(session) as sent:
            session.flush()
        costs.append(len(sent))
        session.commit()
    assert costs[0] >= costs[1]


SCOPED = [
    ("agent reads own duty", Role.AGENT, False),
    ("shift lead", Role.SHIFT_LEAD, True),
    ("auditor", Role.AUDITOR, False),
]


@pytest.mark.parametrize(("who", "role", "allowed"), SCOPED)
def test_grant_decides_over_a_write(
    session: Session, home: Department, manager: Staff, who: str, role: Role, allowed: bool
) -> None:
    lead = staff(session, home, Post.SHIFT_LEAD, superior=manager)
    session.commit()
    with acting(actor_of(lead, role), Door.FORM):
        made = OnCall(staff_id=lead.id, starts_at=NOW, ends_at=NOW + timedelta(hours=8))
        session.add(made)
        if allowed:
            session.flush()
        else:
            assert refusals(session) == ["gate.granted"]


def test_record_cannot_be_taken_into_ones_reach_by_the_write_itself(
    session: Session, home: Department, manager: Staff
) -> None:
    elsewhere = department(session, "售后中心")
    foreign = channel(session, elsewhere, "mail")
    session.commit()
    with acting(actor_of(manager), Door.FORM):
        foreign.department_id = home.id
        assert refusals(session) == ["gate.granted"]


def test_record_cannot_be_given_away_to_another_department(session: Session, home: Department, manager: Staff) -> None:
    elsewhere = department(session, "售后中心")
    mine = channel(session, home, "mail")
    session.commit()
    with acting(actor_of(manager), Door.FORM):
        mine.department_id = elsewhere.id
        assert refusals(session) == ["gate.granted"]


def test_savepoint_rolled_back_leaves_no_audit_and_no_count(session: Session, home: Department, manager: Staff) -> None:
    lead = staff(session, home, Post.SHIFT_LEAD, superior=manager)
    session.commit()
    kept = session.scalar(select(func.count()).select_from(AuditEntry))
    tally = dict(session.execute(select(RuleTally.rule, RuleTally.kept)).all())
    undone = session.begin_nested()
    lead.phone = "13900000000"
    session.flush()
    undone.rollback()
    session.commit()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == kept
    assert dict(session.execute(select(RuleTally.rule, RuleTally.kept)).all()) == tally


def test_savepoint_kept_is_audited_once(session: Session, home: Department, manager: Staff) -> None:
    lead = staff(session, home, Post.SHIFT_LEAD, superior=manager)
    session.commit()
    kept = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    with session.begin_nested():
        lead.phone = "13900000000"
        session.flush()
    session.commit()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == kept + 1


def test_edit_of_a_named_column_has_its_consequence_once_a_commit(
    session: Session, home: Department, manager: Staff
) -> None:
    followed: list[list[str | None]] = []

    class Follower:
        @hookimpl
        def domain(self) -> Domain:
            return Domain(name="follower", label="Follower", afters=(After(Staff, self.follow, changed=("phone",)),))

        def follow(self, _session: Session, people: Sequence[Staff]) -> None:
            followed.append([person.phone for person in people])

    with registry.with_plugin(Follower()):
        manager.email = "li@example.org"
        session.commit()
        assert followed == []
        undone = session.begin_nested()
        manager.phone = "13900000001"
        session.flush()
        undone.rollback()
        session.commit()
        assert followed == []
        for phone in ("13900000002", "13900000003"):
            manager.phone = phone
            session.flush()
        session.commit()
    assert followed == [["13900000003"]]


def test_rule_of_a_plugin_is_asked_while_the_plugin_is_there(session: Session, home: Department) -> None:
    @rule("", Channel, says="A channel has a long code.")
    def code_is_long(made: Channel, facts: Facts) -> Verdict:
        return len(made.code) > 6 or {"code": made.code}

    class Plugin:
        @hookimpl
        def domain(self) -> Domain:
            return Domain(name="strict", label="Strict", rules=(code_is_long,))

    with registry.with_plugin(Plugin()):
        session.add(Channel(department_id=home.id, code="mail", name={}))
        assert refusals(session) == ["channel.code_is_long"]
    session.add(Channel(department_id=home.id, code="mail", name={}))
    session.flush()


def test_rule_binds_whoever_adopted_its_clause_only(session: Session, home: Department, manager: Staff) -> None:
    """ORG-2 comes from the support standard: a department that runs by another pack alone is not bound by it."""
    session.add(Team(department_id=home.id, name="空组"))
    assert refusals(session) == ["team.team_serves_a_channel"]
    adopt(session, home, "C", rank=1, valid_from=date(2024, 1, 1))
    session.add(Team(department_id=home.id, name="空组"))
    session.commit()
    adopt(session, home, "I", rank=2, valid_from=date(2024, 1, 1))
    session.add(Team(department_id=home.id, name="又一空组"))
    assert refusals(session) == ["team.team_serves_a_channel"]


def test_system_acts_under_its_own_name(session: Session, home: Department) -> None:
    with acting(SYSTEM, Door.SCHEDULER):
        channel(session, home)
        session.commit()
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.actor_id, entry.door, entry.department_id) == (None, "scheduler", home.id)


def test_candidate_may_be_created_and_a_suspended_person_may_not(
    session: Session, home: Department, manager: Staff
) -> None:
    with acting(Actor(manager.id, department_id=home.id, roles=frozenset({Role.HR})), Door.IMPORT):
        session.add(agent(home, 1, status=StaffStatus.CANDIDATE, post=Post.HR))
        session.flush()
        session.add(agent(home, 2, status=StaffStatus.SUSPENDED, post=Post.HR, superior_id=manager.id))
        assert refusals(session) == ["gate.state_by_transition"]


def test_savepoint_rolled_back_leaves_what_came_before_it(session: Session, home: Department, manager: Staff) -> None:
    lead = staff(session, home, Post.SHIFT_LEAD, superior=manager)
    session.commit()
    audited = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    channel(session, home, "mail")
    undone = session.begin_nested()
    lead.phone = "13900000000"
    session.flush()
    undone.rollback()
    session.commit()
    newest = session.scalars(select(AuditEntry).order_by(AuditEntry.id).offset(audited)).all()
    assert [(entry.entity, entry.action) for entry in newest] == [("channel", "create")]


def test_refusal_in_a_savepoint_is_counted_when_all_is_done(session: Session, home: Department, manager: Staff) -> None:
    channel(session, home, "mail")
    savepoint = session.begin_nested()
    session.add(Team(department_id=home.id, name="空组"))
    with pytest.raises(PolicyError):
        session.flush()
    savepoint.rollback()
    session.commit()
    assert session.scalars(select(Channel.code)).all() == ["mail"]
    assert session.scalars(select(Refusal.rule)).all() == ["team.team_serves_a_channel"]


def test_move_in_a_savepoint_rolled_back_can_be_made_again(session: Session, home: Department, manager: Staff) -> None:
    lead = staff(session, home, Post.SHIFT_LEAD, superior=manager)
    session.commit()
    undone = session.begin_nested()
    perform(session, lead, "suspend", reason="First")
    undone.rollback()
    perform(session, lead, "suspend", reason="Second")
    session.commit()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "suspend")).all()
    assert [entry.changes["reason"] for entry in entries] == [[None, "Second"]]


def test_flush_that_failed_in_a_savepoint_leaves_no_way_past_the_gate(session: Session, home: Department) -> None:
    channel(session, home, "mail")
    savepoint = session.begin_nested()
    session.add(Channel(department_id=home.id, code="mail", name={}))
    with pytest.raises(IntegrityError):
        session.flush()
    savepoint.rollback()
    with pytest.raises(BypassError):
        session.execute(text("UPDATE channel SET code = 'x'"))


def test_refusal_that_somebody_swallowed_is_counted_with_the_commit(session: Session, home: Department) -> None:
    made = Team(department_id=home.id, name="空组")
    session.add(made)
    with pytest.raises(PolicyError):
        session.flush()
    session.expunge(made)
    channel(session, home, "mail")
    session.commit()
    assert session.scalars(select(Refusal.rule)).all() == ["team.team_serves_a_channel"]
    assert session.scalars(select(RuleTally.broken).where(RuleTally.rule == "team.team_serves_a_channel")).all() == [1]


DISGUISES = [
    "UPDATE staff SET name = 'x'",
    "update STAFF set name = 'x'",
    "\n\t UPDATE staff SET name = 'x'",
    "UPDATE main.staff SET name = 'x'",
    'UPDATE "public"."staff" SET name = \'x\'',
    "UPDATE /* harmless */ staff SET name = 'x'",
    "-- harmless\nUPDATE staff SET name = 'x'",
    "UPDATE OR REPLACE staff SET name = 'x'",
    "UPDATE ONLY staff SET name = 'x'",
    "WITH x AS (SELECT 1) UPDATE staff SET name = 'x'",
    "SELECT 1; DELETE FROM staff",
    "INSERT OR IGNORE INTO staff (id) VALUES (1)",
    "REPLACE INTO `staff` (id) VALUES (1)",
    "MERGE INTO staff USING team ON true WHEN MATCHED THEN DELETE",
    "TRUNCATE TABLE staff",
    "DELETE FROM [staff]",
]


@pytest.mark.parametrize("statement", DISGUISES)
def test_write_in_disguise_is_refused(session: Session, home: Department, statement: str) -> None:
    with pytest.raises(BypassError, match=r"(?i)staff is a policy record"):
        session.connection().exec_driver_sql(statement)


HARMLESS = [
    "SELECT name FROM staff",
    "SELECT id FROM staff -- update staff",
    "INSERT INTO heartbeat (name, beat_at, swept, note) SELECT name, created_at, 0, '' FROM staff",
    "UPDATE heartbeat SET note = 'x' WHERE name IN (SELECT name FROM staff)",
]


@pytest.mark.parametrize("statement", HARMLESS)
def test_statement_that_writes_no_record_passes(session: Session, home: Department, statement: str) -> None:
    session.connection().exec_driver_sql(statement)
