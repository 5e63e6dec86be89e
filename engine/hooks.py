"""Every contract between the product and its plugins. Built-in domains use these and nothing more.

Implementations take only the arguments they need. They answer; they do not raise. Nothing may rely on the order in
which implementations are called.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import pluggy
from sqlalchemy.orm import Session

from engine.acting import Actor
from engine.answers import Clearance, Impediment
from engine.errors import Violation
from engine.jobs.tasks import Task
from engine.manifest import Domain
from engine.packs.schema import Pack
from engine.transitions.kinds import Transition
from models.base import Record
from models.obligation import Obligation
from models.organisation import Department, Staff

PROJECT = "dutybook"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks:
    """The hook contracts."""

    @hookspec
    def domain(self) -> Domain:  # type: ignore[empty-body]  # a contract has no body
        """Return the manifest of the domain that the plugin brings."""

    @hookspec
    def views(self) -> Sequence[Any]:  # type: ignore[empty-body]  # a contract has no body
        """Return the admin views to register, in the order of the menu: instances, each naming its own place in it."""

    @hookspec
    def commands(self) -> Sequence[click.Command]:  # type: ignore[empty-body]  # a contract has no body
        """Return the commands that the domain brings to `flask`; each runs inside the application's context."""

    @hookspec
    def tasks(self) -> Sequence[Task]:  # type: ignore[empty-body]  # a contract has no body
        """Return the kinds of long work that the domain asks for, each under a name that stays the same for good."""

    @hookspec
    def migrations(self) -> Path:  # type: ignore[empty-body]  # a contract has no body
        """Return the folder with the plugin's own Alembic revisions."""

    @hookspec
    def translations(self) -> Path:  # type: ignore[empty-body]  # a contract has no body
        """Return the folder with the plugin's own message catalogues."""

    @hookspec
    def violations(  # type: ignore[empty-body]  # a contract has no body
        self,
        session: Session,
        record: Record,
        transition: Transition,
        actor: Actor,
        now: datetime,
    ) -> Sequence[Violation]:
        """Say what speaks against a transition before it happens; an empty answer lets it through."""

    @hookspec
    def moved(self, session: Session, record: Record, transition: Transition, actor: Actor, now: datetime) -> None:
        """Act on a transition that has just happened, inside the same transaction."""

    @hookspec
    def left(self, session: Session, person: Staff) -> None:
        """Settle what lies with somebody who has just left the department, inside the same transaction."""

    @hookspec
    def due(self, session: Session, now: datetime) -> int:  # type: ignore[empty-body]  # a contract has no body
        """Do what has become due by the clock alone (a document takes effect); return how many things were done.

        Called at every sweep inside a transaction of its own; asking twice must do nothing twice.
        """

    @hookspec
    def overdue(self, session: Session, obligation: Obligation, now: datetime) -> None:
        """Act on an obligation that has just passed its due moment unmet, inside the same transaction."""

    @hookspec
    def impediments(  # type: ignore[empty-body]  # a contract has no body
        self, session: Session, people: Sequence[Staff], on: date
    ) -> Sequence[Impediment]:
        """Say what keeps any of these people off post on a day: all of them in one go, no query a person."""

    @hookspec
    def withheld(self, session: Session, staff_id: int) -> bool:  # type: ignore[empty-body]  # a contract has no body
        """Say whether customers' data stays masked for a person at present, whatever their role shows."""

    @hookspec
    def clearances(  # type: ignore[empty-body]  # a contract has no body
        self, session: Session, entity: str, actor: Actor, now: datetime
    ) -> Sequence[Clearance]:
        """Say under which approvals somebody may take an entity's internal data out of the department (CNF-4)."""

    @hookspec
    def taken(self, session: Session, clearance: Clearance, entity: str, rows: int) -> None:
        """Note that a file was taken under an approval, inside the transaction that notes the export."""

    @hookspec
    def adopted(self, session: Session, department: Department, pack: Pack) -> None:
        """Begin with what a just adopted pack lists as records: channels, topics, the scorecard.

        Called inside the adoption's transaction, again for each newer version: what is there already stays as it is.
        """
