"""DAT-1: an import's way from the uploaded file to the last row."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from engine.hooks import hookimpl
from engine.importing.running import clear_away, interrupted
from engine.importing.work import go_on_with, take_in
from engine.jobs.tasks import Task
from engine.manifest import Domain
from engine.rules import GUARD, Facts, Verdict, rule
from engine.transitions.kinds import Transition
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


@rule(
    "DAT-1",
    ImportJob,
    field="rows_total",
    says=_("Rows taken, already known and refused are never more than the rows of the file."),
)
def no_row_is_counted_twice(job: ImportJob, facts: Facts) -> Verdict:
    """Every row ends in exactly one of the three."""
    return job.rows_taken + job.rows_same + job.rows_refused <= job.rows_total


@rule(
    "DAT-1",
    ImportJob,
    on=GUARD,
    says=_("%(missing)s rows are in none of the counts: the import has not come to its end."),
)
def every_row_is_accounted_for(job: ImportJob, facts: Facts) -> Verdict:
    """What an import took, knew and refused is the whole file."""
    missing = job.rows_total - job.rows_taken - job.rows_same - job.rows_refused
    return missing == 0 or {"missing": missing}


def _begin_anew(session: Session, job: ImportJob, facts: Facts) -> None:
    job.rows_taken = job.rows_same = job.rows_refused = job.next_row = 0
    job.error = None


def _begin_or_go_on(session: Session, job: ImportJob, facts: Facts) -> None:
    """A trial ends behind the last row; a paused import stands before it and goes on there."""
    if job.next_row >= job.rows_total:
        _begin_anew(session, job, facts)
    job.error = None


def _note_end(session: Session, job: ImportJob, facts: Facts) -> None:
    job.finished_at = facts.now


BEFORE_RUN = frozenset({ImportState.UPLOADED, ImportState.MAPPED, ImportState.CHECKING, ImportState.CHECKED})
CHECKING = frozenset({ImportState.CHECKING})
RUNNING = frozenset({ImportState.RUNNING})
MOVES = (
    Transition("map", ImportJob, BEFORE_RUN, ImportState.MAPPED, _("Map columns"), "DAT-1", by_system=True),
    Transition(
        "check",
        ImportJob,
        frozenset({ImportState.MAPPED, ImportState.CHECKED}),
        ImportState.CHECKING,
        _("Try it"),
        "DAT-1",
        effect=_begin_anew,
        by_system=True,
    ),
    Transition(
        "checked",
        ImportJob,
        CHECKING,
        ImportState.CHECKED,
        _("Tried"),
        "DAT-1",
        guards=(every_row_is_accounted_for,),
        by_system=True,
    ),
    Transition("give_up", ImportJob, CHECKING, ImportState.MAPPED, _("Trial given up"), "DAT-1", by_system=True),
    Transition(
        "start",
        ImportJob,
        frozenset({ImportState.CHECKED, ImportState.PAUSED}),
        ImportState.RUNNING,
        _("Import"),
        "DAT-1",
        guards=(refused_rows_are_accepted,),
        effect=_begin_or_go_on,
        tone="good",
        by_system=True,
    ),
    Transition("pause", ImportJob, RUNNING, ImportState.PAUSED, _("Pause"), "DAT-1", tone="quiet"),
    Transition(
        "finish",
        ImportJob,
        RUNNING,
        ImportState.FINISHED,
        _("Finish"),
        "DAT-1",
        guards=(every_row_is_accounted_for,),
        effect=_note_end,
        by_system=True,
    ),
    Transition(
        "cancel",
        ImportJob,
        BEFORE_RUN | {ImportState.PAUSED},
        ImportState.CANCELLED,
        _("Cancel"),
        "DAT-1",
        tone="quiet",
        confirm=_("What was already taken stays; the rest of the file is not imported."),
    ),
)


@hookimpl
def due(session: Session, now: datetime) -> int:
    """Have imports worked on again whose worker is gone, and clear away files that nobody will read again."""
    return sum(go_on_with(session, number) for number in interrupted(session, now)) + clear_away(session)


@hookimpl
def tasks() -> Sequence[Task]:
    """Long work of this chapter."""
    return [take_in]


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="import_job",
        label=_("Service"),
        built=("DAT-1",),
        entities=(ImportJob, ImportMapping),
        rules=(no_row_is_counted_twice,),
        transitions=MOVES,
    )
