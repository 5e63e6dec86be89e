"""QA-3: each draw with everything that anyone needs to check it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from admin_views.base import access
from admin_views.base.titles import titles_of
from admin_views.base.view import EntityView
from admin_views.own_pages import DETAILS, OwnPages
from engine import sampling
from engine.acting import seeing_all
from engine.database import db
from models.organisation import Channel, Staff
from models.qa_plan import QaDraw
from models.service_record import ServiceRecord
from models.words import Words, _
from plugins.qa_plan.checking import draw_again

METHODS: Mapping[str, Words] = {
    sampling.METHOD: _("Even across agents and their channels; a record's place is the SHA-256 of seed and number."),
}


@dataclass(frozen=True)
class Stratum:
    """An agent's records of one channel: how many there were, how many were drawn."""

    agent: str
    channel: str
    population: int
    drawn: int


@dataclass(frozen=True)
class Pair:
    """One place of the sample: what was kept, what was drawn again."""

    place: int
    kept: str
    again: str

    @property
    def same(self) -> bool:
        """Whether both name the same record."""
        return self.kept == self.again


class QaDrawView(OwnPages, EntityView):
    """A draw: seed, population, fingerprints, strata; anyone who may read it may draw again and compare."""

    model = QaDraw
    category = "quality"
    icon = "shuffle"
    own = {DETAILS: "quality/draw.html"}
    list_columns = (
        "plan_id",
        "number",
        "drawn_at",
        "population",
        "per_agent",
        "records_from",
        "records_until",
        "reason",
    )
    detail_columns = (
        "plan_id",
        "number",
        "drawn_at",
        "reason",
        "per_agent",
        "records_from",
        "records_until",
        "method",
        "seed",
        "population",
        "population_hash",
        "sample_hash",
    )
    groups = (
        (
            _("Random draw"),
            ("plan_id", "number", "drawn_at", "reason", "per_agent", "records_from", "records_until", "population"),
        ),
        (_("For whoever checks the draw"), ("method", "seed", "population_hash", "sample_hash")),
    )
    formatters = {"method": lambda code: METHODS.get(code, code)}
    filters = ("plan_id", "drawn_at")
    related = (("qa_inspection", "draw_id"),)
    empty_hint = _("Publish the month's plan, then press “Draw sample” on its page.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The strata and the sample, by name."""
        draw: QaDraw = data["record"]
        return {
            "strata": strata_of(draw),
            "sample": numbers_of(draw.sample),
            "again_url": url_for(".again_view", id=draw.id),
        }

    @expose("/again/")
    def again_view(self) -> ResponseReturnValue:
        """Draw again with the kept seed, and set both lists side by side."""
        draw: QaDraw = access.one(QaDraw, access.requested_id(QaDraw))
        found = draw_again(db.session(), draw)
        kept = numbers_of(draw.sample)
        again = [candidate.number for candidate in found.again.sample]
        return self.render("quality/again.html", draw=draw, found=found, pairs=pairs_of(kept, again))


def pairs_of(kept: Sequence[str], again: Sequence[str]) -> list[Pair]:
    """Both samples in the order of their drawing, place by place."""
    longest = max(len(kept), len(again))
    both = ([*numbers, *[""] * (longest - len(numbers))] for numbers in (kept, again))
    return [Pair(place, *numbers) for place, numbers in enumerate(zip(*both, strict=True), start=1)]


def numbers_of(sample: Sequence[int]) -> list[str]:
    """The numbers of drawn records in the order of the draw; they name no customer, so that all may compare them."""
    with seeing_all():
        rows = db.session.execute(select(ServiceRecord.id, ServiceRecord.number).where(ServiceRecord.id.in_(sample)))
        known = {row.id: row.number for row in rows}
    return [known.get(record_id, f"#{record_id}") for record_id in sample]


def strata_of(draw: QaDraw) -> list[Stratum]:
    """The strata with names instead of keys."""
    agents = titles_of(Staff, [row["agent_id"] for row in draw.strata])
    channels = titles_of(Channel, [row["channel_id"] for row in draw.strata])
    return [
        Stratum(
            agents.get(row["agent_id"], f"#{row['agent_id']}"),
            channels.get(row["channel_id"], ""),
            row["population"],
            row["drawn"],
        )
        for row in draw.strata
    ]
