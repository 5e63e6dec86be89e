"""A plugin from outside, whole: its own record, rule, obligation, screens, grants, migration and translation.

Dropped into `plugins/` as a folder, or installed with the entry point `found_item = sample_plugin` of the group
`dutybook`. It imports its own files relatively, since its name differs between the two ways.
"""

from pathlib import Path
from typing import Any

from engine.hooks import hookimpl
from engine.manifest import Domain
from models.words import _

from .found_item import FoundItem
from .keeping import MOVES, RETURN, kept_for_a_while

HERE = Path(__file__).parent
GRANTS = (
    {"entity": "found_item", "action": "read", "agent": "own", "shift_lead": "department"},
    {"entity": "found_item", "action": "create", "agent": "own", "shift_lead": "department"},
    {"entity": "found_item", "action": "give_back", "shift_lead": "department"},
)


@hookimpl
def domain() -> Domain:
    """What is found on the floor is kept and given back."""
    return Domain(
        name="found_item",
        label=_("Found items"),
        entities=(FoundItem,),
        rules=(kept_for_a_while,),
        transitions=MOVES,
        obligations=(RETURN,),
        grants=GRANTS,
    )


@hookimpl
def views() -> list[Any]:
    """The screens, imported late: rules and records stand without them."""
    from .screens import FoundItemView

    return [FoundItemView()]


@hookimpl
def migrations() -> Path:
    """The folder of the plugin's own revisions."""
    return HERE / "migrations"


@hookimpl
def translations() -> Path:
    """The folder of the plugin's own catalogues."""
    return HERE / "translations"
