"""What a page or a command does with an import: upload, map, settle, try, start. Callers commit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import IO

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.acting import Actor, consequences, current_act
from engine.errors import NotAllowedError, NotFoundError
from engine.importing import files, lease, mapping
from engine.importing.choices import Choices
from engine.importing.importable import Importable
from engine.importing.source import open_job_table
from engine.permissions import may, may_do_to
from engine.registry import registry
from engine.tabular.reading import Table, open_table
from engine.transitions.performing import perform
from models.import_job import ImportJob, ImportMapping, ImportRefusal, ImportState


def importables_for(actor: Actor) -> list[Importable]:
    """What the actor may bring in by a file."""
    return [each for each in registry.importables.values() if may(actor, each.name, "import")]


def upload(
    session: Session, stream: IO[bytes], filename: str, entity: str, department_id: int | None = None
) -> ImportJob:
    """Keep a file, read its header and make the job. Raises FileRefused (nothing is kept), NotAllowedError."""
    actor = current_act().actor
    if entity not in registry.importables or not may(actor, entity, "import"):
        raise NotAllowedError(entity, "import")
    stored = files.store(stream)
    try:
        table = open_table(files.path_of(stored.name), files.plain_name(filename))
        job = ImportJob(
            entity=entity,
            filename=files.plain_name(filename),
            stored_name=stored.name,
            sha256=stored.sha256,
            sheet=table.sheet[:120],
            rows_total=table.row_count,
            account_id=actor.account_id,
            choices={},
        )
        if department_id is not None:
            job.department_id = department_id
        session.add(job)
        session.flush()
        job.choices = mapping.first_choices(session, registry.importable(entity), table, actor).stored()
        lease.begin(session, job.id)
        session.flush()
    except BaseException:
        files.remove(stored.name)
        raise
    return job


def same_file_before(session: Session, job: ImportJob) -> ImportJob | None:
    """An earlier import of the very same file that the reader may see."""
    query = select(ImportJob).where(
        ImportJob.sha256 == job.sha256,
        ImportJob.id < job.id,
        ImportJob.entity == job.entity,
        ImportJob.state == ImportState.FINISHED,
    )
    return session.scalars(query.order_by(ImportJob.id.desc())).first()


def choose_sheet(session: Session, job: ImportJob, sheet: str | None, header_row: int | None) -> Table:
    """Read another sheet, or another row as the header. Raises FileRefused."""
    table = open_table(files.path_of(job.stored_name), job.filename, sheet=sheet or job.sheet, header_row=header_row)
    job.sheet, job.rows_total = table.sheet[:120], table.row_count
    fresh = mapping.first_choices(session, registry.importable(job.entity), table, current_act().actor)
    job.choices = replace(fresh, header_row=header_row).stored()
    session.flush()
    return table


def use_mapping(session: Session, job: ImportJob, known: ImportMapping, table: Table) -> None:
    """Fill in what a remembered mapping says, as far as this file has its columns; the person looks at it next."""
    if known.entity != job.entity:
        raise NotFoundError
    fitted = mapping.fitted(Choices.of(known.choices), registry.importable(job.entity), table, current_act().actor)
    job.choices = replace(fitted, header_row=Choices.of(job.choices).header_row).stored()
    session.flush()


def map_columns(session: Session, job: ImportJob, choices: Choices, table: Table) -> None:
    """Keep a mapping that has no objections, and remember it for the next file with these columns."""
    job.choices = choices.stored()
    mapping.remember(session, job, table, choices)
    session.flush()
    _step(session, job, "map")


def keep_choices(session: Session, job: ImportJob, choices: Choices) -> None:
    """Keep answers to questions about formats and names, here and for the next file."""
    job.choices = choices.stored()
    mapping.remember(session, job, open_job_table(job), choices)
    session.flush()


def check(session: Session, job: ImportJob) -> None:
    """Begin the trial; a worker does it."""
    session.execute(delete(ImportRefusal).where(ImportRefusal.job_id == job.id, ImportRefusal.dry.is_(True)))
    job.account_id = current_act().actor.account_id
    _step(session, job, "check")


def start(session: Session, job: ImportJob, *, leave_out_refused: bool) -> None:
    """Begin the import, or go on with a paused one. Raises PolicyError while refused rows are not accepted."""
    job.choices = replace(Choices.of(job.choices), leave_out_refused=leave_out_refused).stored()
    job.account_id = current_act().actor.account_id
    session.flush()
    _step(session, job, "start")


def _step(session: Session, job: ImportJob, name: str) -> None:
    """A move that follows from what was just decided: it has no button of its own. Raises NotAllowedError."""
    if not may_do_to(session, current_act().actor, name, job):
        raise NotAllowedError(job.__tablename__, name)
    with consequences():
        perform(session, job, name)


def cancel(session: Session, job: ImportJob) -> None:
    """Give an import up; the caller removes the file once that is committed."""
    perform(session, job, "cancel")


def refusals(session: Session, job: ImportJob, limit: int | None = None) -> Sequence[ImportRefusal]:
    """The rows that were not taken, in the file's order: those of the trial until the import itself has begun."""
    dry = job.state in {ImportState.CHECKING, ImportState.CHECKED, ImportState.MAPPED}
    query = select(ImportRefusal).where(ImportRefusal.job_id == job.id, ImportRefusal.dry.is_(dry))
    return session.scalars(query.order_by(ImportRefusal.row_number).limit(limit)).all()
