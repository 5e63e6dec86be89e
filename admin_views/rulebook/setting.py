"""A value of the packs: in force today, its history, and the form that sets the next one from a date on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import get_locale
from sqlalchemy import select

from admin_views.base.access import allowed, deny
from admin_views.formats import today
from admin_views.rulebook.controls import Fault
from admin_views.rulebook.entries import Drawing, Place
from admin_views.rulebook.given import given_value
from admin_views.rulebook.words import RECORDS, SECTIONS, label_of, piece_label, piece_words
from admin_views.values import shown_value
from engine.acting import current_act, seeing_all
from engine.database import db
from engine.errors import PolicyError
from engine.packs import parameters
from engine.packs.adoption import set_value
from engine.packs.declared import declaration, placed_problems
from engine.packs.loader import load_clauses
from engine.packs.parameters import InForce
from engine.registry import registry
from models.organisation import Staff
from models.words import _, in_language

DAY, REASON = "valid_from", "reason"


@dataclass
class Asked:
    """The value that a form asks for, and what speaks against it: inside the value by place, else by field."""

    value: Any
    inside: dict[Place, list[str]] = field(default_factory=lambda: defaultdict(list))
    beside: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def is_refused(self) -> bool:
        """Whether anything speaks against it."""
        return bool(self.inside or self.beside)


class SettingValues:
    """The page of one value, mixed into the rulebook."""

    @expose("/values/<code>", methods=("GET", "POST"))
    def value(self: Any, code: str) -> ResponseReturnValue:
        """The value, and a form that sets the next one; a refused form comes back as it was sent."""
        if not parameters.history(db.session(), department_id(), code):
            abort(404)
        asked = None
        if request.method == "POST":
            asked = _set(code)
            if not asked.is_refused:
                flash(str(_("The value is set. It is judged by from its first day on.")), "good")
                return redirect(url_for("rulebook.value", code=code), 303)
        return _page(self, code, asked), 422 if asked else 200


def _page(view: Any, name: str, asked: Asked | None) -> str:
    session, department = db.session(), department_id()
    history = parameters.history(session, department, name)
    current = parameters.in_force(session, department, name, today())
    asked = asked or Asked(current.value)
    drawing = Drawing(name, asked.inside)
    drawn = drawing.draw(asked.value)
    beside = [
        Fault("", key if key in {DAY, REASON} else "", said) for key, all_ in asked.beside.items() for said in all_
    ]
    return str(
        view.render(
            "rulebook/value.html",
            name=name,
            history=history[::-1],
            current=current,
            label=label_of(name),
            help=_help(name),
            shown_value=shown_value,
            drawn=drawn,
            faults=[*drawing.told, *beside],
            beside=asked.beside,
            today=today(),
            structured=name in SECTIONS or name.startswith("reminders."),
            piece_label=piece_label,
            piece_words=piece_words,
            records=registry.entities.get(RECORDS.get(name, "")),
            may_set=allowed("parameter_value", "create"),
            people=_people(history),
            clause=load_clauses().get(current.clause),
        )
    )


def _set(name: str) -> Asked:
    """Set the posted value; what speaks against it is in the answer."""
    if not allowed("parameter_value", "create"):
        deny("parameter_value", "create")
    session, department = db.session(), department_id()
    asked = Asked(given_value(name, request.form, parameters.in_force(session, department, name, today()).value))
    valid_from = _day(request.form.get(DAY, ""))
    if valid_from is None:
        asked.beside[DAY].append(str(_("Please give the day from which the value holds.")))
    try:
        set_value(session, department, name, asked.value, valid_from or today(), request.form.get(REASON, "").strip())
        if valid_from is not None:
            session.commit()
    except PolicyError as error:
        _sort(name, asked, error)
    if asked.is_refused:
        session.rollback()
    return asked


def _sort(name: str, asked: Asked, error: PolicyError) -> None:
    """Put each reason to the control that it is about."""
    for place, reason in placed_problems(name, asked.value):
        asked.inside[place].append(str(reason))
    for violation in error.violations:
        if violation.field != "value" or not asked.inside:
            asked.beside[violation.field or ""].append(violation.text)


def _help(name: str) -> str:
    declared = declaration(name)
    words: Mapping[str, str] = declared.parameter.help.words if declared and declared.parameter else {}
    return in_language(words, str(get_locale()))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def department_id() -> int:
    """The department of whoever asks; a stranger to all finds nothing."""
    department = current_act().actor.department_id
    if department is None:
        abort(404)
    return department


def _people(history: Sequence[InForce]) -> Mapping[int, Staff]:
    return staff_by_id({value.set_by_id for value in history})


def staff_by_id(ids: set[int | None]) -> Mapping[int, Staff]:
    """People by their id, whoever asks: a history without names is none."""
    with seeing_all():
        rows = db.session.scalars(select(Staff).where(Staff.id.in_([number for number in ids if number is not None])))
        return {row.id: row for row in rows}
