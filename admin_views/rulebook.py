"""The rulebook: every clause, what holds it, its values in force, how it was kept, and the rows behind each figure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import func, select

from admin_views.base.access import allowed, deny
from admin_views.duties import subject_address, what_to_do
from admin_views.formats import today
from admin_views.links import page_number, record_address
from admin_views.pages import Page
from admin_views.value_words import code_in_words, reminders_title
from admin_views.values import field_of, given_value, key_label, shown_value
from engine.acting import current_act, seeing_all
from engine.database import db, only_reading
from engine.errors import PolicyError
from engine.hooks import hookimpl
from engine.packs import parameters
from engine.packs.adoption import set_value
from engine.packs.declared import declaration
from engine.packs.loader import load_chapters, load_clauses, load_packs
from engine.packs.parameters import InForce
from engine.registry import registry
from engine.rulebook import ClauseCard, Figure, clause_cards, evidence
from models.organisation import Staff
from models.words import Words, _

PER_PAGE = 50
PLACEHOLDER = re.compile(r"%\(\w+\)s")
SHOW = {"all": _("All"), "binding": _("In adopted packs"), "trouble": _("Broken or overdue"), "unbuilt": _("Not built")}
FIGURES: Mapping[Figure, tuple[Words, str]] = {
    Figure.KEPT: (_("writes kept it"), "good"),
    Figure.BROKEN: (_("writes refused"), "warn"),
    Figure.MET: (_("met in time"), "good"),
    Figure.LATE: (_("met late"), "warn"),
    Figure.OVERDUE: (_("overdue"), "bad"),
    Figure.OPEN: (_("still ahead"), "info"),
}


class RulebookPage(Page):
    """The clauses by chapter, and behind them parameters and evidence."""

    needs = ("clause", "read")
    icon = "book-open"

    @expose("/")
    def index(self) -> str:
        """All clauses, or those of one sort."""
        month, show = asked_month(), request.args.get("show", "all")
        with only_reading():
            cards = clause_cards(db.session(), _department(), month)
            chapters = by_chapter([card for card in cards if _shown(card, show)])
            return self.render(
                "rulebook/index.html",
                chapters=chapters,
                month=month,
                show=show,
                choices=SHOW,
                figures=FIGURES,
                sentence_of=sentence_of,
                totals=totals(cards),
                label_of=label_of,
                shown_value=shown_value,
                packs=load_packs(),
            )

    @expose("/<clause>/<figure>")
    def behind(self, clause: str, figure: str) -> str:
        """The rows that a figure counts."""
        if clause not in load_clauses() or figure not in set(Figure):
            abort(404)
        what, month = Figure(figure), asked_month()
        with only_reading():
            query = evidence(db.session(), _department(), clause, month, what)
            total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
            pages = max(1, -(-total // PER_PAGE))
            page = min(page_number(), pages)
            rows = db.session.scalars(query.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
            return self.render(
                "rulebook/behind.html",
                clause=load_clauses()[clause],
                what=what,
                words=FIGURES[what][0],
                month=month,
                rows=rows,
                total=total,
                page=page,
                pages=pages,
                rules=rule_sentences(),
                names=_names(rows),
                what_to_do=what_to_do,
                subject_address=subject_address,
                sees_names=allowed("audit_entry", "read"),
                record_address=record_address,
                page_url=lambda number: url_for(
                    "rulebook.behind", clause=clause, figure=figure, month=month, page=number
                ),
            )

    @expose("/values/<code>", methods=("GET", "POST"))
    def value(self, code: str) -> ResponseReturnValue:
        """A value of the packs: in force today, its history, and a form that sets the next one from a date on."""
        if not parameters.history(db.session(), _department(), code):
            abort(404)
        problems: Sequence[str] = ()
        if request.method == "POST":
            problems = _set(code)
            if not problems:
                flash(str(_("The value is set. It is judged by from its first day on.")), "good")
                return redirect(url_for("rulebook.value", code=code), 303)
        return self._value_page(code, problems), 422 if problems else 200

    def _value_page(self, name: str, problems: Sequence[str]) -> str:
        session, department = db.session(), _department()
        history = parameters.history(session, department, name)
        current = parameters.in_force(session, department, name, today())
        return self.render(
            "rulebook/value.html",
            name=name,
            history=history[::-1],
            current=current,
            declared=declaration(name),
            label=label_of(name),
            shown_value=shown_value,
            field=field_of(name, current.value, request.form),
            problems=problems,
            today=today(),
            sections=SECTIONS,
            key_label=key_label,
            code_in_words=code_in_words,
            may_set=allowed("parameter_value", "create"),
            people=_people(history),
            clause=load_clauses().get(current.clause),
        )


def _set(name: str) -> list[str]:
    """Set the posted value; what speaks against it, in sentences."""
    if not allowed("parameter_value", "create"):
        deny("parameter_value", "create")
    try:
        value = given_value(name, request.form)
    except ValueError as error:
        return [str(error)]
    valid_from = _day(request.form.get("valid_from", ""))
    if valid_from is None:
        return [str(_("Please give the day from which the value holds."))]
    try:
        set_value(db.session(), _department(), name, value, valid_from, request.form.get("reason", "").strip())
        db.session.commit()
    except PolicyError as error:
        db.session.rollback()
        return [violation.text for violation in error.violations]
    return []


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def asked_month() -> str:
    """The month in the address (`2026-11`); anything odd is the present one."""
    text = request.args.get("month", "")
    try:
        return f"{datetime.strptime(text, '%Y-%m'):%Y-%m}" if len(text) == len("2026-11") else f"{today():%Y-%m}"  # noqa: DTZ007 a month has no zone
    except ValueError:
        return f"{today():%Y-%m}"


def by_chapter(cards: Sequence[ClauseCard]) -> list[tuple[Any, list[ClauseCard]]]:
    """The chapters in their order with their cards; empty ones are left out."""
    found = {
        chapter.id: (chapter, [card for card in cards if card.chapter.id == chapter.id])
        for chapter in load_chapters().values()
    }
    return [(chapter, mine) for chapter, mine in found.values() if mine]


def totals(cards: Sequence[ClauseCard]) -> dict[str, int]:
    """How many clauses there are of each sort."""
    return {show: sum(1 for card in cards if _shown(card, show)) for show in SHOW}


def _shown(card: ClauseCard, show: str) -> bool:
    match show:
        case "binding":
            return card.binds
        case "trouble":
            return bool(card.broken or card.overdue)
        case "unbuilt":
            return not card.built
    return True


def sentence_of(words: Words) -> str:
    """A rule's sentence without the values that it names."""
    return PLACEHOLDER.sub("…", str(words)).replace("%%", "%")


