"""Made-up exports of another system, and jobs that bring them in."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any

from sqlalchemy.orm import Session

from engine.accounts.actor import actor_for
from engine.acting import Door, Role, acting
from engine.importing import jobs, mapping
from engine.importing.choices import Choices
from engine.importing.running import run
from engine.importing.source import open_job_table
from engine.importing.unknown import decide
from engine.registry import registry
from engine.tabular.writing import write_xlsx
from models.accounts import Account
from models.import_job import ImportJob
from models.organisation import Staff
from tests.factories.accounts import account
from tests.factories.quality import House

HEADER = (
    "Call Id", "Agent", "Date", "Time", "Topic", "Answered (Y/N)", "Resolved", "Speed of answer in seconds",
    "AvgTalkDuration", "Satisfaction rating",
)  # fmt: skip


def call(number: int, agent: str, **other: Any) -> list[Any]:
    """A row of the export; `other` replaces cells by their column's title."""
    row = {
        "Call Id": f"T{number:05}", "Agent": agent,
        "Date": f"2026-02-{number % 28 + 1:02}", "Time": f"{9 + number % 12:02}:15:30",
        "Topic": "Billing", "Answered (Y/N)": "Y", "Resolved": "Y" if number % 4 else "N",
        "Speed of answer in seconds": 10 + number % 90,
        "AvgTalkDuration": f"00:03:{number % 60:02}", "Satisfaction rating": number % 5 + 1,
    }  # fmt: skip
    return list((row | other).values())


def unanswered(number: int, agent: str) -> list[Any]:
    """A call that nobody took: nothing is known of its answer."""
    nothing = dict.fromkeys(("Speed of answer in seconds", "AvgTalkDuration", "Satisfaction rating"), None)
    return call(number, agent, **{"Answered (Y/N)": "N", "Resolved": "N"}, **nothing)


def calls(agents: Sequence[str], count: int) -> list[list[Any]]:
    """So many calls, every fifth unanswered."""
    return [(unanswered if n % 5 == 0 else call)(n, agents[n % len(agents)]) for n in range(count)]


def workbook(rows: Iterable[Sequence[Any]], header: Sequence[str] = HEADER) -> bytes:
    """An xlsx file of these rows."""
    book = BytesIO()
    write_xlsx(book, header, rows)
    return book.getvalue()


def text_file(rows: Iterable[Sequence[Any]], header: Sequence[str] = HEADER) -> bytes:
    """A csv file of these rows."""
    text = StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def importer(session: Session, person: Staff, *roles: Role) -> Account:
    """An account for whoever imports; committed, since a worker reads it."""
    made = account(session, person, *roles)
    session.commit()
    return made


def uploaded(
    session: Session, who: Account, content: bytes, name: str = "calls.xlsx", entity: str = "service_record"
) -> ImportJob:
    """The file, uploaded by this person."""
    with acting(actor_for(session, who), Door.FORM):
        job = jobs.upload(session, BytesIO(content), name, entity)
        session.commit()
    return job


def mapped(
    session: Session,
    who: Account,
    at: House,
    content: bytes,
    names: Mapping[str, Mapping[str, int]] | None = None,
    **constants: Any,
) -> ImportJob:
    """The same, mapped by its guess: channel for all rows, `names` as decided, the topic "Billing" known."""
    job = uploaded(session, who, content)
    importable, table = registry.importable(job.entity), open_job_table(job)
    choices = replace(Choices.of(job.choices), constants={"channel_id": at.channel.id, **constants})
    choices, questions, _unreadable = mapping.settle_formats(importable, choices, table)
    assert questions == {}
    for field, known in ({"topic_id": {"billing": at.topic.id}} | dict(names or {})).items():
        for text, number in known.items():
            choices = decide(choices, field, text, number)
    with acting(actor_for(session, who), Door.FORM):
        jobs.map_columns(session, job, choices, table)
        session.commit()
    return job


def checking(session: Session, who: Account, job: ImportJob) -> ImportJob:
    """The job set to be tried; no worker has it yet."""
    with acting(actor_for(session, who), Door.FORM):
        jobs.check(session, job)
        session.commit()
    return job


def tried(session: Session, who: Account, job: ImportJob) -> ImportJob:
    """The job after its trial."""
    run(session, checking(session, who, job).id)
    session.refresh(job)
    return job


def started(session: Session, who: Account, job: ImportJob) -> ImportJob:
    """The job set going, refused rows left out; no worker has it yet."""
    with acting(actor_for(session, who), Door.FORM):
        jobs.start(session, job, leave_out_refused=True)
        session.commit()
    return job


def imported(session: Session, who: Account, job: ImportJob) -> ImportJob:
    """The job tried and done."""
    started(session, who, tried(session, who, job))
    run(session, job.id)
    session.refresh(job)
    return job


def brought(session: Session, who: Account, entity: str, header: Sequence[str], *rows: Sequence[Any]) -> ImportJob:
    """The sheet, mapped by its guess and taken."""
    job = uploaded(session, who, workbook(rows, header), f"{len(rows)}.xlsx", entity)
    importable, table = registry.importable(entity), open_job_table(job)
    choices, questions, _unreadable = mapping.settle_formats(importable, Choices.of(job.choices), table)
    assert questions == {}
    assert mapping.objections(importable, choices, importable.fields) == {}
    with acting(actor_for(session, who), Door.FORM):
        jobs.map_columns(session, job, choices, table)
        session.commit()
    return imported(session, who, job)


def counts(job: ImportJob) -> tuple[int, int, int]:
    """Taken, already known, refused."""
    return job.rows_taken, job.rows_same, job.rows_refused
