"""The fields of a form: exact, in the department's time, and never offering or taking a row out of scope."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import get_timezone
from wtforms import Field, ValidationError
from wtforms.fields import DateField, StringField, TextAreaField

from admin_views.base.access import LARGE, SMALL
from models.types import Labelled
from models.words import _

BROWSER = "%Y-%m-%dT%H:%M"
UNDERSTOOD = (BROWSER, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")


def given(field: Field, formdata: Any, suffix: str = "") -> str | None:
    """What the request holds under the field's name: None when the field was not sent at all."""
    name = field.name + suffix
    return formdata.get(name) if formdata is not None and name in formdata else None


class TextField(StringField):
    """One line of text."""

    control = "text"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Strip the ends; refuse a character that no database stores."""
        if valuelist:
            self.data = _clean(self, valuelist[0]).strip()


class AreaField(TextAreaField):
    """Several lines of text."""

    control = "area"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """One kind of line end, whatever the browser sends."""
        if valuelist:
            self.data = _clean(self, valuelist[0]).replace("\r\n", "\n").strip()


class SecretField(TextField):
    """A text that can be set anew and is never shown; left empty, it stays as it is."""

    control = "secret"

    def process_data(self, value: Any) -> None:
        """The stored text does not come near the form."""
        self.stored = bool(value)
        self.data = ""

    def populate_obj(self, obj: Any, name: str) -> None:
        """Only a new text is written."""
        if self.data:
            setattr(obj, name, self.data)


class DayField(DateField):
    """A calendar day."""

    control = "day"


class WholeField(Field):
    """A whole number that the database can hold."""

    control = "whole"

    def __init__(self, *args: Any, large: bool = False, **kwargs: Any) -> None:
        """`large` for a 64-bit column."""
        super().__init__(*args, **kwargs)
        self.greatest = LARGE if large else SMALL

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Raises ValueError for anything but digits with a sign."""
        if not valuelist:
            return
        text = valuelist[0].strip()
        self.data = None
        if text:
            try:
                self.data = int(text) if len(text) <= len(str(LARGE)) + 1 else None
            except ValueError:
                self.data = None
            if self.data is None or abs(self.data) > self.greatest:
                raise ValueError(_("This is not a whole number that can be stored."))

    def shown_text(self) -> str:
        """What stands in the box."""
        return _typed(self, "" if self.data is None else str(self.data))


class ExactField(Field):
    """A decimal number, exactly as written: more digits than the column holds are refused, not rounded."""

    control = "decimal"

    def __init__(self, *args: Any, precision: int | None = None, scale: int | None = None, **kwargs: Any) -> None:
        """`precision` digits, `scale` of them after the point."""
        super().__init__(*args, **kwargs)
        self.precision, self.scale = precision, scale

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Raises ValueError for what is not a finite number that fits."""
        if not valuelist:
            return
        text, self.data = valuelist[0].strip(), None
        if not text:
            return
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValueError(_("This is not a number.")) from None
        if not number.is_finite():
            raise ValueError(_("This is not a number."))
        if not self._fits(number):
            raise ValueError(_("This number has more digits than can be kept."))
        self.data = number

    def _fits(self, number: Decimal) -> bool:
        _sign, digits, exponent = number.as_tuple()
        after = max(0, -int(exponent))
        before = max(0, len(digits) + int(exponent))
        if self.scale is not None and after > self.scale and number != round(number, self.scale):
            return False
        return self.precision is None or before <= self.precision - (self.scale or 0)

    def shown_text(self) -> str:
        """What stands in the box."""
        return _typed(self, "" if self.data is None else f"{self.data:f}")


class CheckField(Field):
    """Yes or no. A form that does not show the box does not clear it (an unticked box sends nothing)."""

    control = "check"

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """The marker beside the box says that it was shown."""
        self.process_errors = []
        self.object_data = data if isinstance(data, bool) else self._default(data)
        self.data = self.object_data
        self.raw_data = None
        if formdata is not None and (self.name in formdata or f"{self.name}-shown" in formdata):
            self.raw_data = formdata.getlist(self.name)
            self.data = bool(self.raw_data) and self.raw_data[0] not in {"", "0", "false"}

    def _default(self, data: Any) -> bool:
        start = self.default() if callable(self.default) else self.default
        return bool(data) if isinstance(data, int) else bool(start)


class ChoiceField(Field):
    """One of a closed list of codes, shown by their words."""

    control = "choice"

    def __init__(self, *args: Any, choices: type[Labelled], blank: bool = False, **kwargs: Any) -> None:
        """`blank` offers nothing as a choice of its own."""
        super().__init__(*args, **kwargs)
        self.choices, self.blank = choices, blank

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Raises ValueError for a code that is not in the list."""
        if valuelist:
            try:
                self.data = self.choices(valuelist[0]) if valuelist[0] else None
            except ValueError:
                raise ValueError(_("Please choose one of the list.")) from None

    def options(self) -> Iterator[tuple[str, str, bool]]:
        """Code, words, chosen."""
        if self.blank or self.data is None:
            yield "", "—", self.data is None
        for member in self.choices:
            yield member.value, str(member.label), member == self.data


