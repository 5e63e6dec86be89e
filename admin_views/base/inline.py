"""Child rows inside their parent's form. The child's own rights and rules hold: its rows pass the gate like others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_admin.contrib.sqla.form import get_form
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement, select

from admin_views.base import access
from admin_views.base.columns import Computed, label_of
from admin_views.base.masking import sight
from admin_views.base.page import Said, said
from engine.acting import current_act
from engine.database import db
from engine.errors import ConflictError, Violation
from engine.permissions import Sight, may, may_do_to
from models.words import Words, _

MOST = 200
"""Rows of one inline table; more belong on a page of their own."""


class RowForm(FlaskForm):
    """One row. The token is the surrounding form's."""

    class Meta(FlaskForm.Meta):
        """No second token."""

        csrf = False


@dataclass(frozen=True)
class Inline:
    """Which children are shown inside a parent's form: their model, the foreign key to the parent, their columns.

    `read` are the columns of the parent's page, where they are fewer.
    """

    model: type[Any]
    key: str
    columns: tuple[str, ...]
    order: str = "id"
    blank: int = 2
    read: tuple[str, ...] = ()
    labels: Mapping[str, Words] = field(default_factory=dict)
    fields: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    narrow: Mapping[str, Callable[[], Sequence[ColumnElement[bool]]]] = field(default_factory=dict)
    write_only: tuple[str, ...] = ()
    computed: Mapping[str, Computed] = field(default_factory=dict)
    form_overrides: None = None
    form_columns: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The child's name in the permission matrix."""
        return self.model.__tablename__

    @property
    def label(self) -> Words:
        """The children's plural."""
        return self.model.__entity__.plural

    def form_class(self) -> Any:
        """The fields of one row."""
        from admin_views.base.converter import EntityConverter  # noqa: PLC0415 the converter builds on this package's fields

        return get_form(self.model, EntityConverter(db, self), base_class=RowForm, only=self.columns)


@dataclass
class Row:
    """One row on the screen: its form, the stored child (None: a new one), and what was said to it."""

    form: Any
    child: Any = None
    locked: bool = False
    removed: bool = False
    removable: bool = False
    made_from: str = ""
    sayings: list[Said] = field(default_factory=list)

    @property
    def blank(self) -> bool:
        """A new row in which nothing was typed."""
        return self.child is None and not any(_typed(f) for f in self.form if f.name != "csrf_token")


@dataclass
class Table:
    """The child rows of one form."""

    inline: Inline
    rows: list[Row]
    may_add: bool
    blank_form: Any

    @property
    def headings(self) -> list[str]:
        """The columns' words."""
        return [str(label_of(name, self.inline.labels)) for name in self.visible]

    @property
    def visible(self) -> list[str]:
        """The columns that this person may write."""
        return [name for name in self.inline.columns if sight(self.inline.table, name) is Sight.WRITE]

    def validate(self) -> bool:
        """Whether everything typed in the rows can be read."""
        return all([row.form.validate() for row in self.rows if not row.blank and not row.removed and not row.locked])  # noqa: C419 all of them are validated, so that all are said


def tables(inlines: Sequence[Inline], parent: Any, posted: Any) -> list[Table]:
    """The inline tables of a form, as stored or as sent."""
    return [_table(inline, parent, posted) for inline in inlines if access.allowed(inline.table, "read")]


def _table(inline: Inline, parent: Any, posted: Any) -> Table:
    form_class, children = inline.form_class(), _children(inline, parent)
    may_add = may(current_act().actor, inline.table, "create")
    rows = (
        _sent(inline, form_class, children, posted)
        if posted is not None
        else _stored(inline, form_class, children, may_add)
    )
    return Table(inline, rows, may_add, _writable(inline, form_class(None, prefix=f"{inline.table}-NEW-")))


def _children(inline: Inline, parent: Any) -> dict[int, Any]:
    if parent is None or parent.id is None:
        return {}
    query = select(inline.model).where(getattr(inline.model, inline.key) == parent.id)
    found = db.session.scalars(query.order_by(getattr(inline.model, inline.order)).limit(MOST))
    return {child.id: child for child in found}


