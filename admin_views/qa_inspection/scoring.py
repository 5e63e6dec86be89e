"""The scoring screen: an inspector's drawn records in their turn, every finding saved by itself through the gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import abort, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from admin_views import scoresheet
from admin_views.base import access
from admin_views.base.saving import Refused, write
from admin_views.pages import Page
from admin_views.qa_inspection.shown import record_data
from engine.acting import current_act
from engine.database import db
from engine.transitions.performing import perform
from models.obligation import Obligation
from models.qa_inspection import InspectionState, QaBatch, QaFinding, QaInspection
from models.scorecard import Scorecard
from models.words import _
from plugins import qa_inspection as domain

LONGEST_REMARK = 4000
OWN_ORDER = (QaBatch.week, QaInspection.id)


@dataclass(frozen=True)
class Share:
    """A weekly share on the page: how much is done and by when the rest is due."""

    batch: QaBatch
    total: int
    done: int
    due_at: datetime | None
    rows: Sequence[QaInspection]


class Scoring(Page):
    """What an inspector opens in the morning, and each record in its turn."""

    needs = ("qa_inspection", "hand_in")
    icon = "clipboard-check"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The shares that are not wholly handed in, each with its records."""
        shares = [share_of(batch) for batch in _open_batches()]
        first = next((row for share in shares for row in share.rows if row.state is InspectionState.ASSIGNED), None)
        return self.render("quality/scoring_queue.html", shares=shares, first=first)

    @expose("/<int:number>/")
    def record(self, number: int) -> ResponseReturnValue:
        """One record to score. One that is not to be scored by the reader leads to its own page."""
        inspection = _inspection(number)
        if not is_mine(inspection) or inspection.state is not InspectionState.ASSIGNED:
            return redirect(url_for("qa_inspection.details_view", id=inspection.id), 303)
        earlier = domain.earlier_findings(db.session(), inspection)
        urls = {name: url_for(f".{name}", number=number) for name in ("save", "remove", "remark", "hand_in", "state")}
        return self.render(
            "quality/scoring.html",
            inspection=inspection,
            shown=record_data(inspection.service_record),
            groups=scoresheet.groups_of(inspection.scorecard, earlier),
            share=share_of(inspection.batch),
            setup=scoresheet.setup_of(
                inspection.scorecard, [scoresheet.finding_data(f) for f in inspection.findings], **urls
            ),
            neighbours=neighbours(inspection),
        )

    @expose("/<int:number>/state")
    def state(self, number: int) -> ResponseReturnValue:
        """A fresh token for somebody who signed in again."""
        mine(number)
        return jsonify(token=generate_csrf())

    @expose("/<int:number>/finding", methods=("POST",))
    def save(self, number: int) -> ResponseReturnValue:
        """Write a finding, fresh or changed; the answer is the finding as it is stored and the score."""
        inspection, entry = mine(number), scoresheet.entry_sent()
        scoresheet.item_of(inspection.scorecard, entry.item_id)
        finding = _stored(inspection, entry) or _same(inspection, entry) or QaFinding(inspection=inspection)
        if entry.id is not None and finding.version != entry.version:
            return scoresheet.refusal(_changed_elsewhere())
        refused = write(lambda: _put(finding, inspection, entry))
        if refused is not None:
            return scoresheet.refusal(refused)
        return jsonify(finding=scoresheet.finding_data(finding), score=scoresheet.plain(inspection.running_score))

    @expose("/<int:number>/removal", methods=("POST",))
    def remove(self, number: int) -> ResponseReturnValue:
        """Take a draft finding away. One that is gone already is gone."""
        inspection, given = mine(number), scoresheet.sent()
        finding = next((f for f in inspection.findings if f.id == given.get("id")), None)
        if finding is not None:
            refused = write(lambda: db.session.delete(finding))
            if refused is not None:
                return scoresheet.refusal(refused)
        return jsonify(score=scoresheet.plain(inspection.running_score))

    @expose("/<int:number>/remark", methods=("POST",))
    def remark(self, number: int) -> ResponseReturnValue:
        """Keep the remark on the record."""
        inspection, text = mine(number), scoresheet.sent().get("remark")
        if not isinstance(text, str) or len(text) > LONGEST_REMARK or "\x00" in text:
            abort(scoresheet.BAD_REQUEST)
        refused = write(lambda: setattr(inspection, "remark", text.strip() or None))
        return scoresheet.refusal(refused) if refused is not None else jsonify(saved=True)

    @expose("/<int:number>/hand-in", methods=("POST",))
    def hand_in(self, number: int) -> ResponseReturnValue:
        """Hand the record in and say where the next one is."""
        inspection = mine(number)
        following = neighbours(inspection).next
        refused = write(lambda: perform(db.session(), inspection, "hand_in"))
        if refused is not None:
            return scoresheet.refusal(refused)
        return jsonify(next=url_for(".record", number=following) if following else url_for(".index"))


