"""Fields that link to other records: never offering or taking one out of scope."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from wtforms import Field, ValidationError

from admin_views.base.access import SMALL
from admin_views.base.titles import title_of, titled, titles_of
from engine.acting import current_act
from engine.database import db
from engine.scope import criterion
from models.words import _

FEW = 30
"""Up to so many choices stand in a plain list; more are looked up while typing."""

_many: set[type[Any]] = set()
"""Models of which somebody was once offered too many for a list: learnt by each process."""

Narrow = Callable[[], Sequence[ColumnElement[bool]]]


class LookupField(Field):
    """A link to another record, by its key: a short list, or a box that looks up while typing."""

    control = "lookup"

    def __init__(self, *args: Any, model: type[Any], narrow: Narrow | None = None, **kwargs: Any) -> None:
        """`narrow` gives further conditions that a newly chosen record meets."""
        super().__init__(*args, **kwargs)
        self.model, self.narrow = model, narrow

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Raises ValueError for what is no key."""
        if valuelist:
            self.data = _key(valuelist[0]) if valuelist[0].strip() else None

    def pre_validate(self, form: Any) -> None:
        """Raises ValidationError for a record that this person may not choose; what stood there may stay."""
        if self.data is not None and self.data != self.object_data and not chosen(self.model, [self.data], self.narrow):
            raise ValidationError(_("Please choose one of the list."))

    def title(self) -> str:
        """What is chosen now."""
        return titles_of(self.model, [self.data]).get(self.data, "") if self.data is not None else ""

    def options(self) -> list[tuple[str, str, bool]] | None:
        """All choices when they are few: key, title, chosen. None when they are to be looked up."""
        found = few(self.model, self.narrow)
        if found is None:
            return None
        listed = [(str(record.id), title, record.id == self.data) for title, record in found]
        if self.data is not None and not any(chosen for _key, _title, chosen in listed):
            listed.insert(0, (str(self.data), self.title() or "—", True))
        return [("", "—", self.data is None), *listed]


class LookupsField(Field):
    """Links to several records. Those that this person may not see stay linked."""

    control = "lookups"

    def __init__(self, *args: Any, model: type[Any], narrow: Narrow | None = None, **kwargs: Any) -> None:
        """`narrow` gives further conditions that a newly chosen record meets."""
        super().__init__(*args, **kwargs)
        self.model, self.narrow = model, narrow

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """The marker says that the boxes were shown."""
        self.process_errors: list[Any] = []
        self.object_data = self.data = [other.id for other in data] if isinstance(data, list) else []
        if formdata is not None and f"{self.name}-shown" in formdata:
            try:
                self.data = sorted({_key(text) for text in formdata.getlist(self.name) if text})
            except ValueError as error:
                self.process_errors.append(error.args[0])

    def pre_validate(self, form: Any) -> None:
        """Raises ValidationError for a record that this person may not choose."""
        fresh = set(self.data) - set(self.object_data)
        if len(chosen(self.model, fresh, self.narrow)) != len(fresh):
            raise ValidationError(_("Please choose from the list."))

    def populate_obj(self, obj: Any, name: str) -> None:
        """Only a changed set is written."""
        if set(self.data) != {other.id for other in getattr(obj, name)}:
            setattr(obj, name, list(db.session.scalars(select(self.model).where(self.model.id.in_(self.data)))))

    def options(self) -> list[tuple[str, str, bool]] | None:
        """All choices when they are few; None when they are to be looked up."""
        found = few(self.model, self.narrow)
        return None if found is None else [(str(r.id), title, r.id in self.data) for title, r in found]

    def titles(self) -> dict[int, str]:
        """What is chosen now, by key."""
        return dict(titles_of(self.model, self.data))


def choosable(model: type[Any], narrow: Narrow | None) -> list[ColumnElement[bool]]:
    """What a record must meet to be offered to whoever acts, and to be taken from them."""
    who = current_act().actor
    scope = [] if who.is_system else [criterion(model, who)]
    return [*scope, *(narrow() if narrow else ())]


def chosen(model: type[Any], keys: Any, narrow: Narrow | None) -> set[int]:
    """Those of the keys that may be chosen."""
    wanted = sorted(keys)
    if not wanted:
        return set()
    return set(db.session.scalars(select(model.id).where(model.id.in_(wanted), *choosable(model, narrow))))


def few(model: type[Any], narrow: Narrow | None) -> Sequence[tuple[str, Any]] | None:
    """Everything there is to choose, each record behind its title, when it fits a plain list.

    Where there were too many once, keys are counted before records are read.
    """
    conditions = choosable(model, narrow)
    if model in _many and len(_keys(model, conditions)) > FEW:
        return None
    found = titled(model, *conditions, limit=FEW + 1)
    if len(found) > FEW:
        _many.add(model)
        return None
    return sorted(((title_of(record), record) for record in found), key=lambda pair: pair[0])


def _keys(model: type[Any], conditions: Sequence[ColumnElement[bool]]) -> Sequence[int]:
    return db.session.scalars(select(model.id).where(*conditions).limit(FEW + 1)).all()


def _key(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(SMALL)) or int(text) > SMALL:
        raise ValueError(_("Please choose one of the list."))
    return int(text)
