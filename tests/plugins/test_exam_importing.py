"""Question banks and results come in from sheets; a row is one person's attempt, twice the same is once."""

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import Role
from models.accounts import Account
from models.exam import ExamForm
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import SittingState
from models.question import Question, QuestionKind
from tests.factories.exams import ExamHall, hall, sitting_of
from tests.factories.importing import brought, counts, importer

RESULTS = ("工号", "考试编号", "分数", "日期")


@pytest.fixture
def at(session: Session) -> ExamHall:
    return hall(session, form=ExamForm.ELSEWHERE)


@pytest.fixture
def trainer(session: Session, at: ExamHall) -> Account:
    return importer(session, at.trainer, Role.TRAINER)


@pytest.mark.clause("TRN-6")
def test_results_come_from_a_sheet_with_one_row_a_person(session: Session, at: ExamHall, trainer: Account) -> None:
    one, two = at.agents
    rows = [(one.number, "E1", 91, "2026-05-04"), (two.number, "E1", 42.5, "2026-05-04")]
    assert counts(brought(session, trainer, "exam_result", RESULTS, *rows)) == (2, 0, 0)
    found = session.scalars(select(ExamResult).order_by(ExamResult.id)).all()
    assert [(row.staff_id, row.score, row.passed, row.state) for row in found] == [
        (one.id, Decimal(91), True, ResultState.RECORDED),
        (two.id, Decimal("42.5"), False, ResultState.RECORDED),
    ]
    assert sitting_of(session, at, one).state is SittingState.HANDED_IN
    again = [*rows, (one.number, "E1", 30, "2026-05-04")]
    assert counts(brought(session, trainer, "exam_result", RESULTS, *again)) == (0, 2, 1)


@pytest.mark.clause("TRN-6")
def test_bank_comes_from_a_sheet(session: Session, at: ExamHall, trainer: Account) -> None:
    header = ("题号", "课程", "题型", "知识点", "难度", "题干", "选项A", "选项B", "选项C", "正确答案", "分值")
    rows = [
        ("Q1", "returns", "单选题", "时限", "易", "从哪天起算？", "下单", "签收", "", "B", 2),
        ("Q2", "退换货新规", "多选题", "核实", "难", "核实什么？", "订单号", "姓名", "密码", "AB", 4),
        ("Q3", "returns", "判断题", "核实", "", "可以索要验证码。", "", "", "", "错", 1),
        ("Q4", "returns", "单选题", "时限", "易", "没有正确答案的题", "甲", "乙", "", "D", 2),
    ]
    assert counts(brought(session, trainer, "question", header, *rows)) == (3, 0, 1)
    found = session.scalars(select(Question).where(Question.number.in_(["Q1", "Q2", "Q3"])).order_by(Question.number))
    assert [(row.kind, row.options, row.key) for row in found] == [
        (QuestionKind.SINGLE, ["下单", "签收"], ["B"]),
        (QuestionKind.MULTIPLE, ["订单号", "姓名", "密码"], ["A", "B"]),
        (QuestionKind.TRUE_FALSE, [], ["false"]),
    ]


@pytest.mark.clause("TRN-6")
def test_bank_comes_from_a_sheet_with_all_options_in_one_column(
    session: Session, at: ExamHall, trainer: Account
) -> None:
    header = ("题号", "课程", "题型", "知识点", "难度", "题干", "选项", "正确答案", "分值")
    rows = [
        ("Q1", "returns", "单选题", "时限", "易", "从哪天起算？", "A. 下单 B. 签收", "B", 2),
        ("Q2", "returns", "多选题", "核实", "难", "核实什么？", "A订单号|B姓名|C密码", "AB", 4),
        ("Q3", "returns", "单选题", "时限", "易", "只有一个选项的题", "A. 下单", "A", 2),
    ]
    assert counts(brought(session, trainer, "question", header, *rows)) == (2, 0, 1)
    found = session.scalars(select(Question).where(Question.number.in_(["Q1", "Q2"])).order_by(Question.number))
    assert [row.options for row in found] == [["下单", "签收"], ["订单号", "姓名", "密码"]]
