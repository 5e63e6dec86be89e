"""Applicants come in from a sheet: once each for an opening, as far as the rulebook lets them."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.acting import Role
from engine.transitions.performing import perform
from models.accounts import Account
from models.candidate import Candidate, Source, Stage
from tests.factories.hiring import PHONE, Hiring, candidate, hiring, opening
from tests.factories.importing import brought, counts, importer

HEADER = ("姓名", "手机号", "应聘岗位", "来源", "投递日期", "邮箱")


@pytest.fixture
def at(session: Session) -> Hiring:
    return hiring(session)


@pytest.fixture
def hr(session: Session, at: Hiring) -> Account:
    return importer(session, at.hr, Role.HR)


@pytest.mark.clause("HIRE-2", "DAT-1")
def test_applicants_come_from_a_sheet_once_each(session: Session, at: Hiring, hr: Account) -> None:
    rows = [
        ("赵小川", PHONE, at.opening.name, "内推", "2026-04-20", "zhao@example.org"),
        ("钱多", "13700002222", at.opening.name, "", "2026-04-21", ""),
    ]
    assert counts(brought(session, hr, "candidate", HEADER, *rows)) == (2, 0, 0)
    found = session.scalars(select(Candidate).order_by(Candidate.id)).all()
    assert [(row.name, row.phone, row.source, row.stage) for row in found] == [
        ("赵小川", PHONE, Source.REFERRAL, Stage.SCREENING),
        ("钱多", "13700002222", Source.WEBSITE, Stage.SCREENING),
    ]
    assert (found[0].applied_on, found[0].email) == (date(2026, 4, 20), "zhao@example.org")
    another_name = ("赵大川", PHONE, at.opening.name, "内推", "2026-04-20", "")
    assert counts(brought(session, hr, "candidate", HEADER, *rows)) == (0, 2, 0)
    assert counts(brought(session, hr, "candidate", HEADER, another_name)) == (0, 0, 1)


@pytest.mark.clause("HIRE-2", "DAT-1")
def test_somebody_may_apply_for_another_opening(session: Session, at: Hiring, hr: Account) -> None:
    candidate(session, at)
    other = opening(at.department, at.team, at.lead, name="在线客服")
    session.add(other)
    session.flush()
    perform(session, other, "publish")
    session.commit()
    row = ("赵小川", PHONE, "在线客服", "招聘会", "2026-04-20", "")
    assert counts(brought(session, hr, "candidate", HEADER, row)) == (1, 0, 0)


@pytest.mark.clause("HIRE-1", "DAT-1")
def test_sheet_brings_nobody_for_an_opening_that_is_not_published(session: Session, at: Hiring, hr: Account) -> None:
    perform(session, at.opening, "close", reason="招满")
    session.commit()
    row = ("赵小川", PHONE, at.opening.name, "内推", "2026-04-20", "")
    assert counts(brought(session, hr, "candidate", HEADER, row)) == (0, 0, 1)
