"""`flask import`: bring a file in with the choices of an earlier one, for a nightly export."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from engine.acting import SYSTEM, Door, acting
from engine.commands.adopt import department_of
from engine.commands.saying import refusals_said
from engine.database import db
from engine.importing import jobs, mapping, refusing
from engine.importing.running import run
from engine.importing.source import open_job_table
from engine.registry import registry
from engine.tabular.problems import FileRefused
from models.import_job import ImportJob, ImportState
from models.words import _

SHOWN = 20


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--entity", default="service_record", show_default=True, help="What the rows are.")
@click.option("--mapping", "name", help="An earlier import's name. Default: the choices for files with these columns.")
@click.option("--department", "department_id", type=int, help="Its id; not needed where there is one department.")
@click.option("--dry-run", is_flag=True, help="Try every row and write nothing.")
@click.option("--leave-out-refused", is_flag=True, help="Take the other rows even when some are refused.")
@with_appcontext
def import_file(  # noqa: PLR0913 a command line has that many sides
    file: Path, entity: str, name: str | None, department_id: int | None, *, dry_run: bool, leave_out_refused: bool
) -> None:
    """Import FILE the way an earlier file was mapped on the pages. Exit code 1 when rows are refused."""
    session = db.session()
    with acting(SYSTEM, Door.IMPORT), refusals_said(session), _refused_file(session):
        if entity not in registry.importables:
            raise click.ClickException(str(_("Files cannot bring this: %(entity)s.", entity=entity)))
        number = _settled(session, file, entity, name, department_of(session, department_id).id)
        run(session, number)
        if not dry_run and (
            leave_out_refused or not session.get_one(ImportJob, number, populate_existing=True).rows_refused
        ):
            jobs.start(session, session.get_one(ImportJob, number), leave_out_refused=leave_out_refused)
            session.commit()
            run(session, number)
        _report(session, number)


def _settled(session: Session, file: Path, entity: str, name: str | None, department_id: int) -> int:
    """A job that is mapped and set to be tried; its id."""
    importable = registry.importable(entity)
    with file.open("rb") as stream:
        job = jobs.upload(session, stream, file.name, entity, department_id)
    table = open_job_table(job)
    choices = mapping.named(session, importable, name) if name else mapping.remembered(session, importable, table)
    if choices is None:
        raise FileRefused(_("No choices are known for a file with these columns. Import one on the pages first."))
    choices = replace(choices, header=table.header)
    settled, questions, unreadable = mapping.settle_formats(importable, choices, table)
    settled = mapping.answer(settled, questions, choices.formats)
    problems = {**mapping.objections(importable, settled, importable.fields), **unreadable}
    if problems or not mapping.is_settled(importable, settled):
        says = [f"{field}: {words}" for field, words in problems.items()] or [
            str(_("It is not clear how its dates are to be read."))
        ]
        raise FileRefused("\n".join(says))
    jobs.map_columns(session, job, settled, table)
    jobs.check(session, job)
    session.commit()
    return job.id


@contextmanager
def _refused_file(session: Session) -> Iterator[None]:
    try:
        yield
    except FileRefused as refused:
        session.rollback()
        raise click.ClickException(str(refused.reason)) from refused


def _report(session: Session, number: int) -> None:
    job = session.get_one(ImportJob, number, populate_existing=True)
    for refusal in jobs.refusals(session, job, SHOWN):
        for reason in refusing.reasons_of(refusal):
            click.echo(
                _("Row %(row)s: %(column)s %(why)s", row=refusal.row_number, column=reason.column, why=reason.text)
            )
    counts = {"rows": job.rows_total, "taken": job.rows_taken, "same": job.rows_same, "refused": job.rows_refused}
    if job.state is ImportState.FINISHED:
        click.echo(_("%(rows)s rows: %(taken)s taken, %(same)s already known, %(refused)s refused.", **counts))
    else:
        click.echo(
            _(
                "%(rows)s rows, nothing was written: %(taken)s would be taken, %(same)s are known, "
                "%(refused)s would be refused.",
                **counts,
            )
        )
    if job.rows_refused or job.error:
        raise SystemExit(1)
