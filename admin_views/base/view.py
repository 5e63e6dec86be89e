"""The view that every entity's screens stand on: a domain declares what is shown; rights and rules come by themselves.

class TeamView(EntityView):
    model = Team
    category = "people"
    list_columns = ("name", "tier", "channels")
    form_columns = ("name", "tier", "channels")
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn

from flask_admin.contrib.sqla import ModelView
from sqlalchemy import ColumnElement

from admin_views.base import access, declaring
from admin_views.base.actions import BulkPages
from admin_views.base.attaching import AttachmentPages
from admin_views.base.cell_editing import CellPages
from admin_views.base.columns import Computed, Shown, shown_column
from admin_views.base.converter import EntityConverter, EntityForm
from admin_views.base.detail import DetailPages
from admin_views.base.exporting import ExportPages
from admin_views.base.filters import Filter, make_filters
from admin_views.base.forms import FormPages
from admin_views.base.inline import Inline
from admin_views.base.listing import ListPages
from admin_views.base.lookups import LookupPages
from admin_views.base.masking import readable, visible
from admin_views.base.page import clause_address
from admin_views.base.saved_filters import SavedFilterPages
from admin_views.base.transitions import MovePages
from engine.database import db
from engine.search.columns import searched
from models.base import Entity
from models.words import Words


class EntityView(
    ListPages,
    FormPages,
    DetailPages,
    MovePages,
    BulkPages,
    ExportPages,
    LookupPages,
    CellPages,
    SavedFilterPages,
    AttachmentPages,
    ModelView,
):
    """Screens of one entity: list, form, details, transitions, bulk actions, export, look-ups."""

    model: ClassVar[type[Any]]
    entity: Entity
    """Taken from the model's `__entity__`; an internal table without one is given one here."""
    category: ClassVar[str] = "data"
    """The code of the menu's group (admin_views/menu.py)."""
    icon: str | None = None
    in_menu: ClassVar[bool] = True

    list_columns: ClassVar[tuple[str, ...]] = ()
    form_columns: ClassVar[tuple[str, ...]] = ()
    not_in_form: ClassVar[tuple[str, ...]] = ()
    """Stored columns that nobody types: filled by rules, transitions or jobs."""
    detail_columns: ClassVar[tuple[str, ...]] = ()
    """Left empty: what the list and the form name."""
    only_filled: ClassVar[tuple[str, ...]] = ()
    """Columns that the detail page leaves out while they are empty: what comes at a later stage, if ever."""
    groups: ClassVar[Sequence[tuple[Words, tuple[str, ...]]]] = ()
    """Headings over columns, on the detail page and in the form; left empty: one group."""
    cell_columns: ClassVar[tuple[str, ...]] = ()
    """Columns that may be changed in the list."""
    write_only: ClassVar[tuple[str, ...]] = ()
    """Secrets that may be set anew and are never shown, not even to those who set them."""
    filters: ClassVar[tuple[str | Filter, ...]] = ()
    search: tuple[str, ...] = ()
    """Columns to search in. Left empty: those of the model's own index; others only of tables that stay small."""
    default_sort: ClassVar[tuple[str, bool]] = ("id", True)
    """A column and whether it runs downwards."""
    labels: ClassVar[Mapping[str, Words]] = {}
    help: ClassVar[Mapping[str, Words]] = {}
    computed: ClassVar[Mapping[str, Computed]] = {}
    formatters: ClassVar[Mapping[str, Callable[[Any], str]]] = {}
    fields: ClassVar[Mapping[str, Callable[..., Any]]] = {}
    """A form field of one's own for a column: `{"codes": lambda label: SeveralField(label, choices=...)}`."""
    ask_fields: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}
    """The same for what a transition asks."""
    narrow: ClassVar[Mapping[str, Callable[[], Sequence[ColumnElement[bool]]]]] = {}
    """Further conditions on what a link may be set to."""
    inline: ClassVar[tuple[Inline, ...]] = ()
    attachments: ClassVar[bool] = False
    related: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Other entities' rows on the detail page: (table, its foreign key column)."""
    empty_hint: ClassVar[Words | None] = None
    """What to do when the list is empty."""
    page_size: int = 50
    export_cap: ClassVar[int] = 100_000
    bulk_cap: ClassVar[int] = 200
    one_by_one: ClassVar[frozenset[str]] = frozenset()
    """Moves that are never made for several records at once."""

    can_view_details = True
    fast_mass_delete = False
    model_form_converter = EntityConverter
    form_base_class = EntityForm

    def __init__(self, **options: Any) -> None:
        """Check the declaration and build the forms. Raises DeclarationError."""
        self._shown: dict[str, Shown] = {}
        self.entity = getattr(type(self), "entity", None) or self.model.__entity__
        self.icon = type(self).icon or self.entity.icon
        self.detail_columns = self.detail_columns or tuple(dict.fromkeys((*self.list_columns, *self.form_columns)))
        self.search = self.search or searched(self.model)
        declaring.check(self)
        # Flask-Admin's own filters, search and inline forms stay unused: each has a hole (docs/views.md).
        self.column_list = list(self.list_columns)
        self.column_details_list = list(self.detail_columns)
        self.column_labels = {name: self.shown(name).label for name in (*self.list_columns, *self.detail_columns)}
        self.table_filters = make_filters(self)
        super().__init__(
            self.model,
            db,
            name=self.entity.plural,
            category=self.category,
            endpoint=self.model.__tablename__,
            **options,
        )

    @property
    def table(self) -> str:
        """The entity's name in the permission matrix, the audit and addresses."""
        return self.model.__tablename__

    def shown(self, name: str) -> Shown:
        """A column by its name."""
        if name not in self._shown:
            self._shown[name] = shown_column(self.model, name, self.labels, self.computed)
        return self._shown[name]

    def columns(self, names: Sequence[str]) -> list[Shown]:
        """Those of the columns of which whoever acts may see anything."""
        return [self.shown(name) for name in names if visible(self.table, name)]

    def may_read_fully(self, name: str) -> bool:
        """Whether whoever acts may sort, filter and search by the column."""
        return name not in self.write_only and readable(self.table, name)

    # Access

    def is_accessible(self) -> bool:
        """Deny by default: somebody acts, and a role of theirs grants reading."""
        return access.allowed(self.table, "read")

    def is_visible(self) -> bool:
        """Whether it stands in the menu."""
        return self.in_menu

    def inaccessible_callback(self, name: str, **kwargs: Any) -> NoReturn:
        """403, in the audit; never a redirect."""
        access.deny(self.table, "read")

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the page. Flask-Admin's own hides any TypeError behind another one."""
        return fn(self, *args, **kwargs)

    def get_one(self, id: Any) -> Any:  # noqa: A002 Flask-Admin's signature
        """The one way to a row: in scope, or 404."""
        return access.one(self.model, access.row_id(str(id), self.model))

    def render(self, template: str, **kwargs: Any) -> str:
        """A page, with what all of an entity's pages use."""
        return super().render(template, clause_address=clause_address, **kwargs)

    def scaffold_form(self) -> Any:
        """No columns, no fields: Flask-Admin would take an empty list for all columns."""
        return super().scaffold_form() if self.form_columns else type("NoForm", (self.form_base_class,), {})

    @property
    def can_create(self) -> bool:
        """Whether the role grants it and there is a form."""
        return bool(self.form_columns) and access.allowed(self.table, "create")

    @property
    def can_edit(self) -> bool:
        """Whether the role grants it to any row and there is a form."""
        return bool(self.form_columns) and access.allowed(self.table, "edit")

    @property
    def can_delete(self) -> bool:
        """Whether the role grants it; the gate still keeps all but drafts."""
        return access.allowed(self.table, "delete")

    @property
    def can_export(self) -> bool:
        """Whether the role grants it."""
        return access.allowed(self.table, "export")
