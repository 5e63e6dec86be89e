"""The trainer's marking queue: every point is saved as it is given, names stay hidden until they are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import abort, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from admin_views.base import access
from admin_views.base.saving import Refused, write
from admin_views.exam.mine import readable, sent
from admin_views.pages import Page
from engine.acting import current_act
from engine.database import db
from engine.transitions.performing import perform
from models.exam import Exam, ExamState
from models.exam_result import ExamResult, ResultState
from models.obligation import Obligation
from models.question import QuestionKind
from models.words import Words, _
from plugins.exam.results import Mark, marks_of, set_mark

LONGEST_REMARK = 1000
MOST_BUTTONS = 10
CENT = Decimal("0.01")
BAD_REQUEST = 400


class UnreadablePointsError(ValueError):
    """What was typed as points is no number of cents."""


@dataclass(frozen=True)
class Batch:
    """An exam whose results are not told yet, with what is left to do."""

    exam: Exam
    to_mark: int
    recorded: int
    sat: int
    due_at: Any
    first: int | None


class Marking(Page):
    """What waits to be marked, and each sitting in its turn."""

    needs = ("exam_result", "finish_marking")
    icon = "pen"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The exams with results that are not marked or not told yet; one's own first."""
        return self.render("exam/marking_queue.html", batches=batches())

    @expose("/<int:number>/")
    def result(self, number: int) -> ResponseReturnValue:
        """One sitting to mark. One that is marked already leads to its own page."""
        result: ExamResult = access.one(ExamResult, number, "finish_marking")
        if result.state is not ResultState.TO_MARK:
            return redirect(url_for("exam_result.details_view", id=number), 303)
        return self.render("exam/marking.html", **marking_data(result))

    @expose("/<int:number>/mark", methods=("POST",))
    def mark(self, number: int) -> ResponseReturnValue:
        """Keep the points of one answer."""
        result, given = access.one(ExamResult, number, "edit"), sent()
        try:
            item, points, remark, ticked = entry_of(result, given)
        except UnreadablePointsError:
            return jsonify(problems=[str(_("Points are a number with at most two decimals, for example 7.5."))]), 422
        if result.state is not ResultState.TO_MARK:
            return jsonify(problems=[str(_("This is marked already."))]), 409
        refused = write(lambda: set_mark(result, item.item.number, points, remark, ticked))
        if refused is not None:
            return refusal(refused)
        return jsonify(open=open_in(result), score=None if result.score is None else f"{result.score:f}")

    @expose("/<int:number>/finish", methods=("POST",))
    def finish(self, number: int) -> ResponseReturnValue:
        """Everything is marked: on to the next one of the same exam."""
        result: ExamResult = access.one(ExamResult, number, "finish_marking")
        following = next_of(result)
        refused = write(lambda: perform(db.session(), result, "finish_marking"))
        if refused is not None:
            return refusal(refused)
        return jsonify(next=url_for(".result", number=following) if following else url_for(".index"))


def batches() -> list[Batch]:
    """Exams with open results, one's own first, the longest closed first."""
    me = current_act().actor.staff_id
    counted = db.session.execute(
        select(ExamResult.exam_id, ExamResult.state, func.count(), func.min(ExamResult.id))
        .group_by(ExamResult.exam_id, ExamResult.state)
        .order_by(ExamResult.exam_id)
    ).all()
    counts: dict[int, dict[ResultState, int]] = {}
    first: dict[int, int] = {}
    for exam_id, state, count, lowest in counted:
        counts.setdefault(exam_id, {})[state] = count
        if state is ResultState.TO_MARK:
            first[exam_id] = lowest
    open_ = [number for number, states in counts.items() if states.keys() - {ResultState.TOLD}]
    exams = db.session.scalars(select(Exam).where(Exam.id.in_(open_)).options(joinedload(Exam.course))).all()
    due = dues([exam.id for exam in exams])
    found = [
        Batch(
            exam,
            counts[exam.id].get(ResultState.TO_MARK, 0),
            counts[exam.id].get(ResultState.RECORDED, 0),
            sum(counts[exam.id].values()),
            due.get(exam.id) if exam.state is ExamState.OPEN else None,
            first.get(exam.id),
        )
        for exam in exams
    ]
    return sorted(found, key=lambda each: (each.exam.trainer_id != me, each.exam.closes_at))


def dues(exams: Sequence[int]) -> dict[int, Any]:
    """When the results of each exam have to be told, as the ledger says."""
    rows = db.session.execute(
        select(Obligation.subject_id, Obligation.due_at).where(
            Obligation.kind == "exam_results", Obligation.subject_id.in_(exams)
        )
    )
    return {number: due_at for number, due_at in rows if number is not None}


