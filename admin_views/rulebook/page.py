"""Every clause, what holds it, its values in force, how it was kept, and the rows behind each figure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import abort, request, url_for
from flask_admin import expose
from sqlalchemy import func, select

from admin_views.base.access import allowed
from admin_views.duties import subject_address, what_to_do
from admin_views.formats import today
from admin_views.links import page_number, record_address
from admin_views.pages import Page
from admin_views.rulebook.file import ValuesFile
from admin_views.rulebook.setting import SettingValues, department_id, staff_by_id
from admin_views.rulebook.words import label_of
from admin_views.values import shown_value
from engine.database import db
from engine.hooks import hookimpl
from engine.packs.loader import load_chapters, load_clauses, load_packs
from engine.registry import registry
from engine.rulebook import ClauseCard, Figure, clause_cards, evidence
from engine.titles import titles_of
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


class RulebookPage(SettingValues, ValuesFile, Page):
    """The clauses by chapter, and behind them parameters and evidence."""

    needs = ("clause", "read")
    icon = "book-open"

    @expose("/")
    def index(self) -> str:
        """All clauses, or those of one sort."""
        month, show = asked_month(), request.args.get("show", "all")
        cards = clause_cards(db.session(), department_id(), month)
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
            may_export=allowed("parameter_value", "export"),
        )

    @expose("/<clause>/<figure>")
    def behind(self, clause: str, figure: str) -> str:
        """The rows that a figure counts."""
        if clause not in load_clauses() or figure not in set(Figure):
            abort(404)
        what, month = Figure(figure), asked_month()
        query = evidence(db.session(), department_id(), clause, month, what)
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
            titles=_titles(rows),
            page_url=lambda number: url_for("rulebook.behind", clause=clause, figure=figure, month=month, page=number),
        )


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


def _titles(rows: Sequence[Any]) -> Mapping[tuple[str, int], str]:
    """What the records are called that the rows name, as far as whoever asks may see them."""
    named = {(row.entity, row.record_id) for row in rows if getattr(row, "record_id", None)}
    found = {}
    for entity in {each for each, _id in named}:
        model = registry.entities.get(entity)
        ids = [number for each, number in named if each == entity]
        found |= {(entity, number): title for number, title in (titles_of(model, ids) if model else {}).items()}
    return found


def _names(rows: Sequence[Any]) -> Mapping[int, Staff]:
    return staff_by_id({getattr(row, "actor_id", None) or getattr(row, "owner_id", None) for row in rows})


@hookimpl
def views() -> list[Page]:
    """The rulebook heads its own group of the menu."""
    return [RulebookPage(name=_("Clauses"), endpoint="rulebook", url="/rulebook", category="rulebook")]
