"""One's own exams, and the page on which one is taken: every answer is kept the moment it is given.

The page holds no state that the server does not know. It says at each word who it is (`holder`), so that a second
device can take over and the first one is told; the time that is left comes from the server's clock alone.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin_views.base import access
from admin_views.base.page import said
from admin_views.base.saving import write
from admin_views.pages import Page
from engine import clock
from engine.acting import current_act
from engine.database import db
from engine.transitions.performing import objections, perform
from models.exam import Exam
from models.exam_result import ExamResult, ResultState
from models.exam_sitting import ExamSitting, SittingState
from models.training_session import AWAITED, Enrolment, EnrolmentReason
from models.words import Words, _
from plugins import exam as domain
from plugins.exam.items import full_points
from plugins.exam.papers import asked_of, items_of
from plugins.exam.results import Mark, marks_of
from plugins.exam.taking import Given, HeldElsewhereError, OverError

BAD_REQUEST, CONFLICT, GONE = 400, 409, 410
LONGEST_HOLDER = 32


@dataclass(frozen=True)
class Line:
    """One of one's exams on the list, with its result where it was told."""

    sitting: ExamSitting
    result: ExamResult | None
    is_open: bool


class MyExams(Page):
    """What one has to take, is taking, and has taken."""

    needs = ("exam_sitting", "begin")
    icon = "clipboard-pen"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """One's exams, those to be taken first."""
        return self.render("exam/mine.html", lines=own_lines(), now=clock.now())

    @expose("/<int:number>/")
    def sitting(self, number: int) -> ResponseReturnValue:
        """Before: what awaits one. Under way: the questions. After: what one answered and, once told, the result."""
        sitting: ExamSitting = access.one(ExamSitting, number)
        if not is_mine(sitting):
            return redirect(url_for("exam_sitting.details_view", id=sitting.id), 303)
        if sitting.state is SittingState.UNDER_WAY and not domain.is_over(sitting, clock.now()):
            return self.render("exam/sitting.html", **sitting_data(sitting))
        return self.render("exam/about.html", **about_data(sitting))

    @expose("/<int:number>/begin", methods=("POST",))
    def begin(self, number: int) -> ResponseReturnValue:
        """From now on the time runs."""
        sitting = mine(number, "begin")
        refused = write(lambda: perform(db.session(), sitting, "begin"))
        if refused is not None:
            flash(refused.text, "bad")
        return redirect(url_for(".sitting", number=number), 303)

    @expose("/<int:number>/state")
    def state(self, number: int) -> ResponseReturnValue:
        """How much time is left, and a fresh token for somebody who signed in again."""
        sitting = mine(number, "hand_in")
        return jsonify(token=generate_csrf(), left=seconds_left(sitting), over=domain.is_over(sitting, clock.now()))

    @expose("/<int:number>/hold", methods=("POST",))
    def hold(self, number: int) -> ResponseReturnValue:
        """This page writes from now on. Another one that does so already is put aside only if the person says so."""
        sitting, given = mine(number, "hand_in"), sent()
        holder = holder_of(given)
        if domain.is_over(sitting, clock.now()):
            return over()
        if sitting.holder not in {None, holder} and given.get("force") is not True:
            return jsonify(held=True), CONFLICT
        refused = write(lambda: domain.take_over(db.session(), sitting, holder))
        if refused is not None:
            return jsonify(held=True), CONFLICT
        return jsonify(answers=answers_of(sitting), left=seconds_left(sitting))

    @expose("/<int:number>/answer", methods=("POST",))
    def answer(self, number: int) -> ResponseReturnValue:
        """Keep an answer. What is none answers 400: our own script does not send it."""
        sitting, given = mine(number, "hand_in"), given_answer()
        try:
            row = domain.save_answer(db.session(), sitting, given)
            db.session.commit()
        except OverError:
            db.session.rollback()
            return over()
        except HeldElsewhereError as error:
            db.session.rollback()
            return jsonify(held=True, text=str(error.sentence)), CONFLICT
        except ValueError:
            db.session.rollback()
            abort(BAD_REQUEST)
        return jsonify(item=row.item, turn=row.writes, left=seconds_left(sitting))

    @expose("/<int:number>/hand-in", methods=("POST",))
    def hand_in(self, number: int) -> ResponseReturnValue:
        """Hand in; whoever does so twice has done so."""
        sitting = mine(number, "hand_in")
        if sitting.state is SittingState.UNDER_WAY:
            refused = write(lambda: perform(db.session(), sitting, "hand_in"))
            if refused is not None:
                return jsonify(problems=[refused.text]), refused.status
        return jsonify(next=url_for(".sitting", number=number))


