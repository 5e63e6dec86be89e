"""A sent form as the value that it gives: JSON as a column holds it, judged by nobody yet.

What is not of its type stays as it was typed: the gate says what is wrong with it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from admin_views.value_words import code_in_words
from engine.packs.declared import declaration
from engine.packs.shape import Group, Leaf, Rows, Several, Shape, Words, shape_of

ROOT = "value"
"""How the names of the form's controls begin; a dot leads further in, entries go by the keys of their rows."""
CODE_LENGTH = 50
_WHOLE = re.compile(r"-?[0-9]{1,15}")

Form = MultiDict[str, str]


def given_value(name: str, form: Form, current: Any) -> Any:
    """The value that a form gave for `name`, where `current` is in force.

    Entries keep the clause of the entry with their code; new ones get the clause of their neighbours and a code of
    their own.
    """
    declared = declaration(name)
    spoken = {code_in_words(code): code for code in _codes_in(current, declared.value if declared else None)}
    value = _read(shape_of(name, current), form, ROOT, current, declared.clause if declared else "", spoken)
    _name_entries(value, set(_all_codes(value)))
    return value


def _read(shape: Shape, form: Form, path: str, old: Any, clause: str, spoken: Mapping[str, str]) -> Any:  # noqa: PLR0913, PLR0917 what a piece is read by
    match shape:
        case Words():
            return {language: form.get(f"{path}.{language}", "").strip() for language in ("zh", "en")}
        case Several():
            return list(dict.fromkeys(form.getlist(path)))
        case Group():
            kept = old if isinstance(old, Mapping) else {}
            mine = kept.get("clause", clause)
            return {
                key: mine
                if isinstance(part, Leaf) and part.kind == "clause"
                else _read(part, form, f"{path}.{key}", kept.get(key), mine, spoken)
                for key, part in shape.parts.items()
            }
        case Rows():
            return _read_rows(shape, form, path, old, clause, spoken)
        case Leaf():
            text = form.get(path, "").strip()
            return _leaf(shape, form, path, spoken.get(text, text))


def _read_rows(shape: Rows, form: Form, path: str, old: Any, clause: str, spoken: Mapping[str, str]) -> list[Any]:  # noqa: PLR0913, PLR0917 as above
    former = [each for each in old or () if isinstance(each, Mapping)]
    key = shape.each or "code"
    by_code = {each.get(key): each for each in former}
    clause = former[0].get("clause", clause) if former else clause
    return [
        _read(shape.of, form, f"{path}.{row}", by_code.get(form.get(f"{path}.{row}.{key}")), clause, spoken)
        for row in form.getlist(path)
    ]


def _leaf(leaf: Leaf, form: Form, path: str, text: str) -> Any:  # noqa: PLR0911 one line a kind
    if leaf.kind == "boolean":
        return text == "true"
    if not text and leaf.kind != "offset":
        return None if leaf.optional else ""
    match leaf.kind:
        case "integer":
            return int(text) if _WHOLE.fullmatch(text) else text
        case "duration":
            return f"{text}{form.get(f'{path}.unit', '')}"
        case "offset":
            return _offset(text, form.get(f"{path}.unit", ""))
        case "month_day":
            return f"{form.get(f'{path}.month', '')}-{text.zfill(2)}" if len(text) < len("12-15") else text
    return text


def _offset(amount: str, unit: str) -> str:
    """`3` with `-d` is `-3d`; what is due at the moment itself needs no amount."""
    return unit if unit == "0" else f"{unit[:1]}{amount}{unit[1:]}" if unit and amount else amount


def _name_entries(value: Any, taken: set[str]) -> None:
    """Give entries without a code one from their English name, which no other entry of the value has."""
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(each, dict) and each.get("code") == "":
            each["code"] = _free(each.get("title", {}).get("en", ""), taken)
            taken.add(each["code"])
        _name_entries(each, taken)


def _free(title: str, taken: set[str]) -> str:
    wanted = re.sub(r"[^a-z0-9]+", "_", title.lower())[:CODE_LENGTH].strip("_").lstrip("_0123456789") or "entry"
    numbers = (f"{wanted}_{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (wanted, *numbers) if code not in taken)


def _all_codes(value: Any) -> Iterator[str]:
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(each, dict) and each.get("code"):
            yield each["code"]
        yield from _all_codes(each)


def _codes_in(*values: Any) -> Iterator[str]:
    """The texts of plain lists, which the form shows in words."""
    return (each for value in values if isinstance(value, list | tuple) for each in value if isinstance(each, str))