class MomentField(Field):
    """A moment: typed in the department's time, stored in UTC. An untouched one keeps its seconds."""

    control = "moment"

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Raises ValueError for what is no date and time."""
        if not valuelist:
            return
        text = valuelist[0].strip()
        if self.object_data is not None and text == self._local(self.object_data):
            self.data = self.object_data
            return
        self.data = _parsed(text) if text else None

    def shown_text(self) -> str:
        """What stands in the box, in the department's time."""
        return _typed(self, self._local(self.data))

    def _local(self, value: datetime | None) -> str:
        return value.astimezone(zone()).strftime(BROWSER) if value else ""


class BilingualField(Field):
    """A name in two languages: two boxes."""

    control = "bilingual"

    def __init__(self, *args: Any, needed: bool = True, **kwargs: Any) -> None:
        """`needed` asks for a name in at least one language."""
        super().__init__(*args, **kwargs)
        self.needed = needed

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Both boxes make one value."""
        self.process_errors = []
        self.object_data = data if isinstance(data, dict) else {}
        self.data = dict(self.object_data)
        for language in ("zh", "en"):
            text = given(self, formdata, f"-{language}")
            if text is not None:
                self.data[language] = _clean(self, text).strip()

    def pre_validate(self, form: Any) -> None:
        """Raises ValidationError when both are empty though one is needed."""
        if self.needed and not any(self.data.get(language) for language in ("zh", "en")):
            raise ValidationError(_("Please write this in at least one language."))

    def populate_obj(self, obj: Any, name: str) -> None:
        """An unchanged name is not written."""
        kept = {language: text for language, text in self.data.items() if text}
        if kept != (getattr(obj, name) or {}):
            setattr(obj, name, kept)


class JsonField(AreaField):
    """Structured data as text."""

    control = "area"

    def process_data(self, value: Any) -> None:
        """Keep the value; the text is made when it is shown."""
        self.data = value

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Raises ValueError for what is not JSON."""
        if valuelist:
            try:
                self.data = json.loads(_clean(self, valuelist[0])) if valuelist[0].strip() else None
            except (ValueError, RecursionError):
                raise ValueError(_("This is not valid JSON.")) from None

    def shown_text(self) -> str:
        """What stands in the box."""
        return _typed(self, "" if self.data is None else json.dumps(self.data, ensure_ascii=False, indent=2))


class SeveralField(Field):
    """Some of a closed list, as a list of codes."""

    control = "several"

    def __init__(
        self,
        *args: Any,
        choices: Callable[[], Sequence[tuple[str, Any]]],
        heading: Callable[[str], str] = lambda _code: "",
        **kwargs: Any,
    ) -> None:
        """`choices` gives codes with their words when the form is shown; a long list folds under its `heading`s."""
        super().__init__(*args, **kwargs)
        self.choices, self.heading = choices, heading

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """The marker says that the boxes were shown."""
        self.process_errors = []
        self.object_data = self.data = list(data) if isinstance(data, list | tuple) else []
        if formdata is not None and f"{self.name}-shown" in formdata:
            self.data = list(dict.fromkeys(formdata.getlist(self.name)))

    def pre_validate(self, form: Any) -> None:
        """Raises ValidationError for a code that is not in the list."""
        if set(self.data) - {code for code, _words in self.choices()} - set(self.object_data):
            raise ValidationError(_("Please choose from the list."))

    def options(self) -> Iterator[tuple[str, str, bool]]:
        """Code, words, chosen."""
        return ((code, str(words), code in self.data) for code, words in self.choices())

    def sections(self) -> Mapping[str, list[tuple[str, str, bool]]]:
        """The options under their headings, in the order of the list."""
        found: dict[str, list[tuple[str, str, bool]]] = {}
        for option in self.options():
            found.setdefault(self.heading(option[0]), []).append(option)
        return found


def _clean(field: Field, text: str) -> str:
    if "\x00" in text:
        field.process_errors = [*field.process_errors, _("This text holds a character that cannot be stored.")]
        return text.replace("\x00", "")
    return text


def _typed(field: Field, otherwise: str) -> str:
    """What the person typed, when the form comes back to them; else the value's own text."""
    return field.raw_data[0] if field.raw_data and (field.errors or field.process_errors) else otherwise


def _parsed(text: str) -> datetime:
    for pattern in UNDERSTOOD:
        try:
            local = datetime.strptime(text, pattern)  # noqa: DTZ007 the department's zone is put on at once
        except ValueError:
            continue
        return local.replace(tzinfo=zone()).astimezone(UTC)
    raise ValueError(_("This is not a date with a time."))


def zone() -> ZoneInfo:
    """The department's time zone."""
    return ZoneInfo(str(get_timezone()))
