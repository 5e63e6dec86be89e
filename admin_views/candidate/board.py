"""The board: candidates by stage. A card is dragged, moved by keys or by its menu; the rulebook answers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from admin_views.base import access, conflicts
from admin_views.base.page import Said, clause_address, sayings_of
from admin_views.base.saving import write
from admin_views.base.transitions import against_now
from admin_views.candidate.naming import shown_name
from admin_views.pages import Page
from engine import clock
from engine.acting import current_act, seeing_all
from engine.database import db
from engine.permissions import may, may_do_to
from engine.registry import registry
from engine.transitions.kinds import Transition
from engine.transitions.performing import perform
from models.candidate import UNDER_WAY, Candidate, Stage
from models.interview import Interview, InterviewState, Round
from models.job_opening import JobOpening, OpeningState
from models.words import _

SHOWN = 60
"""Cards of one stage; the list has the others."""
RECENT = timedelta(days=30)
"""How long the outcome of somebody stays on the board."""
ROUNDS = {Stage.FIRST_INTERVIEW: Round.FIRST, Stage.SECOND_INTERVIEW: Round.SECOND}


@dataclass(frozen=True)
class Sheets:
    """How far the present round is: sheets planned, handed in, and the mean of those."""

    held: int
    scored: int
    mean: Decimal | None


@dataclass(frozen=True)
class Card:
    """One candidate on the board."""

    candidate: Candidate
    since: datetime | None
    sheets: Sheets | None
    moves: Sequence[Transition]

    @property
    def name(self) -> str:
        """What stands on the card."""
        return shown_name(self.candidate)

    @property
    def days(self) -> int:
        """How long they have been at this stage."""
        return (clock.now() - self.since).days if self.since else 0


@dataclass
class Column:
    """One stage."""

    stage: Stage
    cards: list[Card] = field(default_factory=list)
    count: int = 0


class Board(Page):
    """Everybody under way, one column a stage."""

    needs = ("candidate", "read")
    icon = "columns"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The board, of all openings or of one."""
        opening = _chosen_opening()
        return self.render(
            "hiring/board.html",
            clause_address=clause_address,
            columns=columns(opening),
            openings=_openings(),
            chosen=opening,
            may_add=may(current_act().actor, "candidate", "create"),
            may_move=may(current_act().actor, "candidate", "invite"),
        )

    @expose("/<int:number>/stage", methods=("POST",))
    def move(self, number: int) -> ResponseReturnValue:
        """Bring a card to another stage: done, refused with the clause, or where to say what the move asks."""
        candidate: Candidate = access.one(Candidate, number)
        target = next((stage for stage in Stage if stage.value == request.form.get("to")), None)
        move = _move_to(candidate, target)
        if move is None:
            return _refused([_no_way(candidate, target)])
        if not may_do_to(db.session, current_act().actor, move.name, candidate):
            access.note_denied("candidate", move.name, number)
            return _refused(
                [Said(str(_("Your role does not allow this. Ask your administrator if you need it.")))], 403
            )
        if conflicts.is_stale(candidate):
            return _refused([Said(str(_("Somebody else changed this since you opened it. Please look again.")))], 409)
        if move.asks:
            against = against_now(candidate, move)
            page = url_for("candidate.move_view", step=move.name, id=number)
            return _refused(against) if against else jsonify(open=page)
        refused = write(lambda: perform(db.session(), candidate, move.name))
        if refused is None:
            return jsonify(said=str(_("Moved to “%(stage)s”.", stage=target.label if target else "")))
        return _refused(sayings_of(refused), refused.status)


def _move_to(candidate: Candidate, target: Stage | None) -> Transition | None:
    """The move that leads to the stage from where the candidate stands."""
    for move in registry.transitions_for(Candidate):
        leads_there = move.target is target and target is not candidate.stage
        if leads_there and candidate.stage in move.sources and not move.by_system:
            return move
    return None


