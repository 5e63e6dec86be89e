"""A domain from outside with one monthly duty, for tests of what recurs."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.obligations.kinds import Recurring
from engine.obligations.periods import Every, end_of
from engine.registry import registry
from models.calendar import CalendarDay
from models.organisation import Post

REPORT = Recurring(
    name="sample_report",
    clause="",
    label="Monthly report",
    post=Post.SHIFT_LEAD,
    every=Every.MONTH,
    due=lambda period, _value, zone: end_of(period.day(10), zone),
    entity=CalendarDay,
    period_of=lambda record: [f"{record.day:%Y-%m}"],
    met=lambda record: record.name["en"] == "report",
)
"""Owed by the shift lead at the end of the 10th; met by a calendar day named `report`."""


@contextmanager
def only(*duties: Recurring) -> Iterator[None]:
    """The duties are declared for one block, and no other recurring ones: their packs are not adopted."""
    plugin = ModuleType("sample_domain")
    plugin.domain = hookimpl(lambda: Domain(name="sample", label="Sample", obligations=duties))  # type: ignore[attr-defined]  # a plugin is any object
    with registry.with_plugin(plugin):
        yield
