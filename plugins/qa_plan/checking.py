"""`flask redraw`: makes a draw again with its kept seed, and compares."""

import json
from dataclasses import dataclass
from typing import Any

import click
from sqlalchemy.orm import Session

from engine import sampling
from engine.acting import seeing_all
from engine.database import db, only_reading
from models.qa_plan import QaDraw
from models.words import _
from plugins.qa_plan.drawing import sample_of


@dataclass(frozen=True)
class Redrawn:
    """A kept draw and the same draw made again."""

    kept: QaDraw
    again: sampling.Draw

    @property
    def same_population(self) -> bool:
        """Whether the same records could have been drawn."""
        return self.again.population_hash == self.kept.population_hash

    @property
    def same_sample(self) -> bool:
        """Whether the same records were drawn, in the same order."""
        return self.again.sample_hash == self.kept.sample_hash

    @property
    def holds(self) -> bool:
        """Whether the draw proves to be what it says."""
        return self.same_population and self.same_sample


def draw_again(session: Session, draw: QaDraw) -> Redrawn:
    """Repeat a draw over all records, whichever the reader may open: a draw seen in part proves nothing (QA-3)."""
    with seeing_all():
        return Redrawn(draw, sample_of(session, draw))


@click.command("redraw")
@click.argument("draw_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON object.")
def redraw(draw_id: int, as_json: bool) -> None:  # noqa: FBT001 click hands the switch in
    """Repeat the random draw DRAW_ID with its kept seed and compare. Exit code 1: it differs, 2: there is none."""
    with only_reading():
        draw = db.session.get(QaDraw, draw_id)
        if draw is None:
            raise click.UsageError(str(_("There is no draw %(number)s.", number=draw_id)))
        found = draw_again(db.session(), draw)
        click.echo(json.dumps(_told(found)) if as_json else _said(found))
    if not found.holds:
        raise SystemExit(1)


def _told(found: Redrawn) -> dict[str, Any]:
    return {
        "draw": found.kept.id,
        "plan": found.kept.label,
        "seed": found.kept.seed,
        "method": found.kept.method,
        "holds": found.holds,
        "population": {
            "kept": [found.kept.population, found.kept.population_hash],
            "again": [found.again.population, found.again.population_hash],
        },
        "sample": {
            "kept": found.kept.sample_hash,
            "again": found.again.sample_hash,
            "numbers": [candidate.number for candidate in found.again.sample],
        },
    }


def _said(found: Redrawn) -> str:
    verdict = (
        _("The draw holds: the same seed draws the same sample.")
        if found.holds
        else _("The draw differs from what was kept.")
    )
    kept = _("kept:  population %(population)s %(population_hash)s, sample %(sample_hash)s", **vars_of(found.kept))
    again = _("again: population %(population)s %(population_hash)s, sample %(sample_hash)s", **vars_of(found.again))
    return "\n".join(map(str, (verdict, kept, again)))


def vars_of(draw: QaDraw | sampling.Draw) -> dict[str, Any]:
    """What two draws are compared by."""
    return {name: getattr(draw, name) for name in ("population", "population_hash", "sample_hash")}
