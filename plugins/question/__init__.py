"""TRN-5, TRN-6: the question bank. What can not be marked fairly is no question.

- `written`: keys and options as people write them in one cell or box
- `importing`: a sheet with one question a row
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.rules import Facts, Verdict, rule
from engine.transitions.kinds import Transition
from models.question import OF_OPTIONS, Question, QuestionKind, QuestionState
from models.words import _
from plugins.question.importing import IMPORTABLE
from plugins.question.written import LETTERS

MOST_OPTIONS = 10
YES_OR_NO = frozenset({"true", "false"})
CONTENT = ("kind", "options", "key", "text")


@rule("TRN-6", Question, field="text", changed=("text",), says=_("Write the question and name its topic."))
def question_is_stated(question: Question, facts: Facts) -> Verdict:
    """Nobody can answer an empty line."""
    return (bool((question.text or "").strip()) and bool((question.category or "").strip())) or {
        "field": "category" if (question.text or "").strip() else "text"
    }


@rule("TRN-6", Question, field="points", changed=("points",), says=_("A question brings more than 0 points."))
def question_brings_points(question: Question, facts: Facts) -> Verdict:
    """What brings nothing decides nothing."""
    return question.points is not None and question.points > 0


@rule(
    "TRN-6",
    Question,
    field="options",
    changed=CONTENT,
    says=_("A choice has 2 to %(most)s different options, one a line; a practical has the lines of its check list."),
)
def options_fit_the_kind(question: Question, facts: Facts) -> Verdict:
    """A choice of one is none, and a practical without a check list is a matter of taste."""
    options = [text for text in question.options or [] if text.strip()]
    least = {QuestionKind.PRACTICAL: 1}.get(question.kind, 2 if question.kind in OF_OPTIONS else 0)
    fits = least <= len(options) <= MOST_OPTIONS and len(set(options)) == len(options)
    return (fits if least else not options) or {"most": MOST_OPTIONS}


@rule(
    "TRN-6",
    Question,
    field="key",
    changed=CONTENT,
    says=_("The right answer does not fit: %(wanted)s"),
)
def key_fits_the_kind(question: Question, facts: Facts) -> Verdict:
    """Automatic marking needs a key that it can go by."""
    fits, wanted = KEYS[question.kind]
    return fits(question, list(question.key or [])) or {"wanted": wanted}


def _letters(question: Question) -> set[str]:
    return set(LETTERS[: len(question.options or [])])


def _one_letter(question: Question, key: list[str]) -> bool:
    return len(key) == 1 and key[0] in _letters(question)


def _several_letters(question: Question, key: list[str]) -> bool:
    return bool(key) and len(set(key)) == len(key) and set(key) <= _letters(question)


def _yes_or_no(question: Question, key: list[str]) -> bool:
    return len(key) == 1 and key[0] in YES_OR_NO


def _blanks(question: Question, key: list[str]) -> bool:
    return bool(key) and all(any(text.strip() for text in each.split("|")) for each in key)


def _nothing(question: Question, key: list[str]) -> bool:
    return not key


Fits = Callable[[Question, list[str]], bool]
KEYS: Mapping[QuestionKind, tuple[Fits, Any]] = {
    QuestionKind.SINGLE: (_one_letter, _("the letter of one option, as in B.")),
    QuestionKind.MULTIPLE: (_several_letters, _("the letters of the right options, as in A C.")),
    QuestionKind.TRUE_FALSE: (_yes_or_no, _("true or false.")),
    QuestionKind.FILL_IN: (_blanks, _("one line for each blank, other accepted answers after |.")),
    QuestionKind.SHORT_ANSWER: (_nothing, _("none, the trainer marks it; write what counts into the guide.")),
    QuestionKind.PRACTICAL: (_nothing, _("none, the trainer ticks the check list.")),
}


MOVES = (
    Transition(
        "retire",
        Question,
        frozenset({QuestionState.IN_USE}),
        QuestionState.RETIRED,
        _("Retire"),
        "TRN-6",
        tone="warn",
    ),
    Transition(
        "put_back",
        Question,
        frozenset({QuestionState.RETIRED}),
        QuestionState.IN_USE,
        _("Put back into use"),
        "TRN-6",
        tone="good",
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="question",
        label=_("Question bank"),
        entities=(Question,),
        rules=(question_is_stated, question_brings_points, options_fit_the_kind, key_fits_the_kind),
        transitions=MOVES,
        importables=(IMPORTABLE,),
    )
