import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine import statistics
from engine.database import db
from models.organisation import Post
from tests.factories import organisation as make


@pytest.mark.sqlite
def test_tables_are_counted_once_they_have_doubled(session: Session) -> None:
    home = make.department(session)
    boss = make.staff(session, home, Post.MANAGER)
    session.commit()
    statistics.renew(db.engine)
    assert statistics.renew(db.engine) == 0
    for _number in range(3):
        make.staff(session, home, Post.HR, superior=boss)
    session.commit()
    assert statistics.renew(db.engine) > 0
    with db.engine.connect() as connection:
        rows = connection.scalar(text("SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_staff_department_id'"))
    assert rows == "4 4"


def test_a_process_looks_once_an_hour(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        assert statistics.renew(db.engine) >= 0
        monkeypatch.setattr(statistics, "renew", lambda _engine: pytest.fail("it was looked at a moment ago"))
        statistics.renew_now_and_then(db.engine)