def is_mine(inspection: QaInspection) -> bool:
    """Whether whoever acts is the inspector to whom the record was given."""
    return inspection.inspector_id == current_act().actor.staff_id


def mine(number: int) -> QaInspection:
    """The reader's own inspection; somebody else's answers 403 and is noted."""
    inspection = _inspection(number)
    if not is_mine(inspection):
        access.deny("qa_inspection", "hand_in", number)
    return inspection


def _inspection(number: int) -> QaInspection:
    found: QaInspection = access.one(QaInspection, number)
    db.session.scalars(
        select(QaInspection)
        .where(QaInspection.id == found.id)
        .options(
            selectinload(QaInspection.findings),
            joinedload(QaInspection.batch),
            joinedload(QaInspection.service_record),
            joinedload(QaInspection.scorecard).selectinload(Scorecard.items),
        )
    ).one()
    return found


def _stored(inspection: QaInspection, entry: scoresheet.Entry) -> QaFinding | None:
    if entry.id is None:
        return None
    found = next((f for f in inspection.findings if f.id == entry.id), None)
    if found is None:
        abort(access.NOT_FOUND)
    return found


def _same(inspection: QaInspection, entry: scoresheet.Entry) -> QaFinding | None:
    """The very same finding, sent again because the first answer got lost: it is not written twice."""
    if not entry.sent_before:
        return None
    wanted = (entry.item_id, entry.severity, entry.deduction, entry.problem, entry.cause)
    return next(
        (f for f in inspection.findings if (f.item_id, f.severity, f.deduction, f.problem, f.cause) == wanted), None
    )


def _put(finding: QaFinding, inspection: QaInspection, entry: scoresheet.Entry) -> None:
    finding.item_id, finding.severity, finding.deduction = entry.item_id, entry.severity, entry.deduction
    finding.problem, finding.cause = entry.problem, entry.cause
    finding.agent_id, finding.team_id, finding.occurred_at = (
        inspection.agent_id,
        inspection.team_id,
        inspection.occurred_at,
    )
    db.session.add(finding)


def _changed_elsewhere() -> Refused:
    return Refused(sentence=_("This was changed in another window. Load the page again to see it."), is_conflict=True)


@dataclass(frozen=True)
class Neighbours:
    """The records before and after one, among those that its inspector still has to score."""

    previous: int | None
    next: int | None


def neighbours(inspection: QaInspection) -> Neighbours:
    """Where one goes from a record; after the last comes the first that was left out."""
    ids = db.session.scalars(
        select(QaInspection.id)
        .join(QaInspection.batch)
        .where(QaInspection.inspector_id == inspection.inspector_id, QaInspection.state == InspectionState.ASSIGNED)
        .order_by(*OWN_ORDER)
    ).all()
    if inspection.id not in ids or len(ids) == 1:
        return Neighbours(None, next((number for number in ids if number != inspection.id), None))
    place = ids.index(inspection.id)
    return Neighbours(ids[place - 1] if place else None, ids[(place + 1) % len(ids)])


def share_of(batch: QaBatch) -> Share:
    """A weekly share with its records, in the order in which they are scored."""
    rows = db.session.scalars(
        select(QaInspection)
        .where(QaInspection.batch_id == batch.id)
        .order_by(QaInspection.id)
        .options(joinedload(QaInspection.service_record), joinedload(QaInspection.agent))
    ).all()
    done = sum(row.state is not InspectionState.ASSIGNED for row in rows)
    return Share(batch, len(rows), done, due_of(batch), rows)


def due_of(batch: QaBatch) -> datetime | None:
    """When the share has to be handed in, as the ledger says."""
    return db.session.scalar(
        select(func.max(Obligation.due_at)).where(
            Obligation.kind == domain.HAND_IN.name,
            Obligation.subject_type == QaBatch.__tablename__,
            Obligation.subject_id == batch.id,
        )
    )


def _open_batches() -> Sequence[QaBatch]:
    return db.session.scalars(
        select(QaBatch)
        .where(QaBatch.inspector_id == current_act().actor.staff_id, QaBatch.to_hand_in > 0)
        .order_by(QaBatch.week, QaBatch.id)
    ).all()


def points(inspection: QaInspection) -> Decimal:
    """The score as it stands now, told or not."""
    return inspection.score if inspection.score is not None else inspection.running_score
