"""A view that shows one of its base's pages its own way: another template, and what it needs beside the base's data."""

from collections.abc import Mapping
from typing import Any, ClassVar

DETAILS, MOVE, LIST = "admin/model/details.html", "entity/move.html", "admin/model/list.html"


class OwnPages:
    """Stands before EntityView among a view's bases. `own` maps a template of the base to one that extends it."""

    own: ClassVar[Mapping[str, str]] = {}

    def render(self: Any, template: str, **data: Any) -> str:
        """The page, in the view's own template if it has one."""
        mine = self.own.get(template)
        if mine is None:
            return super().render(template, **data)  # type: ignore[misc,no-any-return]  # mixed into a view
        return super().render(mine, **{**data, **self.own_data(template, data)})  # type: ignore[misc,no-any-return]  # mixed into a view

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the view's own template is given beside the base's data."""
        return {}
