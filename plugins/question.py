"""TRN-5, TRN-6: the question bank. What can not be marked fairly is no question."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.hooks import hookimpl
from engine.importing.importable import Importable, Reference, Values
from engine.manifest import Domain
from engine.rules import Facts, Verdict, rule
from engine.tabular.columns import Field, Kind
from engine.transitions.kinds import Transition
from models.course import Course
from models.question import OF_OPTIONS, Difficulty, Question, QuestionKind, QuestionState
from models.words import _

MOST_OPTIONS = 10
LETTERS = "ABCDEFGHIJ"
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


TRUE = frozenset({"true", "t", "yes", "y", "right", "对", "正确", "是", "√", "✓", "1"})
FALSE = frozenset({"false", "f", "no", "n", "wrong", "错", "错误", "否", "×", "x", "0"})


def key_from(kind: QuestionKind, text: str) -> list[str]:
    """The key as people write it in one cell or box: `A C`, `AC`, `对`, `80|eighty; 2`."""
    text = text.strip()
    match kind:
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE:
            return [letter for letter in text.upper() if letter.isalpha()]
        case QuestionKind.TRUE_FALSE:
            said = text.casefold()
            return ["true"] if said in TRUE else ["false"] if said in FALSE else [text] if text else []
        case QuestionKind.FILL_IN:
            lines = text.replace("；", "\n").replace(";", "\n").splitlines()
            return [line.strip() for line in lines if line.strip()]
    return []


def key_text(kind: QuestionKind, key: list[str]) -> str:
    """The key as people write it."""
    match kind:
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE:
            return " ".join(key)
        case QuestionKind.FILL_IN:
            return "\n".join(key)
    return "".join(key)


def _columns(values: Values, zone: ZoneInfo) -> dict[str, Any]:
    """Options stand in a column each; the key is read as its kind is written."""
    letters = {f"option_{letter.lower()}" for letter in LETTERS[:8]}
    columns = {name: value for name, value in values.items() if name not in letters}
    columns["options"] = [str(values[name]).strip() for name in sorted(letters) if str(values.get(name) or "").strip()]
    columns["key"] = key_from(columns["kind"], str(values.get("key") or ""))
    columns["difficulty"] = columns.get("difficulty") or Difficulty.MEDIUM
    columns["points"] = columns.get("points") if columns.get("points") is not None else Decimal(1)
    return columns


def _option(letter: str) -> Field:
    return Field(f"option_{letter.lower()}", f"选项{letter}", f"Option {letter}", (f"{letter}选项", letter))


KINDS = {
    "single": QuestionKind.SINGLE, "single choice": QuestionKind.SINGLE, "单选": QuestionKind.SINGLE,
    "单选题": QuestionKind.SINGLE, "multiple": QuestionKind.MULTIPLE, "multiple choice": QuestionKind.MULTIPLE,
    "多选": QuestionKind.MULTIPLE, "多选题": QuestionKind.MULTIPLE, "true or false": QuestionKind.TRUE_FALSE,
    "true/false": QuestionKind.TRUE_FALSE, "判断": QuestionKind.TRUE_FALSE, "判断题": QuestionKind.TRUE_FALSE,
    "fill in": QuestionKind.FILL_IN, "fill in the blanks": QuestionKind.FILL_IN, "填空": QuestionKind.FILL_IN,
    "填空题": QuestionKind.FILL_IN, "short answer": QuestionKind.SHORT_ANSWER, "简答": QuestionKind.SHORT_ANSWER,
    "简答题": QuestionKind.SHORT_ANSWER, "问答题": QuestionKind.SHORT_ANSWER, "practical": QuestionKind.PRACTICAL,
    "practical task": QuestionKind.PRACTICAL, "实操": QuestionKind.PRACTICAL, "实操题": QuestionKind.PRACTICAL,
} | {kind.value: kind for kind in QuestionKind}  # fmt: skip
DIFFICULTIES = {
    "easy": Difficulty.EASY, "易": Difficulty.EASY, "简单": Difficulty.EASY, "容易": Difficulty.EASY,
    "medium": Difficulty.MEDIUM, "中": Difficulty.MEDIUM, "中等": Difficulty.MEDIUM, "一般": Difficulty.MEDIUM,
    "hard": Difficulty.HARD, "难": Difficulty.HARD, "困难": Difficulty.HARD, "较难": Difficulty.HARD,
}  # fmt: skip


def _names_of_a_course(course: Course) -> tuple[str, ...]:
    return (course.code, *course.name.values())


IMPORTABLE = Importable(
    Question,
    (
        Field("number", "题号", "Number", ("编号", "试题编号", "Question number", "ID", "No."), required=True),
        Field("course_id", "课程", "Course", ("所属课程", "培训课程", "Course code"), required=True),
        Field("kind", "题型", "Kind", ("类型", "试题类型", "Question type", "Type"), required=True),
        Field("category", "知识点", "Category", ("分类", "考点", "章节", "Topic", "Chapter"), required=True),
        Field("difficulty", "难度", "Difficulty", ("难易程度", "Level")),
        Field("text", "题干", "Question", ("题目", "试题", "内容", "Question text", "Stem"), required=True),
        *(_option(letter) for letter in LETTERS[:8]),
        Field("key", "正确答案", "Right answer", ("答案", "标准答案", "Answer", "Key", "Correct answer")),
        Field("guide", "评分要点", "Marking guide", ("解析", "参考答案", "评分标准", "Guide", "Model answer")),
        Field("points", "分值", "Points", ("分数", "Marks", "Score"), Kind.DECIMAL),
    ),
    references={"course_id": Reference(Course, _names_of_a_course)},
    words={"kind": KINDS, "difficulty": DIFFICULTIES},
    compose=_columns,
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
