"""TRN-4: attendance, taken on a phone: one page a session, two big buttons a person."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin_views.base import access
from admin_views.base.page import answer, sayings_of
from admin_views.base.saving import Refused, write
from engine.database import db
from engine.transitions.performing import perform
from models.training_session import Enrolment, EnrolmentState, SessionState, TrainingSession
from models.words import _

BAD_REQUEST = 400
MARKS = {"attend": EnrolmentState.ATTENDED, "miss": EnrolmentState.ABSENT}
OPEN = frozenset({EnrolmentState.ENROLLED, EnrolmentState.EXCUSE_ASKED})


class AttendancePages:
    """The page on which a trainer marks who came, and what it sends."""

    @expose("/attendance/")
    def attendance_view(self: Any) -> ResponseReturnValue:
        """Everybody of the session."""
        training = access.one(TrainingSession, access.requested_id(TrainingSession), "hold")
        return self.attendance_page(training)

    @expose("/mark/", methods=("POST",))
    def mark_view(self: Any) -> ResponseReturnValue:
        """Begin the session, mark one person or all who are left, or keep a practical score."""
        training = access.one(TrainingSession, access.requested_id(TrainingSession), "hold")
        refused = write(lambda: _do(training, request.form.get("mark", "")))
        if refused is not None:
            return self.attendance_page(training, refused)
        number = request.form.get("enrolment", "")
        return redirect(url_for(".attendance_view", id=training.id, _anchor=f"p{number}" if number else None), 303)

    def attendance_page(self: Any, training: TrainingSession, refused: Refused | None = None) -> ResponseReturnValue:
        """The page, with what spoke against the last press."""
        people = people_of(training)
        page = self.render(
            "training/attendance.html",
            training=training,
            people=people,
            left=sum(one.state in OPEN for one in people),
            has_begun=training.state is SessionState.HELD,
            is_planned=training.state is SessionState.PLANNED,
            marks=MARKS,
            sayings=sayings_of(refused),
        )
        return answer(page, refused.status if refused else 200)


def people_of(training: TrainingSession) -> Sequence[Enrolment]:
    """Who takes part, as far as the reader may see, by name."""
    query = select(Enrolment).where(Enrolment.session_id == training.id).options(joinedload(Enrolment.staff))
    return sorted(db.session.scalars(query), key=lambda one: (one.staff.name if one.staff else "", one.id))


def _do(training: TrainingSession, mark: str) -> None:
    session = db.session()
    if mark == "begin":
        perform(session, training, "hold")
    elif mark == "all":
        for one in people_of(training):
            if one.state in OPEN:
                perform(session, one, "attend")
    elif mark in MARKS:
        one = _one_of(training)
        if one.state is not MARKS[mark]:
            perform(session, one, mark)
    elif mark == "grade":
        perform(session, _one_of(training), "grade", practical_score=_score())
    else:
        abort(BAD_REQUEST)


def _one_of(training: TrainingSession) -> Enrolment:
    one: Enrolment = access.one(Enrolment, access.row_id(request.form.get("enrolment"), Enrolment))
    if one.session_id != training.id:
        abort(BAD_REQUEST)
    return one


def _score() -> Decimal:
    try:
        given = Decimal(request.form.get("score", "").strip())
    except InvalidOperation:
        abort(BAD_REQUEST)
    if not given.is_finite():
        abort(BAD_REQUEST)
    flash(_("Practical score kept."), "good")
    return given
