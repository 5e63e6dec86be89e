"""Question banks from a sheet with one question a row (TRN-6)."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.importing.importable import Importable, Reference, Values
from engine.tabular.columns import Field, Kind
from models.course import Course
from models.question import Difficulty, Question, QuestionKind
from plugins.question.written import LETTERS, key_from, options_from


def _columns(values: Values, zone: ZoneInfo) -> dict[str, Any]:
    """Options stand in a column each or all in one; the key is read as its kind is written."""
    letters = {f"option_{letter.lower()}" for letter in LETTERS}
    columns = {name: value for name, value in values.items() if name not in letters}
    alone = [str(values[name]).strip() for name in sorted(letters) if str(values.get(name) or "").strip()]
    columns["options"] = alone or options_from(str(values.get("options") or ""))
    columns["key"] = key_from(columns["kind"], str(values.get("key") or ""))
    if columns["kind"] is QuestionKind.TRUE_FALSE and columns["options"]:
        columns |= _of_two(columns["options"], columns["key"])
    columns["difficulty"] = columns.get("difficulty") or Difficulty.MEDIUM
    columns["points"] = columns.get("points") if columns.get("points") is not None else Decimal(1)
    return columns


def _of_two(options: list[str], key: list[str]) -> dict[str, list[str]]:
    """A statement written as a choice of right and wrong: its key may be the letter of one of them."""
    said = dict(zip(LETTERS, options, strict=False)).get("".join(key).upper(), "")
    return {"options": [], "key": key_from(QuestionKind.TRUE_FALSE, said) if said else key}


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
        *(_option(letter) for letter in LETTERS),
        Field(
            "options",
            "选项（全部在一列）",
            "Options (all in one column)",
            ("备选项", "候选项", "选项内容", "答案选项", "Choices", "Answer options"),
        ),
        Field("key", "正确答案", "Right answer", ("答案", "标准答案", "Answer", "Key", "Correct answer")),
        Field("guide", "评分要点", "Marking guide", ("解析", "参考答案", "评分标准", "Guide", "Model answer")),
        Field("points", "分值", "Points", ("分数", "Marks", "Score"), Kind.DECIMAL),
    ),
    references={"course_id": Reference(Course, _names_of_a_course)},
    words={"kind": KINDS, "difficulty": DIFFICULTIES},
    compose=_columns,
)
