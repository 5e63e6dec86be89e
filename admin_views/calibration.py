"""QA-10: calibration rounds: blind scoring by the same scorecard, and the spread once everybody has handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from flask import jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from admin_views import scoresheet
from admin_views.base import access
from admin_views.base.columns import Computed
from admin_views.base.saving import write
from admin_views.base.view import EntityView
from admin_views.own_pages import DETAILS, OwnPages
from admin_views.qa_inspection.shown import record_data
from engine.acting import current_act, seeing_all
from engine.circumstances import today_in
from engine.database import db
from engine.hooks import hookimpl
from engine.packs import parameters
from engine.transitions.performing import perform
from models.calibration import Calibration, CalibrationScore, CalibrationState, ScoreState
from models.scorecard import Scorecard, ScorecardItem, ScorecardState
from models.words import _

LIMIT = "calibration_spread_limit"


@dataclass(frozen=True)
class Row:
    """An item, what each inspector deducted for it in their order, and the spread from the least to the most."""

    item: ScorecardItem
    points: Sequence[Decimal]
    spread: Decimal
    too_far: bool


def _is_mine(score: CalibrationScore) -> bool:
    return score.inspector_id == current_act().actor.staff_id


def _is_open_to_reader(score: CalibrationScore) -> bool:
    """One's own score is always open; anybody else's once the round is revealed."""
    return _is_mine(score) or score.calibration.state is CalibrationState.REVEALED


def _shown_score(score: CalibrationScore) -> Decimal | None:
    return score.score if _is_open_to_reader(score) else None


class CalibrationView(OwnPages, EntityView):
    """Rounds. Nobody sees another's score before the round is revealed."""

    model = Calibration
    category = "quality"
    icon = "scale"
    own = {DETAILS: "quality/calibration.html"}
    list_columns = ("name", "service_record_id", "due_at", "state")
    form_columns = ("name", "service_record_id", "scorecard_id", "due_at")
    not_in_form = ("conclusion",)
    detail_columns = ("name", "service_record_id", "scorecard_id", "due_at", "conclusion")
    filters = ("state", "due_at")
    search = ("name",)
    narrow = {"scorecard_id": lambda: (Scorecard.state == ScorecardState.IN_USE,)}
    empty_hint = _("Choose a record that several inspectors score without seeing one another.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Who has handed in; after the reveal, what everybody deducted."""
        calibration: Calibration = data["record"]
        scores = scores_of(calibration)
        mine = next((score for score in scores if _is_mine(score)), None)
        revealed = calibration.state is CalibrationState.REVEALED
        given = {"scores": scores, "mine": mine, "revealed": revealed, "owed": ScoreState.OWED}
        if revealed:
            limit = spread_limit(calibration)
            given |= {"limit": limit, "rows": rows_of(calibration, scores, limit), "total": total_spread(scores)}
        return given


class CalibrationScoreView(OwnPages, EntityView):
    """One's own blind scores, and the screen to score on."""

    model = CalibrationScore
    category = "quality"
    icon = "eye-off"
    own = {DETAILS: "quality/blind_score.html"}
    list_columns = ("calibration_id", "inspector_id", "due_at", "blind_score", "state")
    detail_columns = ("calibration_id", "inspector_id", "due_at", "blind_score")
    computed = {
        "blind_score": Computed(_("Score"), _shown_score, ("score", "calibration", "inspector_id")),
    }
    filters = ("state", "calibration_id", "inspector_id")
    empty_hint = _("When a calibration round is opened, your blind score is asked for here.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Whether there is still something to score."""
        score: CalibrationScore = data["record"]
        # Findings in the history would tell others what has to stay blind.
        history = data["history"] if _is_open_to_reader(score) else []
        return {"may_score": _is_mine(score) and score.state is ScoreState.OWED, "history": history, "moves": []}

    @expose("/<int:number>/score/")
    def score_view(self, number: int) -> ResponseReturnValue:
        """The scorecard, as in an inspection."""
        score = own_score(number)
        if score.state is not ScoreState.OWED:
            return redirect(url_for(".details_view", id=number), 303)
        calibration = score.calibration
        urls = {name: url_for(f".{name}_view", number=number) for name in ("save", "remove", "hand_in", "state")}
        return self.render(
            "quality/blind.html",
            score=score,
            calibration=calibration,
            shown=record_data(calibration.service_record),
            groups=scoresheet.groups_of(calibration.scorecard),
            setup=scoresheet.setup_of(calibration.scorecard, [finding_data(f) for f in score.findings], **urls),
        )

    @expose("/<int:number>/state/")
    def state_view(self, number: int) -> ResponseReturnValue:
        """A fresh token for somebody who signed in again."""
        own_score(number)
        return jsonify(token=generate_csrf())

    @expose("/<int:number>/save/", methods=("POST",))
    def save_view(self, number: int) -> ResponseReturnValue:
        """Keep one finding of the blind score."""
        score, entry = own_score(number), scoresheet.entry_sent(keyed=str)
        scoresheet.item_of(score.calibration.scorecard, entry.item_id)
        key = entry.id or str(uuid4())
        kept = stored(entry, key)
        others = [finding for finding in score.findings if finding.get("id") != key]
        if entry.sent_before and entry.id is None:
            others = [finding for finding in others if {**finding, "id": key} != kept]
        refused = write(lambda: setattr(score, "findings", [*others, kept]))
        return scoresheet.refusal(refused) if refused is not None else jsonify(finding=finding_data(kept))

    @expose("/<int:number>/remove/", methods=("POST",))
    def remove_view(self, number: int) -> ResponseReturnValue:
        """Drop one finding of the blind score."""
        score, gone = own_score(number), scoresheet.sent().get("id")
        refused = write(lambda: setattr(score, "findings", [f for f in score.findings if f.get("id") != gone]))
        return scoresheet.refusal(refused) if refused is not None else jsonify(removed=True)

    @expose("/<int:number>/hand-in/", methods=("POST",))
    def hand_in_view(self, number: int) -> ResponseReturnValue:
        """Hand the blind score in."""
        score = own_score(number)
        refused = write(lambda: perform(db.session(), score, "hand_in"))
        if refused is not None:
            return scoresheet.refusal(refused)
        return jsonify(next=url_for("calibration.details_view", id=score.calibration_id))


def own_score(number: int) -> CalibrationScore:
    """The reader's own blind score; anybody else's answers 403 and is noted."""
    score: CalibrationScore = access.one(CalibrationScore, number, "hand_in")
    if not _is_mine(score):
        access.deny(CalibrationScore.__tablename__, "hand_in", number)
    return score


def scores_of(calibration: Calibration) -> Sequence[CalibrationScore]:
    """The round's scores with their inspectors, in a fixed order.

    Whoever may read the round is shown all of them: before the reveal only whether they are in, afterwards the spread.
    """
    query = (
        select(CalibrationScore).where(CalibrationScore.calibration_id == calibration.id).order_by(CalibrationScore.id)
    )
    with seeing_all():
        return db.session.scalars(query.options(joinedload(CalibrationScore.inspector))).all()


def stored(entry: scoresheet.Entry, key: str) -> dict[str, Any]:
    """A finding as the blind score keeps it."""
    return {
        "id": key,
        "item_id": entry.item_id,
        "severity": entry.severity.value,
        "deduction": scoresheet.plain(entry.deduction),
        "problem": entry.problem,
        "cause": entry.cause or "",
    }


def finding_data(finding: Mapping[str, Any]) -> dict[str, Any]:
    """A kept finding as the scorecard's script knows it."""
    return {"version": None, "problem": "", "cause": "", **finding}


def rows_of(calibration: Calibration, scores: Sequence[CalibrationScore], limit: Decimal) -> list[Row]:
    """Items that anybody deducted for, in the scorecard's order."""
    rows = []
    for item in calibration.scorecard.items:
        points = [_points(score, item) for score in scores]
        spread = max(points, default=Decimal(0)) - min(points, default=Decimal(0))
        if any(points):
            rows.append(Row(item, points, spread, spread > limit))
    return rows


def _points(score: CalibrationScore, item: ScorecardItem) -> Decimal:
    return sum((Decimal(str(f["deduction"])) for f in score.findings if int(f["item_id"]) == item.id), Decimal(0))


def total_spread(scores: Sequence[CalibrationScore]) -> Decimal:
    """How far the highest total lies from the lowest."""
    totals = [score.score for score in scores if score.score is not None]
    return max(totals, default=Decimal(0)) - min(totals, default=Decimal(0))


def spread_limit(calibration: Calibration) -> Decimal:
    """The spread beyond which inspectors have to talk."""
    session = db.session()
    return Decimal(
        str(parameters.value(session, calibration.department_id, LIMIT, today_in(session, calibration.department_id)))
    )


@hookimpl
def views() -> list[EntityView]:
    """Rounds and blind scores."""
    return [CalibrationView(), CalibrationScoreView()]
