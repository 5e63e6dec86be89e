"""What the values of the packs and their pieces are called."""

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale

from admin_views.formats import listed, offset
from admin_views.value_words import code_in_words, reminders_title
from engine.packs.declared import declaration
from engine.packs.loader import load_packs
from engine.packs.schema import Indicator
from models.organisation import Post
from models.words import Words, _, in_language

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

RECORDS: Mapping[str, str] = {"channels": "channel", "scorecard": "scorecard", "topics": "topic"}
"""Sections that become records when a pack is adopted, with the table: the department works by those."""

PIECES: Mapping[str, Words] = {
    "answer_rate": _("Share answered (%%)"),
    "bands": _("Severities"),
    "base_score": _("Full score"),
    "categories": _("Categories"),
    "category": _("Category"),
    "checks": _("What is looked at"),
    "close": _("Until"),
    "days": _("Weekdays"),
    "due": _("Due, counted from the end of the period"),
    "exam": _("With exam"),
    "first_response": _("First response within"),
    "floor": _("Least score"),
    "formula": _("How it is reckoned"),
    "full_at": _("100 points at"),
    "grade": _("Grade"),
    "hours": _("Hours"),
    "items": _("Items"),
    "max": _("At most"),
    "mean_wait": _("Mean wait (seconds)"),
    "measure": _("Figure of the records"),
    "media": _("Media"),
    "min": _("At least"),
    "offset": _("When"),
    "open": _("From"),
    "opens": _("Opens, counted from the end of the period"),
    "outside_hours": _("Outside hours"),
    "outside_words": _("Words outside hours"),
    "period": _("Period"),
    "rate": _("Share of the base (%%)"),
    "sentence": _("Rule"),
    "severity": _("Severity"),
    "source": _("Source"),
    "step": _("Points in steps of"),
    "tier": _("Support tier"),
    "title": _("Name"),
    "to": _("Who is told"),
    "unit": _("Unit"),
    "version": _("Version"),
    "weight": _("Weight (%%)"),
    "working_time": _("Counted in working time"),
    "zero_at": _("0 points at"),
}
"""What the pieces of structured values are called."""


RECIPIENTS: Mapping[str, Words] = {
    "owner": _("whoever is responsible"),
    "superior": _("their direct superior"),
    "all": _("the whole department"),
}
"""Whom a reminder goes to, beside the holders of a post."""
OFFSETS = frozenset({"due", "offset", "opens"})
"""Pieces that say how far from a moment something lies."""


def piece_label(key: str) -> str:
    """What a piece of a structured value is called."""
    return str(PIECES.get(key, key)).replace("%%", "%")


def label_of(name: str) -> Mapping[str, str] | str:
    """What a value is called; for reminders, whose they are."""
    declared = declaration(name)
    if declared is not None and declared.parameter is not None:
        return declared.parameter.label.words
    if name.startswith("reminders."):
        return str(_("Reminders of %(what)s", what=reminders_title(name.removeprefix("reminders."))))
    return str(SECTIONS.get(name, name))


def choice_label(key: str, code: str) -> str:
    """What one of the choices under a key is called."""
    if key == "to":
        return str(RECIPIENTS.get(code) or Post(code).label)
    if key == "measure":
        return _measures().get(code, code)
    if key == "category":
        return _titles("course_categories").get(code, code_in_words(code))
    return code_in_words(code)


def piece_words(key: str, value: Any) -> str:
    """A single value under a key, or several, as a person reads them."""
    if isinstance(value, list | tuple):
        return listed(piece_words(key, each) for each in value)
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return _distance(str(value)) if key in OFFSETS else choice_label(key, str(value))


def entry_title(entry: object) -> str:
    """By which an entry is told from the others: its name, its grade or severity, when it reminds; else nothing."""
    if not isinstance(entry, Mapping):
        return ""
    kept = entry.get("severity") or entry.get("grade")
    if kept:
        return code_in_words(kept)
    if isinstance(entry.get("title"), Mapping):
        return in_language(entry["title"], str(get_locale()))
    return _distance(entry["offset"]) if entry.get("offset") else ""


def _distance(text: str) -> str:
    """How far from the moment; what is no offset stays as it was typed."""
    try:
        return offset(text)
    except ValueError:
        return text


def _measures() -> Mapping[str, str]:
    """The figures that indicators are made of, as the packs describe them."""
    indicators = [each for pack in load_packs().values() for each in pack.indicators if isinstance(each, Indicator)]
    return {each.measure: in_language(each.formula.words, str(get_locale())) for each in indicators}


def _titles(section: str) -> Mapping[str, str]:
    entries = [each for pack in load_packs().values() for each in getattr(pack, section)]
    return {each.code: in_language(each.title.words, str(get_locale())) for each in entries}