def _no_way(candidate: Candidate, target: Stage | None) -> Said:
    """Why no move leads there."""
    stages = list(Stage)
    if target is None or candidate.stage not in UNDER_WAY:
        return Said(str(_("This is decided: the card stays where it is.")), "HIRE-2")
    if target is candidate.stage:
        return Said(str(_("The card is at this stage already.")))
    if stages.index(target) < stages.index(candidate.stage):
        return Said(str(_("The stages lead forward only.")), "HIRE-2")
    following = stages[stages.index(candidate.stage) + 1]
    sentence = _("No stage may be skipped: after “%(here)s” comes “%(next)s”.")
    return Said(str(sentence) % {"here": candidate.stage.label, "next": following.label}, "HIRE-2")


def _refused(sentences: Sequence[Said], status: int = 422) -> ResponseReturnValue:
    told = [{"text": str(each), "clause": each.clause, "url": each.url} for each in sentences]
    return jsonify(refused=told), status


def columns(opening: JobOpening | None = None) -> list[Column]:
    """The stages with their cards, who has waited longest first; of decided ones those of the last weeks."""
    conditions = [Candidate.opening_id == opening.id] if opening else []
    lately = clock.now() - RECENT
    found = {stage: Column(stage) for stage in Stage}
    for stage in Stage:
        here = [*conditions, Candidate.stage == stage]
        if stage not in UNDER_WAY:
            here.append(Candidate.closed_at >= lately)
        rows = db.session.scalars(
            select(Candidate)
            .where(*here)
            .order_by(Candidate.id)
            .limit(SHOWN + 1)
            .options(joinedload(Candidate.opening))
        ).all()
        column = found[stage]
        column.cards = [Card(row, row.entered_at(stage), None, _moves_of(row)) for row in rows[:SHOWN]]
        column.count = len(rows)
        if len(rows) > SHOWN:
            column.count = db.session.scalar(select(func.count(Candidate.id)).where(*here)) or 0
    for stage, round_ in ROUNDS.items():
        column = found[stage]
        sheets = _sheets([card.candidate.id for card in column.cards], round_)
        column.cards = [
            Card(c.candidate, c.since, sheets.get(c.candidate.id, Sheets(0, 0, None)), c.moves) for c in column.cards
        ]
    return list(found.values())


def _moves_of(candidate: Candidate) -> list[Transition]:
    """What the menu of a card offers to whoever looks."""
    actor = current_act().actor
    fitting = (m for m in registry.transitions_for(Candidate) if not m.by_system and candidate.stage in m.sources)
    return [move for move in fitting if may_do_to(db.session, actor, move.name, candidate)]


def _sheets(candidates: Sequence[int], round_: Round) -> Mapping[int, Sheets]:
    """How far the round of each candidate is, for every reader alike; the mean for whoever may read all sheets."""
    those = (
        Interview.candidate_id.in_(candidates),
        Interview.round == round_,
        Interview.state != InterviewState.CANCELLED,
    )
    readable = set(db.session.scalars(select(Interview.id).where(*those)))
    rows: defaultdict[int, list[tuple[int, Decimal | None]]] = defaultdict(list)
    with seeing_all():
        for number, candidate_id, mean in db.session.execute(
            select(Interview.id, Interview.candidate_id, Interview.mean).where(*those)
        ):
            rows[candidate_id].append((number, mean))
    found = {}
    for candidate_id, sheets in rows.items():
        scored = [mean for _number, mean in sheets if mean is not None]
        is_told = scored and readable >= {number for number, _mean in sheets}
        mean = sum(scored, Decimal(0)) / len(scored) if is_told else None
        found[candidate_id] = Sheets(len(sheets), len(scored), mean)
    return found


def _openings() -> Sequence[JobOpening]:
    query = select(JobOpening).where(JobOpening.state != OpeningState.DRAFT)
    return db.session.scalars(query.order_by(JobOpening.id.desc()).limit(100)).all()


def _chosen_opening() -> JobOpening | None:
    text = request.args.get("opening", "")
    return access.one(JobOpening, access.row_id(text, JobOpening)) if text else None
