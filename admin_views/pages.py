"""A page of the product's own: deny by default, and an error of ours is said as it is."""

from typing import Any, ClassVar, NoReturn

from flask_admin import BaseView

from admin_views.base.access import actor, allowed, deny


class Page(BaseView):
    """A page for whoever holds the permission `needs` (entity, action); without `needs`, for whoever is signed in."""

    needs: ClassVar[tuple[str, str] | None] = None
    icon: ClassVar[str] = "file"

    def is_accessible(self) -> bool:
        """Nobody who has not signed in, nobody without the permission."""
        who = actor()
        return who is not None and who.staff_id is not None and (self.needs is None or allowed(*self.needs))

    def inaccessible_callback(self, name: str, **kwargs: Any) -> NoReturn:
        """Refuse, and put the attempt into the audit."""
        deny(*(self.needs or (self.endpoint, "read")))

    def _run_view(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        # Flask-Admin's own hides every TypeError of a page behind a second call.
        return fn(self, *args, **kwargs)