def is_mine(sitting: ExamSitting) -> bool:
    """Whether whoever acts is the candidate."""
    return sitting.staff_id == current_act().actor.staff_id


def mine(number: int, action: str) -> ExamSitting:
    """One's own sitting; somebody else's answers 403 and is noted."""
    sitting: ExamSitting = access.one(ExamSitting, number)
    if not is_mine(sitting):
        access.deny("exam_sitting", action, number)
    return sitting


def own_lines() -> list[Line]:
    """One's sittings with their told results: to be taken first, then the newest."""
    me = current_act().actor.staff_id
    rows = db.session.scalars(
        select(ExamSitting)
        .where(ExamSitting.staff_id == me, ExamSitting.state != SittingState.CANCELLED)
        .options(joinedload(ExamSitting.exam).joinedload(Exam.course))
        .order_by(ExamSitting.closes_at.desc())
    ).all()
    told = told_results(me)
    now = clock.now()
    lines = [Line(row, told.get((row.exam_id, row.attempt)), row.opens_at <= now) for row in rows]
    ahead = {SittingState.UNDER_WAY: 0, SittingState.ASSIGNED: 1}
    return sorted(lines, key=lambda line: (ahead.get(line.sitting.state, 2), _nearest(line.sitting, ahead)))


def _nearest(sitting: ExamSitting, ahead: Mapping[SittingState, int]) -> float:
    moment = sitting.closes_at.timestamp()
    return moment if sitting.state in ahead else -moment


def told_results(staff_id: int | None) -> dict[tuple[int, int], ExamResult]:
    """One's results that were told, by exam and attempt; a role that sees more sees no more of its own here."""
    rows = db.session.scalars(
        select(ExamResult).where(ExamResult.staff_id == staff_id, ExamResult.state == ResultState.TOLD)
    )
    return {(row.exam_id, row.attempt): row for row in rows}