@dataclass(frozen=True)
class Sheet:
    """One answer on the marking page, with the buttons for its points."""

    mark: Mark
    answer: Sequence[str]
    key: Sequence[str]
    buttons: Sequence[str]
    lines: Sequence[tuple[str, str, bool]]


def marking_data(result: ExamResult) -> dict[str, Any]:
    """The answers that somebody has to read, those that were marked by themselves, and the page's beginning."""
    sheets = [_sheet(mark) for mark in marks_of(db.session(), result)]
    by_hand = [each for each in sheets if each.mark.item.is_marked_by_trainer]
    left = db.session.scalar(
        select(func.count()).where(ExamResult.exam_id == result.exam_id, ExamResult.state == ResultState.TO_MARK)
    )
    return {
        "result": result,
        "exam": result.exam,
        "by_hand": by_hand,
        "by_itself": [each for each in sheets if not each.mark.item.is_marked_by_trainer],
        "shows_name": any(each.mark.item.kind is QuestionKind.PRACTICAL for each in by_hand),
        "left": left or 0,
        "next": next_of(result),
        "setup": {
            "urls": {name: url_for(f".{name}", number=result.id) for name in ("mark", "finish")},
            "token": generate_csrf(),
            "words": {name: str(sentence) for name, sentence in WORDS.items()},
        },
    }


def _sheet(mark: Mark) -> Sheet:
    item = mark.item
    ticked = set(mark.answer) if item.kind is QuestionKind.PRACTICAL else set()
    lines = [(letter, text, letter in ticked) for letter, text in item.letters.items()] if not item.is_written else []
    answer = readable(mark, mark.answer) if item.is_written else []
    return Sheet(mark, answer, readable(mark, item.key), buttons_of(item.points), lines)


def buttons_of(full: Decimal) -> list[str]:
    """Whole and, for few points, half points from nothing to full marks."""
    step = Decimal("0.5") if full <= MOST_BUTTONS // 2 else Decimal(1) if full <= MOST_BUTTONS else full / MOST_BUTTONS
    count = int(full / step)
    values = [(step * number).quantize(CENT) for number in range(count + 1)]
    if values[-1] != full:
        values.append(full)
    return [f"{value.normalize():f}" for value in values]


def entry_of(result: ExamResult, given: Mapping[str, Any]) -> tuple[Mark, Decimal | None, str, list[str] | None]:
    """What the page sends for one item, or 400."""
    mark = next((each for each in marks_of(db.session(), result) if each.item.number == given.get("item")), None)
    remark, ticked = given.get("remark") or "", given.get("ticked")
    if mark is None or not isinstance(remark, str) or len(remark) > LONGEST_REMARK or "\x00" in remark:
        abort(BAD_REQUEST)
    if ticked is not None:
        letters = list(mark.item.letters)
        if mark.item.is_written or not isinstance(ticked, list) or not set(map(str, ticked)) <= set(letters):
            abort(BAD_REQUEST)
        ticked = [letter for letter in letters if letter in ticked]
        share = Decimal(len(ticked)) / Decimal(len(letters))
        return mark, (mark.item.points * share).quantize(CENT), remark.strip(), ticked
    return mark, _points(given.get("points")), remark.strip(), None


def _points(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        points = Decimal(str(value))
        if points == points.quantize(CENT):
            return points
    except InvalidOperation:
        raise UnreadablePointsError from None
    raise UnreadablePointsError


def open_in(result: ExamResult) -> list[int]:
    """The items that nobody has marked yet."""
    return [row["item"] for row in result.marks if row["points"] is None]


def next_of(result: ExamResult) -> int | None:
    """The next sitting of the same exam that waits to be marked; after the last the first."""
    ids = db.session.scalars(
        select(ExamResult.id)
        .where(
            ExamResult.exam_id == result.exam_id,
            ExamResult.state == ResultState.TO_MARK,
            ExamResult.id != result.id,
            ExamResult.staff_id != current_act().actor.staff_id,
        )
        .order_by(ExamResult.id)
    ).all()
    return next((number for number in ids if number > result.id), ids[0] if ids else None)


def refusal(refused: Refused) -> ResponseReturnValue:
    """Why nothing was saved."""
    return jsonify(problems=[refused.text]), refused.status


WORDS: Mapping[str, Words] = {
    "saved": _("Everything is saved."),
    "saving": _("Saving…"),
    "offline": _("No connection: not saved yet. It is tried again by itself; keep this page open."),
    "refused": _("This was not saved. Reload the page and mark it again."),
    "open": _("Not marked yet:"),
}
