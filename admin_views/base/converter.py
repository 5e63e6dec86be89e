"""Turns mapped columns into form fields. A type without one stops the start instead of vanishing from the form."""

from collections.abc import Callable
from typing import Any

from flask_admin.contrib.sqla.form import AdminModelConverter
from flask_wtf import FlaskForm
from sqlalchemy import BigInteger, Column
from wtforms import validators
from wtforms.fields.core import UnboundField

from admin_views.base import fields, links
from admin_views.base.columns import IMPOSSIBLE, Kind, kind_of, label_of, target_of
from admin_views.base.yes_no import YesNoField
from models.types import Encrypted


class EntityForm(FlaskForm):
    """What every form stands on: its token lives as long as the session, so a form may stay open for a shift."""


class UnknownColumnError(TypeError):
    """A column of a form has no field: better no start than a field that is silently missing."""


class EntityConverter(AdminModelConverter):
    """Flask-Admin's converter with the house's own fields."""

    def convert(self, model: Any, mapper: Any, name: str, prop: Any, field_args: Any, hidden_pk: bool) -> Any:  # noqa: FBT001, PLR0913, PLR0917 it has that many sides, the signature is not ours
        """The field of a column or of a list of linked records. Raises UnknownColumnError."""
        if name in IMPOSSIBLE:
            msg = f"{model.__name__}.{name}: a form cannot have a field of this name"
            raise UnknownColumnError(msg)
        if name in self.view.fields:
            return self._own(self.view.fields[name], name)
        if hasattr(prop, "direction"):
            return self._links(model, name, prop)
        return field_of(self.view, prop.columns[0], name)

    def _own(self, make: Callable[..., Any], name: str) -> Any:
        field = make(label=label_of(name, self.view.labels))
        return field if isinstance(field, UnboundField) else UnboundField(type(field), label_of(name, self.view.labels))

    def _links(self, model: Any, name: str, prop: Any) -> Any:
        if prop.secondary is None:
            msg = f"{model.__name__}.{name}: name the foreign key column, or use an inline"
            raise UnknownColumnError(msg)
        return links.LookupsField(
            label_of(name, self.view.labels), model=prop.mapper.class_, narrow=self.view.narrow.get(name)
        )


def field_of(view: Any, column: Column[Any], name: str) -> Any:
    """The unbound field of a stored column."""
    label, required = label_of(name, view.labels), _is_required(column)
    common: dict[str, Any] = {"validators": _validators(column, required=required)}
    default = column.default
    if default is not None:
        common["default"] = default.arg if default.is_scalar else (lambda: default.arg(None))  # type: ignore[attr-defined]  # a callable default
    if name in view.write_only:
        return fields.SecretField(label, validators=[validators.Optional()])
    if target := target_of(column):
        return links.LookupField(label, model=target, narrow=view.narrow.get(name), **common)
    kind = kind_of(column)
    if kind not in MAKERS:
        msg = f"{column}: no field for the type {column.type!r}"
        raise UnknownColumnError(msg)
    return MAKERS[kind](label, column, common)


def _is_required(column: Column[Any]) -> bool:
    return not column.nullable and column.default is None and column.server_default is None


def _validators(column: Column[Any], *, required: bool) -> list[Any]:
    checks: list[Any] = [validators.InputRequired() if required else validators.Optional()]
    length = getattr(column.type, "length", None)
    if length and not isinstance(column.type, Encrypted):
        checks.append(validators.Length(max=length))
    return checks


def _text(label: Any, column: Column[Any], common: dict[str, Any], field: Any) -> Any:
    filters = [lambda text: text or None] if column.nullable else []
    return field(label, filters=filters, **common)


def _choice(label: Any, column: Column[Any], common: dict[str, Any]) -> Any:
    choices: Any = column.type
    return fields.ChoiceField(label, choices=choices.choices, blank=column.nullable, **common)


def _decimal(label: Any, column: Column[Any], common: dict[str, Any]) -> Any:
    number: Any = column.type
    return fields.ExactField(
        label, precision=getattr(number, "precision", None), scale=getattr(number, "scale", None), **common
    )


def _unchecked(common: dict[str, Any]) -> dict[str, Any]:
    """Fields that read the request themselves check themselves."""
    return {name: value for name, value in common.items() if name != "validators"}


MAKERS: dict[Kind, Callable[[Any, Column[Any], dict[str, Any]], Any]] = {
    Kind.TEXT: lambda label, column, common: _text(label, column, common, fields.TextField),
    Kind.AREA: lambda label, column, common: _text(label, column, common, fields.AreaField),
    Kind.WHOLE: lambda label, column, common: fields.WholeField(
        label, large=isinstance(column.type, BigInteger), **common
    ),
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: lambda label, column, common: (
        YesNoField(label, **common) if column.nullable else fields.CheckField(label, **_unchecked(common))
    ),
    Kind.DAY: lambda label, column, common: fields.DayField(label, **common),  # noqa: ARG005 one shape for all
    Kind.MOMENT: lambda label, column, common: fields.MomentField(label, **common),  # noqa: ARG005 one shape for all
    Kind.CHOICE: _choice,
    Kind.BILINGUAL: lambda label, column, common: fields.BilingualField(
        label, needed=not column.nullable, **_unchecked(common)
    ),
    Kind.JSON: lambda label, column, common: fields.JsonField(label, **common),  # noqa: ARG005 one shape for all
}