def sitting_data(sitting: ExamSitting) -> dict[str, Any]:
    """The questions in the candidate's own order, and what the page's script begins with."""
    exam, items = sitting.exam, items_of(db.session(), sitting.exam_id, sitting.attempt)
    names = ("state", "hold", "answer", "hand_in")
    return {
        "sitting": sitting,
        "exam": exam,
        "asked": asked_of(items, f"{exam.seed}/{sitting.id}"),
        "setup": {
            "number": sitting.id,
            "left": seconds_left(sitting),
            "urls": {name: url_for(f".{name}", number=sitting.id) for name in names},
            "token": generate_csrf(),
            "holder": secrets.token_hex(LONGEST_HOLDER // 2),
            "signIn": url_for("identity.sign_in"),
            "words": {name: str(sentence) for name, sentence in WORDS.items()},
        },
    }


@dataclass(frozen=True)
class Shown:
    """One answer on the page after the exam; `right` only where the exam shows it and the result was told."""

    mark: Mark
    answer: Sequence[str]
    right: Sequence[str]


def about_data(sitting: ExamSitting) -> dict[str, Any]:
    """What can be said of a sitting that is not under way. Points and what was right only once the result is told."""
    items = items_of(db.session(), sitting.exam_id, sitting.attempt)
    result = told_results(sitting.staff_id).get((sitting.exam_id, sitting.attempt))
    begin = domain.BEGIN
    against = (
        [said(violation) for violation in objections(db.session(), sitting, begin, {})]
        if sitting.state is SittingState.ASSIGNED
        else []
    )
    return {
        "sitting": sitting,
        "exam": sitting.exam,
        "count": sum(item.is_written for item in items),
        "full": full_points(items),
        "against": against,
        "result": result,
        "shown": [_shown(mark, sitting.exam) for mark in marks_of(db.session(), result)] if result else [],
        "resit": _resit_after(result) if result and not result.passed else None,
        "retraining": _retraining_after(result) if result and not result.passed else None,
        "ended": domain.is_over(sitting, clock.now()) and sitting.state is SittingState.UNDER_WAY,
    }


def _resit_after(result: ExamResult) -> ExamSitting | None:
    """The resit of the same exam that is still to be taken."""
    ahead = select(ExamSitting).where(
        ExamSitting.exam_id == result.exam_id,
        ExamSitting.staff_id == result.staff_id,
        ExamSitting.attempt > result.attempt,
        ExamSitting.state.in_([SittingState.ASSIGNED, SittingState.UNDER_WAY]),
    )
    return db.session.scalars(ahead.limit(1)).first()


def _retraining_after(result: ExamResult) -> Enrolment | None:
    """The training in the exam's course that the candidate is to take again."""
    ahead = select(Enrolment).where(
        Enrolment.staff_id == result.staff_id,
        Enrolment.course_id == result.course_id,
        Enrolment.reason == EnrolmentReason.RETRAINING,
        Enrolment.state.in_(AWAITED),
    )
    return db.session.scalars(ahead.limit(1)).first()


def _shown(mark: Mark, exam: Exam) -> Shown:
    return Shown(mark, readable(mark, mark.answer), readable(mark, mark.item.key) if exam.shows_key else ())


def readable(mark: Mark, texts: Sequence[str]) -> list[str]:
    """Letters with their options, yes and no in words, texts as they are."""
    letters = mark.item.letters
    words = {"true": str(_("True")), "false": str(_("False"))}
    return [letters.get(text) or words.get(text, text) for text in texts]


def seconds_left(sitting: ExamSitting) -> int:
    """Whole seconds until the time is over, by the server's clock."""
    return max(0, int((ends(sitting) - clock.now()).total_seconds()))


def ends(sitting: ExamSitting) -> datetime:
    """When the time is over."""
    return sitting.ends_at or sitting.closes_at


def answers_of(sitting: ExamSitting) -> dict[int, dict[str, Any]]:
    """What the server has, by item, each with its turn."""
    return {row.item: {"answer": list(row.answer), "turn": row.writes} for row in sitting.answers}


def sent() -> Mapping[str, Any]:
    """The request's JSON object, or 400."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        abort(BAD_REQUEST)
    return given


def holder_of(given: Mapping[str, Any]) -> str:
    """Which page speaks, or 400."""
    holder = given.get("holder")
    if not isinstance(holder, str) or not 0 < len(holder) <= LONGEST_HOLDER:
        abort(BAD_REQUEST)
    return holder


def given_answer() -> Given:
    """The answer in the request's JSON, or 400."""
    given = sent()
    item, turn, answer = given.get("item"), given.get("turn"), given.get("answer")
    if not (type(item) is int and type(turn) is int and isinstance(answer, list)):
        abort(BAD_REQUEST)
    if not 0 <= turn < access.SMALL or not all(isinstance(text, str) for text in answer):
        abort(BAD_REQUEST)
    return Given(item, answer, turn, holder_of(given))


def over() -> ResponseReturnValue:
    """Nothing more is taken."""
    return jsonify(over=True, text=str(WORDS["over"])), GONE


WORDS: Mapping[str, Words] = {
    "saved": _("Everything you answered is saved."),
    "saving": _("Saving…"),
    "offline": _("No connection. What you answer stays on this device and is sent by itself; the time goes on."),
    "signed_out": _("You are signed out. Sign in again in another tab and come back: nothing of this page is lost."),
    "sign_in": _("Sign in"),
    "held": _("This exam goes on in another window or on another device."),
    "take_over": _("Go on here"),
    "over": _("The time is over. What you had answered by then is handed in."),
    "over_offline": _("The time is over. What had reached the server is handed in by itself."),
    "handing_in": _("Handing in…"),
    "left_open": _("Questions without an answer:"),
    "all_answered": _("You have answered every question."),
    "last_minutes": _("Five minutes left."),
    "last_minute": _("One minute left."),
    "wrong": _("This answer could not be saved. Please load the page again."),
}