def rule_sentences() -> dict[str, str]:
    """Every rule's sentence by its name, guards included."""
    rules = [rule for rules in registry.rules.values() for rule in rules]
    rules += [guard for moves in registry.transitions.values() for move in moves.values() for guard in move.guards]
    return {rule.name: sentence_of(rule.says) for rule in rules}


def label_of(name: str) -> Mapping[str, str] | str:
    """What a value is called; for reminders, whose they are."""
    declared = declaration(name)
    if declared is not None and declared.parameter is not None:
        return declared.parameter.label.words
    if name.startswith("reminders."):
        return str(_("Reminders of %(what)s", what=reminders_title(name.removeprefix("reminders."))))
    return str(SECTIONS.get(name, name))


SECTIONS: Mapping[str, Words] = {
    "scorecard": _("Scorecard"),
    "topics": _("Topics"),
    "channels": _("Channels and response standards"),
    "cycles": _("Appraisal cycles"),
    "indicators": _("Appraisal indicators"),
    "bonus": _("Bonus table"),
    "course_categories": _("Course categories"),
    "course_methods": _("Training methods"),
    "onboarding_courses": _("Onboarding courses"),
    "conduct_rules": _("Rules of conduct"),
}
"""Structured sections of a pack, as people call them."""


def _department() -> int:
    department = current_act().actor.department_id
    if department is None:
        abort(404)
    return department


def _names(rows: Sequence[Any]) -> Mapping[int, Staff]:
    return _staff({getattr(row, "actor_id", None) or getattr(row, "owner_id", None) for row in rows})


def _people(history: Sequence[InForce]) -> Mapping[int, Staff]:
    return _staff({value.set_by_id for value in history})


def _staff(ids: set[int | None]) -> Mapping[int, Staff]:
    with seeing_all():
        rows = db.session.scalars(select(Staff).where(Staff.id.in_([number for number in ids if number is not None])))
        return {row.id: row for row in rows}


@hookimpl
def views() -> list[Page]:
    """The rulebook heads its own group of the menu."""
    return [RulebookPage(name=_("Clauses"), endpoint="rulebook", url="/rulebook", category="rulebook")]
