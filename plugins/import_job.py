"""DAT-1: an import's way from the uploaded file to the last row."""

from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.rules import GUARD, Facts, Verdict, rule
from engine.transitions import Transition
from models.import_job import ImportJob, ImportMapping, ImportState
from models.words import _


@rule(
    "DAT-1",
    ImportJob,
    on=GUARD,
    says=_("Some rows would be refused. Mend them first, or say that the import may leave them out."),
)
def refused_rows_are_accepted(job: ImportJob, facts: Facts) -> Verdict:
    """Nothing is lost without somebody knowing."""
    return job.rows_refused == 0 or bool(job.choices.get("leave_out_refused"))


def _note_end(session: Session, job: ImportJob, facts: Facts) -> None:
    job.finished_at = facts.now


BEFORE_RUN = frozenset({ImportState.UPLOADED, ImportState.MAPPED, ImportState.CHECKED})
MOVES = (
    Transition("map", ImportJob, BEFORE_RUN, ImportState.MAPPED, _("Map columns"), "DAT-1", by_system=True),
    Transition(
        "check",
        ImportJob,
        frozenset({ImportState.MAPPED, ImportState.CHECKED}),
        ImportState.CHECKED,
        _("Try it"),
        "DAT-1",
        by_system=True,
    ),
    Transition(
        "start",
        ImportJob,
        frozenset({ImportState.CHECKED}),
        ImportState.RUNNING,
        _("Import"),
        "DAT-1",
        guards=(refused_rows_are_accepted,),
        tone="good",
    ),
    Transition(
        "finish",
        ImportJob,
        frozenset({ImportState.RUNNING}),
        ImportState.FINISHED,
        _("Finish"),
        "DAT-1",
        effect=_note_end,
        by_system=True,
    ),
    Transition("cancel", ImportJob, BEFORE_RUN, ImportState.CANCELLED, _("Cancel"), "DAT-1", tone="quiet"),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="import_job",
        label=_("Service"),
        entities=(ImportJob, ImportMapping),
        transitions=MOVES,
    )
