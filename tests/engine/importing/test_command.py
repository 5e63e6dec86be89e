from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.service_record import ServiceRecord
from tests.factories.importing import calls, importer, mapped, text_file, workbook
from tests.factories.quality import House, house


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


def flask_import(app: Flask, session: Session, *arguments: str) -> tuple[int, str]:
    session.commit()
    result = app.test_cli_runner().invoke(args=["import", *arguments])
    return result.exit_code, result.output


def remembered(session: Session, at: House) -> None:
    mapped(session, importer(session, at.manager), at, workbook(calls([at.agents[0].name], 3)))


def stored(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count(ServiceRecord.id))) or 0


@pytest.mark.clause("DAT-1")
def test_import_command_takes_a_file_the_way_it_was_mapped_before(
    app: Flask, session: Session, at: House, tmp_path: Path
) -> None:
    remembered(session, at)
    file = tmp_path / "tonight.csv"
    file.write_bytes(text_file(calls([at.agents[0].name], 12)))
    code, said = flask_import(app, session, str(file), "--dry-run")
    assert (code, stored(session), "12" in said) == (0, 0, True)
    code, said = flask_import(app, session, str(file))
    assert (code, stored(session), "12" in said) == (0, 12, True)


def test_import_command_writes_nothing_while_rows_are_refused(
    app: Flask, session: Session, at: House, tmp_path: Path
) -> None:
    remembered(session, at)
    file = tmp_path / "tonight.csv"
    file.write_bytes(text_file(calls([at.agents[0].name, "Nobody"], 12)))
    code, _said = flask_import(app, session, str(file))
    assert (code, stored(session)) == (1, 0)
    code, _said = flask_import(app, session, str(file), "--leave-out-refused")
    assert (code, stored(session)) == (1, 6)


def test_import_command_says_when_nobody_mapped_such_a_file(
    app: Flask, session: Session, at: House, tmp_path: Path
) -> None:
    file = tmp_path / "tonight.csv"
    file.write_bytes(text_file([["1", "2"]], ["a", "b"]))
    code, said = flask_import(app, session, str(file))
    assert (code, stored(session), bool(said.strip())) == (1, 0, True)
