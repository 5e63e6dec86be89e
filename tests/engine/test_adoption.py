from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import PolicyError
from engine.packs import declared, loader, parameters
from engine.packs.adoption import adopt, set_value
from models.organisation import Channel
from models.policy import Adoption, ParameterValue
from tests.factories.organisation import department

START, MAY = date(2024, 1, 1), date(2026, 5, 4)


def refusals(error: pytest.ExceptionInfo[PolicyError]) -> list[str]:
    return [violation.rule for violation in error.value.violations]


def test_adoption_brings_every_value_of_the_pack(session: Session) -> None:
    home = department(session)
    adopt(session, home, "C", rank=1, valid_from=START)
    session.commit()
    stored = session.scalars(select(ParameterValue)).all()
    assert {row.name for row in stored} == set(declared.declarations("C"))
    assert {(row.pack, row.pack_version, row.valid_from) for row in stored} == {("C", "1.0", START)}
    assert parameters.value(session, home.id, "swap_lead_days", MAY) == 2
    assert parameters.value(session, home.id, "reminders.ROS-5", MAY)[0]["to"] == ["owner"]
    assert parameters.value(session, home.id, "conduct_rules", MAY)[0]["clause"] == "ATT-7"


def test_higher_rank_wins_whichever_was_adopted_first(session: Session) -> None:
    home = department(session)
    adopt(session, home, "Q", rank=2, valid_from=START)
    adopt(session, home, "B", rank=1, valid_from=date(2025, 1, 1))
    session.commit()
    of_both = parameters.in_force(session, home.id, "ack_within_days", MAY)
    assert of_both.pack == "Q"
    assert parameters.in_force(session, home.id, "award_places", MAY).pack == "B"


def test_own_value_outlives_a_newer_version_of_the_pack(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    home = department(session)
    adopt(session, home, "C", rank=1, valid_from=START)
    set_value(session, home.id, "swap_lead_days", 3, date(2025, 1, 1), "Trial in spring")
    newer(monkeypatch, "C", swap_lead_days=4, notice_day=24)
    adopt(session, home, "C", rank=1, valid_from=date(2026, 1, 1))
    session.commit()
    assert session.scalars(select(Adoption.pack_version)).one() == "1.1"
    on = {day: parameters.value(session, home.id, "notice_day", day) for day in (date(2025, 12, 31), date(2026, 1, 1))}
    assert list(on.values()) == [25, 24]
    assert [v.value for v in parameters.history(session, home.id, "swap_lead_days")] == [2, 3]


def newer(monkeypatch: pytest.MonkeyPatch, code: str, **values: Any) -> None:
    """Version 1.1 of a pack, as if its file had been edited."""
    old = loader.load_packs()
    changed = tuple(p.model_copy(update={"value": values.get(p.name, p.value)}) for p in old[code].parameters)
    pack = old[code].model_copy(update={"version": "1.1", "parameters": changed})
    packs = {**old, code: pack}
    rules = ("plugins.policy.adoption_rules", "plugins.policy.value_rules")
    for module in ("engine.packs.adoption", "engine.packs.declared", *rules):
        monkeypatch.setattr(f"{module}.load_packs", lambda: packs)
    declared.declarations.cache_clear()
    monkeypatch.setattr(declared, "declarations", declared.declarations.__wrapped__)


def test_same_version_is_adopted_once(session: Session) -> None:
    home = department(session)
    adopt(session, home, "C", rank=1, valid_from=START)
    with pytest.raises(PolicyError) as error:
        adopt(session, home, "C", rank=1, valid_from=MAY)
    assert refusals(error) == ["adoption.version_differs"]


def test_unknown_pack_is_refused_with_the_known_ones(session: Session) -> None:
    with pytest.raises(PolicyError) as error:
        adopt(session, department(session), "X", rank=1, valid_from=START)
    assert refusals(error) == ["adoption.pack_is_known"]
    assert error.value.violations[0].values == {"pack": "X", "known": "B, C, D, I, Q"}


def test_rank_of_another_pack_is_refused(session: Session) -> None:
    home = department(session)
    adopt(session, home, "C", rank=1, valid_from=START)
    with pytest.raises(PolicyError) as error:
        adopt(session, home, "Q", rank=1, valid_from=START)
    assert refusals(error) == ["adoption.rank_is_its_own"]


def test_rank_of_an_adopted_pack_stays(session: Session) -> None:
    home = department(session)
    adoption = adopt(session, home, "C", rank=1, valid_from=START)
    adoption.rank = 5
    with pytest.raises(PolicyError) as error:
        session.flush()
    assert refusals(error) == ["adoption.adopted_pack_keeps_its_place"]


def test_adoption_without_its_values_is_refused(session: Session) -> None:
    home = department(session)
    session.add(Adoption(department_id=home.id, pack="C", pack_version="1.0", rank=1, adopted_on=START))
    with pytest.raises(PolicyError) as error:
        session.flush()
    assert refusals(error) == ["adoption.adoption_brings_its_values"]


def test_channels_of_the_pack_are_there_once(session: Session) -> None:
    home = department(session)
    session.add(Channel(department_id=home.id, code="email", name={"zh": "邮箱", "en": "Mailbox"}))
    session.flush()
    adopt(session, home, "I", rank=1, valid_from=START)
    session.commit()
    found = {channel.code: channel.name["en"] for channel in session.scalars(select(Channel))}
    assert sorted(found) == sorted(channel.code for channel in loader.load_packs()["I"].channels)
    assert found["email"] == "Mailbox"
