"""The demonstration department is made by the same rules as any other, and has something to show on every screen."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from demonstration import people, story
from engine import audit, clock
from engine.acting import SYSTEM, Door, Role, acting
from engine.database import db
from models.accounts import Account
from models.obligation import Obligation, ObligationState
from models.organisation import Channel, Staff, StaffStatus
from models.qa_inspection import InspectionState, QaInspection
from models.qa_report import QaReport
from models.rectification import RectificationTask, TaskState
from models.service_record import RecordState, ServiceRecord

TODAY = datetime(2026, 5, 22, 8, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.sqlite
def test_story_fills_every_screen(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "MONTHS", 1)
    monkeypatch.setattr(people, "TEAMS", tuple((*team[:4], 5) for team in people.TEAMS))
    said: list[str] = []
    with app.app_context(), clock.fixed_at(TODAY):
        story.tell(db.session(), said.append)
        with acting(SYSTEM, Door.COMMAND):
            session = db.session()
            roles = {role for account in session.scalars(select(Account)) for role in account.roles}
            assert roles == set(Role)
            assert all(account.password_hash is None for account in session.scalars(select(Account)))
            assert {StaffStatus.ON_POST, StaffStatus.TRAINEE, StaffStatus.SUSPENDED, StaffStatus.LEFT} == set(
                session.scalars(select(Staff.status))
            )
            assert session.scalar(select(func.count(Channel.id))) >= 3
            states = set(session.scalars(select(ServiceRecord.state)))
            assert {RecordState.SOLVED, RecordState.UNSOLVED, RecordState.EVALUATED} <= states
            inspections = Counter(session.scalars(select(QaInspection.state)))
            assert {InspectionState.ASSIGNED, InspectionState.HANDED_IN, InspectionState.ACCEPTED} <= set(inspections)
            tasks = set(session.scalars(select(RectificationTask.state)))
            assert {TaskState.OPEN, TaskState.VERIFIED} <= tasks
            duties = set(session.scalars(select(Obligation.state)))
            assert {ObligationState.OPEN, ObligationState.MET, ObligationState.OVERDUE} <= duties
            assert session.scalars(select(QaReport.month)).all() == ["2026-04"]
            assert list(audit.faults(session)) == []
    assert said[0].startswith("35 people")
