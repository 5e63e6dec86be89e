"""A question that can not be marked fairly is none; and banks come in from sheets."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from engine.transitions.performing import perform
from models.question import Difficulty, Question, QuestionKind, QuestionState
from plugins.question.importing import IMPORTABLE
from plugins.question.written import key_from, options_from
from tests.factories.exams import question
from tests.factories.refusals import refused
from tests.factories.training import School, course, school

SINGLE, MULTIPLE = QuestionKind.SINGLE, QuestionKind.MULTIPLE


@pytest.fixture
def at(session: Session) -> School:
    return school(session, "Q")


@pytest.mark.clause("TRN-6")
@pytest.mark.parametrize("kind", list(QuestionKind))
def test_question_of_each_kind_is_kept(session: Session, at: School, kind: QuestionKind) -> None:
    made = question(at, at.course, "K1", kind)
    session.add(made)
    session.commit()
    assert made.state is QuestionState.IN_USE


@pytest.mark.clause("TRN-6")
def test_question_that_cannot_be_marked_is_refused(session: Session, at: School) -> None:
    wrong = {
        "key_fits_the_kind": [
            (SINGLE, {"key": ["D"]}),
            (SINGLE, {"key": ["A", "B"]}),
            (MULTIPLE, {"key": []}),
            (QuestionKind.TRUE_FALSE, {"key": ["maybe"]}),
            (QuestionKind.FILL_IN, {"key": [" | "]}),
            (QuestionKind.SHORT_ANSWER, {"key": ["A"]}),
        ],
        "options_fit_the_kind": [
            (MULTIPLE, {"options": ["甲", "甲"], "key": ["A"]}),
            (QuestionKind.PRACTICAL, {"options": []}),
            (QuestionKind.TRUE_FALSE, {"options": ["对", "错"]}),
        ],
        "question_is_stated": [(SINGLE, {"text": " "})],
        "question_brings_points": [(SINGLE, {"points": Decimal(0)})],
    }
    for rule, cases in wrong.items():
        for kind, values in cases:
            with refused(session, f"question.{rule}"):
                session.add(question(at, at.course, "K1", kind, **values))


def test_retired_question_comes_back(session: Session, at: School) -> None:
    made = question(at, course(session, at.department, "c2"), "K1")
    session.add(made)
    session.flush()
    perform(session, made, "retire")
    assert made.state is QuestionState.RETIRED
    perform(session, made, "put_back")
    assert made.state is QuestionState.IN_USE


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("kind", "text", "key"),
    [
        (SINGLE, "b", ["B"]),
        (MULTIPLE, "A、C", ["A", "C"]),
        (MULTIPLE, "ac", ["A", "C"]),
        (QuestionKind.TRUE_FALSE, "√", ["true"]),
        (QuestionKind.TRUE_FALSE, "错误", ["false"]),
        (QuestionKind.FILL_IN, "7|七；24", ["7|七", "24"]),
        (QuestionKind.SHORT_ANSWER, "随便", []),
    ],
)
def test_key_is_read_as_people_write_it(kind: QuestionKind, text: str, key: list[str]) -> None:
    assert key_from(kind, text) == key


RED = ["红", "蓝", "绿"]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("A. 红 B. 蓝 C. 绿", RED),
        ("A.红B.蓝C.绿", RED),
        ("A、红\nB、蓝\nC、绿", RED),
        ("A红|B蓝|C绿", RED),
        ("红；蓝；绿", RED),
        ("(A) Apple (B) Banana", ["Apple", "Banana"]),
        ("Apple|Banana|Cherry", ["Apple", "Banana", "Cherry"]),
        ("A. 维生素B、维生素C B. 铁", ["维生素B、维生素C", "铁"]),
        ("", []),
    ],
)
def test_options_are_read_as_people_write_them_into_one_cell(text: str, options: list[str]) -> None:
    assert options_from(text) == options


@pytest.mark.sqlite
@pytest.mark.parametrize(("key", "read"), [("A", ["true"]), ("b", ["false"]), ("对", ["true"])])
def test_statement_may_be_written_as_a_choice_of_right_and_wrong(key: str, read: list[str]) -> None:
    row = {"kind": QuestionKind.TRUE_FALSE, "options": "A. 正确 B. 错误", "key": key}
    columns = IMPORTABLE.compose(row, ZoneInfo("Asia/Shanghai"))
    assert (columns["options"], columns["key"]) == ([], read)


@pytest.mark.sqlite
def test_row_of_a_sheet_becomes_a_question() -> None:
    row = {
        "number": "K9",
        "course_id": 1,
        "kind": MULTIPLE,
        "category": "退换货",
        "difficulty": None,
        "text": "哪些要核实？",
        "option_a": "订单号",
        "option_b": "  ",
        "option_c": "手机号",
        "key": "A B",
        "points": None,
    }
    columns = IMPORTABLE.compose(row, ZoneInfo("Asia/Shanghai"))
    assert (columns["options"], columns["key"]) == (["订单号", "手机号"], ["A", "B"])
    assert (columns["difficulty"], columns["points"]) == (Difficulty.MEDIUM, Decimal(1))
    assert set(columns) <= {column.key for column in Question.__mapper__.column_attrs}
