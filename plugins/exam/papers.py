"""Papers: what the bank can give, the draw, and what of it a candidate may see."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import seeing_all
from models.exam import Exam, ExamPaper
from models.question import Difficulty, Question, QuestionKind, QuestionState
from plugins.exam import drawing
from plugins.exam.items import Item, item_of, loaded, stored

SEED_BYTES = 16


@dataclass(frozen=True)
class Asked:
    """A question as its candidate sees it: no key, no guide, no code; options in an order of the candidate's own.

    `number` is the item's in the paper, by which answers are kept; `options` are letter and text, the letter being
    the one of the bank, so that the shown order says nothing and answers mean the same for all.
    """

    number: int
    kind: QuestionKind
    text: str
    options: Sequence[tuple[str, str]]
    blanks: int
    points: str


def fresh_seed() -> str:
    """A seed that nobody can foresee."""
    return secrets.token_hex(SEED_BYTES)


def pool_of(session: Session, course_id: int) -> list[drawing.Pooled]:
    """The questions of a course that may be drawn."""
    with seeing_all():
        rows = session.execute(
            select(Question.id, Question.number, Question.category, Question.difficulty).where(
                Question.course_id == course_id, Question.state == QuestionState.IN_USE
            )
        ).all()
    return [drawing.Pooled(row.id, row.number, row.category, row.difficulty) for row in rows]


def bank_of(session: Session, course_id: int) -> Mapping[str, Mapping[Difficulty, int]]:
    """How many questions in use a course's bank has, by category and difficulty."""
    counted: dict[str, dict[Difficulty, int]] = {}
    for row in sorted(pool_of(session, course_id), key=lambda row: row.category):
        line = counted.setdefault(row.category, dict.fromkeys(Difficulty, 0))
        line[row.difficulty] += 1
    return counted


def draw_paper(session: Session, exam: Exam, attempt: int) -> ExamPaper:
    """The paper of an attempt, drawn if there is none yet. A resit asks what was not asked before, where it can."""
    found = paper_of(session, exam.id, attempt)
    if found is not None:
        return found
    seed = f"{exam.seed}/{attempt}"
    parts = drawing.parts_of(exam.rules)
    ids = drawing.draw(parts, pool_of(session, exam.course_id), seed, _asked_before(session, exam))
    paper = ExamPaper(
        department_id=exam.department_id,
        exam=exam,
        attempt=attempt,
        seed=seed,
        items=stored(item_of(question, place) for place, question in enumerate(_questions(session, ids), start=1)),
        drawn_at=clock.now(),
    )
    session.add(paper)
    return paper


def paper_of(session: Session, exam_id: int, attempt: int) -> ExamPaper | None:
    """The paper of an attempt, whoever asks: what reaches a candidate goes through `asked_of`."""
    with seeing_all():
        return session.scalars(
            select(ExamPaper).where(ExamPaper.exam_id == exam_id, ExamPaper.attempt == attempt)
        ).one_or_none()


def items_of(session: Session, exam_id: int, attempt: int) -> list[Item]:
    """The items of an attempt's paper; none for an exam that is held elsewhere."""
    paper = paper_of(session, exam_id, attempt)
    return loaded(paper.items) if paper is not None else []


def asked_of(items: Sequence[Item], seed: str) -> list[Asked]:
    """The questions to be answered in the order of one candidate, `seed` being theirs, with nothing that tells."""
    written = [item for item in items if item.is_written]
    return [_asked(item, f"{seed}/{item.number}") for item in drawing.shuffled(written, seed)]


def _asked(item: Item, seed: str) -> Asked:
    options = list(item.letters.items())
    return Asked(
        item.number,
        item.kind,
        item.text,
        tuple(drawing.shuffled(options, seed)),
        item.blanks,
        f"{item.points.normalize():f}",
    )


def _questions(session: Session, ids: Sequence[int]) -> list[Question]:
    with seeing_all():
        rows = {row.id: row for row in session.scalars(select(Question).where(Question.id.in_(ids)))}
    return [rows[number] for number in ids]


def _asked_before(session: Session, exam: Exam) -> set[int]:
    with seeing_all():
        papers = session.scalars(select(ExamPaper.items).where(ExamPaper.exam_id == exam.id)).all()
    return {int(row["question_id"]) for items in papers for row in items}
