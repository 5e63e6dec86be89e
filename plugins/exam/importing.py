"""Results of an exam that was held elsewhere, from a sheet with one row a person (TRN-6)."""

from typing import Any
from zoneinfo import ZoneInfo

from engine.importing.importable import Importable, Reference, Values
from engine.tabular.columns import Field, Kind
from models.exam import Exam
from models.exam_result import ExamResult
from models.organisation import Staff

NAMES_OF_A_PERSON = ("工号", "员工编号", "姓名", "员工", "Staff number", "Employee ID", "Staff", "Name", "Employee")


def _columns(values: Values, zone: ZoneInfo) -> dict[str, Any]:
    """A row is one person's attempt: exam, person and attempt together are what it is recognized by."""
    columns = dict(values)
    columns["attempt"] = columns.get("attempt") or 1
    columns["number"] = f"{columns['exam_id']}-{columns['staff_id']}-{columns['attempt']}"
    return columns


def _names_of_an_exam(exam: Exam) -> tuple[str, ...]:
    return (exam.number, exam.name, exam.label)


def _names_of_a_person(person: Staff) -> tuple[str, ...]:
    return (person.number, person.name, person.label)


IMPORTABLE = Importable(
    ExamResult,
    (
        Field("staff_id", "考生", "Candidate", NAMES_OF_A_PERSON, required=True, ranked=True),
        Field("exam_id", "考试", "Exam", ("考试编号", "考试名称", "Exam number", "Test"), required=True),
        Field(
            "score", "成绩", "Score", ("分数", "得分", "总分", "Points", "Result", "Grade"), Kind.DECIMAL, required=True
        ),
        Field("attempt", "次数", "Attempt", ("考试次数", "第几次", "Try"), Kind.INTEGER),
        Field("taken_on", "考试日期", "Taken on", ("日期", "Date", "Exam date"), Kind.DATE),
        Field("remark", "备注", "Remark", ("评语", "说明", "Note", "Comment")),
    ),
    key="number",
    keys=("staff_id", "exam_id", "attempt"),
    references={"exam_id": Reference(Exam, _names_of_an_exam), "staff_id": Reference(Staff, _names_of_a_person)},
    volatile=frozenset({"taken_on", "remark"}),
    compose=_columns,
)
