"""What there is: the entities that the caller may read, each with its address."""

from flask.typing import ResponseReturnValue

from api import door
from api.door import PREFIX, pages
from api.entities import entities
from api.reading import answer


@pages.get("")
def index() -> ResponseReturnValue:
    """The entities in reach of the token."""
    scopes = door.bearer().scopes
    offered = [each.offered() for name, each in entities().items() if scopes.allow(name, writing=False)]
    found = [
        {
            "name": one.resource.name,
            "label": one.resource.plural,
            "address": f"{PREFIX}/{one.resource.name}",
            "may": [action for action in ("read", "create", "edit", "delete") if one.may(action)],
        }
        for one in offered
        if one.may("read")
    ]
    return answer({"entities": found, "openapi": f"{PREFIX}/openapi.json", "docs": f"{PREFIX}/docs"})