def _stored(inline: Inline, form_class: Any, children: Mapping[int, Any], may_add: bool) -> list[Row]:  # noqa: FBT001 the signature is not ours
    rows = [_row(inline, form_class, number, child, None) for number, child in enumerate(children.values())]
    fresh = range(len(rows), len(rows) + (inline.blank if may_add else 0))
    return rows + [_row(inline, form_class, number, None, None) for number in fresh]


def _sent(inline: Inline, form_class: Any, children: Mapping[int, Any], posted: Any) -> list[Row]:
    count = posted.get(f"{inline.table}-count", "0")
    number = min(int(count), MOST) if count.isascii() and count.isdigit() and len(count) < len(str(MOST)) + 1 else 0
    rows = []
    for index in range(number):
        prefix = f"{inline.table}-{index}-"
        key = posted.get(f"{prefix}id", "")
        child = _own_child(inline, children, key) if key else None
        rows.append(_row(inline, form_class, index, child, posted))
    return rows


def _own_child(inline: Inline, children: Mapping[int, Any], key: str) -> Any:
    """A row of this very parent; a key of any other row is refused like a row that is not there."""
    number = access.row_id(key, inline.model)
    if number not in children:
        access.deny(inline.table, "edit", number, status=access.NOT_FOUND)
    return children[number]


def _row(inline: Inline, form_class: Any, index: int, child: Any, posted: Any) -> Row:
    prefix, actor = f"{inline.table}-{index}-", current_act().actor
    form = _writable(inline, form_class(posted, obj=child, prefix=prefix))
    locked = child is not None and (_closed(child) or not may_do_to(db.session, actor, "edit", child))
    removable = (
        child is not None and getattr(child, "is_draft", False) and may_do_to(db.session, actor, "delete", child)
    )
    row = Row(form, child, locked, removable=removable, made_from=str(getattr(child, "version", "")))
    if posted is not None:
        row.removed = f"{prefix}remove" in posted
        row.made_from = posted.get(f"{prefix}version", "")
    return row


def _writable(inline: Inline, form: Any) -> Any:
    for name in inline.columns:
        if sight(inline.table, name) is not Sight.WRITE:
            del form[name]
    return form


def _closed(child: Any) -> bool:
    state = child.__entity__.state
    return state is not None and getattr(child, state) in child.__entity__.frozen


def apply(inline_tables: Sequence[Table], parent: Any) -> None:
    """Put what was sent into the children. The caller flushes; the gate judges each of them."""
    for table in inline_tables:
        for row in table.rows:
            _apply(table.inline, row, parent)


def _apply(inline: Inline, row: Row, parent: Any) -> None:
    # A locked row shows no boxes, so nothing of it is sent; what is sent all the same, the gate refuses.
    if row.blank:
        return
    if row.child is not None and row.made_from != str(row.child.version):
        raise ConflictError(_("Somebody else changed one of the rows while you were working on them."), row.child)
    if row.removed:
        if row.child is not None:
            db.session.delete(row.child)
        return
    child = row.child or inline.model(**{inline.key: parent.id}, department_id=parent.department_id)
    row.form.populate_obj(child)
    if row.child is None:
        db.session.add(child)
        row.form.made = child


def place(inline_tables: Sequence[Table], violation: Violation) -> bool:
    """Show an objection at the row (and field) that it is about; whether there was one."""
    for table in inline_tables:
        for row in table.rows:
            if violation.record is not None and violation.record in {row.child, getattr(row.form, "made", None)}:
                if violation.field and violation.field in row.form:
                    row.form[violation.field].errors = [*row.form[violation.field].errors, said(violation)]
                else:
                    row.sayings.append(said(violation))
                return True
    return False


def _typed(field_: Any) -> bool:
    if getattr(field_, "control", "") in {"check", "choice"}:
        return False
    data = field_.data
    return any(data.values()) if isinstance(data, dict) else bool(data) and data != getattr(field_, "default", None)
