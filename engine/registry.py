"""Everything that the loaded domains declare, found by entity or by name."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from engine.hooks import PROJECT, Hooks
from engine.importing.importable import Importable
from engine.manifest import Domain, Notice
from engine.obligations.kinds import Duty
from engine.permissions import matrix
from engine.rules import After, Fill, Rule
from engine.transitions.kinds import Transition
from models.base import Record

if TYPE_CHECKING:
    from engine.jobs.tasks import Task

Item = TypeVar("Item")


class Registry:
    """The loaded domains. There is one, `registry`, filled at start-up."""

    def __init__(self) -> None:
        """Start with the contracts and no implementations."""
        self.plugins = pluggy.PluginManager(PROJECT)
        self.plugins.add_hookspecs(Hooks)
        self._forget()

    @property
    def hook(self) -> Any:  # noqa: ANN401 pluggy's relay answers any declared hook
        """Call a hook: `registry.hook.moved(...)`."""
        return self.plugins.hook

    def load(self, plugins: Iterable[object]) -> None:
        """Register plugins that are not yet in, check their hooks' names and arguments, and read their manifests.

        Raises pluggy's PluginValidationError for a misspelt hook, ValueError for a name declared twice.
        """
        for plugin in plugins:
            if not self.plugins.is_registered(plugin):
                self.plugins.register(plugin)
        self.plugins.check_pending()
        self._read()

    @contextmanager
    def with_plugin(self, plugin: object) -> Iterator[None]:
        """Have a plugin for one block, and be rid of it afterwards unless it was there before."""
        if self.plugins.is_registered(plugin):
            yield
            return
        self.load([plugin])
        try:
            yield
        finally:
            self.plugins.unregister(plugin)
            self._read()

    def entity(self, name: str) -> type[Record]:
        """The model of a table's name. Raises KeyError."""
        return self.entities[name]

    def fills_for(self, model: type[Record]) -> tuple[Fill, ...]:
        """What computes columns of the entity."""
        return tuple(self.fills[model])

    def afters_for(self, model: type[Record]) -> tuple[Fill, ...]:
        """What follows by itself from a record's creation."""
        return tuple(self.afters[model])

    def afters_of_edits(self, model: type[Record], changed: Collection[str]) -> tuple[Fill, ...]:
        """What follows by itself when these columns of a record change."""
        named = (after for after in self.afters[model] if isinstance(after, After))
        return tuple(after for after in named if not set(after.changed).isdisjoint(changed))

    def rules_for(self, model: type[Record]) -> tuple[Rule, ...]:
        """Rules asked of every write of the entity."""
        return tuple(self.rules[model])

    def transitions_for(self, model: type[Record]) -> tuple[Transition, ...]:
        """Every declared move of the entity, in the order of its manifest."""
        return tuple(self.transitions[model].values())

    def transition(self, model: type[Record], name: str) -> Transition:
        """One move by name. Raises KeyError."""
        return self.transitions[model][name]

    def duties_for(self, model: type[Record]) -> tuple[Duty, ...]:
        """Obligations that the entity's records open or meet."""
        return tuple(self.duties[model])

    def duty(self, name: str) -> Duty:
        """One obligation's declaration by name. Raises KeyError."""
        return self.duty_names[name]

    def importable(self, entity: str) -> Importable:
        """What files may bring for an entity. Raises KeyError where nothing was declared."""
        return self.importables[entity]

    def _forget(self) -> None:
        self.domains: dict[str, Domain] = {}
        self.entities: dict[str, type[Record]] = {}
        self.fills: defaultdict[type[Record], list[Fill]] = defaultdict(list)
        self.afters: defaultdict[type[Record], list[Fill]] = defaultdict(list)
        self.rules: defaultdict[type[Record], list[Rule]] = defaultdict(list)
        self.transitions: defaultdict[type[Record], dict[str, Transition]] = defaultdict(dict)
        self.duties: defaultdict[type[Record], list[Duty]] = defaultdict(list)
        self.duty_names: dict[str, Duty] = {}
        self.notices: dict[str, Notice] = {}
        self.importables: dict[str, Importable] = {}
        self.tasks: dict[str, Task] = {}

    def _read(self) -> None:
        self._forget()
        # pluggy calls the last registered first; people expect the order in which plugins are listed.
        for domain in reversed(self.hook.domain()):
            self._take(domain)
        for tasks in self.hook.tasks():
            for task in tasks:
                _once(self.tasks, task.name, task)

    def _take(self, domain: Domain) -> None:
        _once(self.domains, domain.name, domain)
        for model in domain.entities:
            _once(self.entities, model.__tablename__, model)
            matrix.add_customers(model.__tablename__, model.__entity__.customers)
        for fill in domain.fills:
            self.fills[fill.entity].append(fill)
        for after in domain.afters:
            self.afters[after.entity].append(after)
        for rule in domain.rules:
            self.rules[rule.entity].append(rule)
        for move in domain.transitions:
            _once(self.transitions[move.entity], move.name, move)
        for duty in domain.obligations:
            self.duties[duty.entity].append(duty)
            _once(self.duty_names, duty.name, duty)
        for importable in domain.importables:
            _once(self.importables, importable.name, importable)
        for notice in domain.notices:
            _once(self.notices, notice.code, notice)
        matrix.add_grants(domain.grants)


def _once(shelf: dict[str, Item], name: str, item: Item) -> None:
    if name in shelf:
        msg = f"{name} is declared twice"
        raise ValueError(msg)
    shelf[name] = item


registry = Registry()
