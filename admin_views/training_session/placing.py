"""TRN-2: many people are enrolled in a session at once: those who wait for a place, and whoever else is chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin_views.base import access
from admin_views.base.page import Said, answer, sayings_of
from admin_views.base.saving import Refused, write
from engine.acting import current_act
from engine.database import db
from engine.permissions import Scope, matrix
from engine.transitions.performing import perform
from models.organisation import Staff, StaffStatus, Team
from models.training_session import (
    AWAITED,
    Enrolment,
    EnrolmentReason,
    EnrolmentState,
    TrainingSession,
)
from models.words import ngettext

HERE = (StaffStatus.TRAINEE, StaffStatus.ON_POST)


class PlacingPages:
    """The page on which people are chosen for a session."""

    @expose("/enrol/", methods=("GET", "POST"))
    def enrol_view(self: Any) -> ResponseReturnValue:
        """Whom to give a place; posted: they have it, or what speaks against it."""
        if not access.allowed(Enrolment.__tablename__, "place"):
            access.deny(Enrolment.__tablename__, "place")
        training = access.one(TrainingSession, access.requested_id(TrainingSession))
        if request.method == "GET":
            return self.enrol_page(training)
        chosen = [int(each) for each in request.form.getlist("waiting") if each.isdigit()]
        fresh = [int(each) for each in request.form.getlist("person") if each.isdigit()]
        refused = write(lambda: _place(training, chosen, fresh))
        if refused is not None:
            return self.enrol_page(training, refused)
        count = len(chosen) + len(fresh)
        flash(ngettext("%(num)s person has a place.", "%(num)s people have a place.", count), "good")
        return redirect(url_for(".details_view", id=training.id), 303)

    def enrol_page(self: Any, training: TrainingSession, refused: Refused | None = None) -> ResponseReturnValue:
        """Those who wait first, then everybody by team."""
        waiting = waiting_for(training)
        sayings = sayings_of(refused)
        if refused and refused.sentence:
            sayings.append(Said(str(refused.sentence)))
        page = self.render(
            "training/enrol.html",
            training=training,
            waiting=waiting,
            teams=others_by_team(training),
            chosen=set(request.form.getlist("waiting")),
            fresh=set(request.form.getlist("person")),
            sayings=dict.fromkeys(sayings),
        )
        return answer(page, refused.status if refused else 200)


def waiting_for(training: TrainingSession) -> Sequence[Enrolment]:
    """Enrolments in the course without a place, those first that came first."""
    query = select(Enrolment).where(
        Enrolment.course_id == training.course_id,
        Enrolment.session_id.is_(None),
        Enrolment.state.in_([EnrolmentState.PROPOSED, EnrolmentState.ENROLLED]),
    )
    return db.session.scalars(query.options(joinedload(Enrolment.staff)).order_by(Enrolment.id)).all()


def others_by_team(training: TrainingSession) -> Mapping[str, Sequence[Staff]]:
    """Whom the reader may enrol besides, by the name of their team."""
    there = select(Enrolment.staff_id).where(Enrolment.course_id == training.course_id, Enrolment.state.in_(AWAITED))
    who = current_act().actor
    near = [Staff.team_id.in_(sorted(who.team_ids))] if matrix.scope(who, "enrolment", "create") is Scope.TEAM else []
    query = select(Staff).where(Staff.status.in_(HERE), Staff.id.not_in(there), Staff.id != who.staff_id, *near)
    teams = {team.id: team.name for team in db.session.scalars(select(Team))}
    found: dict[str, list[Staff]] = {}
    for person in db.session.scalars(query.order_by(Staff.team_id, Staff.number)):
        found.setdefault(teams.get(person.team_id or 0, ""), []).append(person)
    return found


def _place(training: TrainingSession, chosen: Sequence[int], fresh: Sequence[int]) -> None:
    session = db.session()
    for number in chosen:
        enrolment: Enrolment = access.one(Enrolment, number, "place")
        move = "admit" if enrolment.state is EnrolmentState.PROPOSED else "place"
        perform(session, enrolment, move, session_id=training.id)
    for number in fresh:
        person: Staff = access.one(Staff, number)
        session.add(
            Enrolment(
                department_id=person.department_id,
                staff_id=person.id,
                team_id=person.team_id,
                course_id=training.course_id,
                session_id=training.id,
                reason=EnrolmentReason.ASSIGNED,
            )
        )
