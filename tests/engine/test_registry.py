from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pluggy
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.obligations.kinds import Kind
from engine.registry import Registry, registry
from engine.rules import Facts, Verdict, rule
from engine.sweep import sweep
from models.obligation import Obligation, ObligationState
from models.organisation import Channel, Post, Team
from plugins import BUILT_IN, organisation
from tests.factories.organisation import channel, department, staff
from tests.fixtures.rulebook import NOW


class Bringing:
    """A plugin that brings one domain."""

    def __init__(self, **parts: Any) -> None:
        self.parts = {"name": "sample", "label": "Sample"} | parts

    @hookimpl
    def domain(self) -> Domain:
        return Domain(**self.parts)


@pytest.fixture
def own() -> Registry:
    """A registry beside the product's."""
    return Registry()


def test_registry_finds_what_a_domain_declares(own: Registry) -> None:
    own.load([organisation])
    assert own.entity("team") is Team
    assert [move.name for move in own.transitions_for(own.entity("staff"))] == [
        "put_on_post",
        "suspend",
        "leave",
        "take_on",
    ]
    assert own.transition(own.entity("staff"), "leave").key == "staff.leave"
    assert {each.name for each in own.rules_for(Team)} == {"team.team_serves_a_channel"}
    with pytest.raises(KeyError):
        own.entity("unheard_of")


def test_domains_stand_in_the_order_of_their_list(app: Flask) -> None:
    names = [name.removeprefix("plugins.") for name in BUILT_IN]
    assert [name for name in registry.domains if name in names] == names


def test_plugin_loaded_twice_stands_once(own: Registry) -> None:
    own.load([organisation])
    own.load([organisation])
    assert len(own.rules_for(Team)) == 1


class Misspelt:
    @hookimpl
    def domian(self) -> None: ...


class WrongArgument:
    @hookimpl
    def due(self, session: Session, today: datetime) -> int: ...


@pytest.mark.parametrize("plugin", [Misspelt(), WrongArgument()])
def test_plugin_whose_hooks_do_not_fit_stops_the_start(own: Registry, plugin: object) -> None:
    with pytest.raises(pluggy.PluginValidationError):
        own.load([plugin])


@rule("", Channel, says="-")
def is_fine(made: Channel, facts: Facts) -> Verdict:
    return True


TWICE = [
    {"entities": (Team,)},
    {"notices": (Notice("x", "-", "-"), Notice("x", "-", "-"))},
    {"name": "organisation"},
]


@pytest.mark.parametrize("parts", TWICE)
def test_name_declared_twice_stops_the_start(own: Registry, parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is declared twice"):
        own.load([organisation, Bringing(**parts)])


def test_plugin_for_one_block_leaves_nothing_behind(own: Registry) -> None:
    own.load([organisation])
    before = (set(own.domains), own.rules_for(Channel))
    with own.with_plugin(Bringing(rules=(is_fine,))):
        assert is_fine in own.rules_for(Channel)
    assert (set(own.domains), own.rules_for(Channel)) == before


def test_plugin_for_one_block_that_was_there_before_stays(own: Registry) -> None:
    own.load([organisation])
    with own.with_plugin(organisation):
        pass
    assert "organisation" in own.domains


class Overdue:
    """A duty of every new channel, due a day after it was made; hears when it has passed unmet."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, ObligationState]] = []

    @hookimpl
    def domain(self) -> Domain:
        kind = Kind(
            name="name_channel",
            clause="",
            entity=Channel,
            label="Name the channel",
            owed=lambda made: made.active,
            met=lambda made: not made.active,
            due=lambda made, _facts: made.created_at + timedelta(days=1),
            post=Post.MANAGER,
        )
        return Domain(name="sample", label="Sample", obligations=(kind,))

    @hookimpl
    def overdue(self, session: Session, obligation: Obligation, now: datetime) -> None:
        self.heard.append((obligation.kind, obligation.state))


@pytest.fixture
def overdue(session: Session) -> Iterator[Overdue]:
    plugin = Overdue()
    with registry.with_plugin(plugin):
        home = department(session)
        staff(session, home, Post.MANAGER)
        channel(session, home, "mail")
        session.commit()
        yield plugin


def test_hook_overdue(session: Session, overdue: Overdue) -> None:
    for hours, heard in [(23, 0), (24, 1), (48, 1)]:
        with clock.fixed_at(NOW + timedelta(hours=hours)):
            sweep(session, "test")
        assert len(overdue.heard) == heard
    assert overdue.heard == [("name_channel", ObligationState.OVERDUE)]


def test_duty_met_in_time_is_never_overdue(session: Session, overdue: Overdue) -> None:
    session.scalars(select(Channel)).one().active = False
    session.commit()
    with clock.fixed_at(NOW + timedelta(days=3)):
        sweep(session, "test")
    assert overdue.heard == []
    assert session.scalars(select(Obligation.state)).all() == [ObligationState.MET]
