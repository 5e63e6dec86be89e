"""One approval, whatever is pressed how often and by how many: the QA report of a month, submitted and waiting."""

import contextvars
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from engine.acting import Role
from engine.gate.bypass import maintenance_write
from engine.transitions.performing import perform
from models.accounts import Account
from models.audit import AuditEntry
from models.obligation import Obligation, ObligationState
from models.qa_report import QaReport, ReportState
from tests.drills import invariants
from tests.drills.figures import figures
from tests.factories.browsing import token, version_in
from tests.factories.inspected import Inspected
from tests.factories.programs import Program, of_account
from tests.fixtures.client import ClientAs

pytestmark = pytest.mark.slow

APPROVE = "/qa_report/move/approve/?id={}"
SAVED, REFUSED = 303, {409, 422}


@pytest.fixture
def submitted(qa: Inspected) -> int:
    """The number of a report that the supervisor submitted."""
    with qa.session() as session:
        report = QaReport(department_id=qa.supervisor.department_id, month="2026-05", causes="原因", measures="措施")
        session.add(report)
        session.flush()
        perform(session, report, "submit")
        report.submitted_by_id = qa.supervisor.id
        session.commit()
        return report.id


def press(client: FlaskClient, report: int, known: str, version: str) -> int:
    """The button of the move's page."""
    return client.post(APPROVE.format(report), data={"csrf_token": known, "version": version}).status_code


def same_session(client: FlaskClient, app: Flask) -> FlaskClient:
    """Another tab of the same browser."""
    other, name = app.test_client(), app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    other.set_cookie(name, cookie.value)
    return other


def at_once(works: list[Callable[[], int]]) -> Counter[int]:
    """All of them at the same moment, each in a thread of its own that knows the test's clock."""
    gate, answers = threading.Barrier(len(works)), []

    def run(work: Callable[[], int]) -> None:
        gate.wait(60)
        answers.append(work())

    threads = [threading.Thread(target=contextvars.copy_context().run, args=(run, work)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return Counter(answers)


def approvals(qa: Inspected, report: int) -> int:
    with qa.session() as session:
        entries = select(AuditEntry.id).where(AuditEntry.entity == "qa_report", AuditEntry.record_id == report)
        return len(session.scalars(entries.where(AuditEntry.action == "approve")).all())


def approved_once(qa: Inspected, report: int) -> None:
    stored = qa.again(QaReport, report)
    assert (stored.state, stored.approved_by_id, approvals(qa, report)) == (ReportState.APPROVED, qa.manager.id, 1)
    with qa.session() as session:
        review = session.scalars(select(Obligation).where(Obligation.kind == "qa_report_review")).one()
        assert review.state is ObligationState.MET
        invariants.sound(session)


def fifty_at_once(app: Flask, client: FlaskClient, report: int) -> Counter[int]:
    known, version = token(client), version_in(client.get(APPROVE.format(report)))
    tabs = [same_session(client, app) for _number in range(50)]
    return at_once([lambda tab=tab: press(tab, report, known, version) for tab in tabs])  # type: ignore[misc]  # bound at once


def test_fifty_presses_at_once_are_one_approval(app: Flask, qa: Inspected, submitted: int, client_as: ClientAs) -> None:
    answers = fifty_at_once(app, client_as(qa.manager), submitted)
    assert answers[SAVED] == 1, answers
    assert answers.keys() <= {SAVED, *REFUSED, 503}, "or: the database is busy"
    assert answers.total() == 50
    approved_once(qa, submitted)


@pytest.mark.drill
def test_fifty_presses_at_once_twenty_times(
    app: Flask, qa: Inspected, submitted: int, client_as: ClientAs, database_kind: str
) -> None:
    client, answers = client_as(qa.manager), Counter[int]()
    for _round in range(20):
        answers += fifty_at_once(app, client, submitted)
        with qa.session() as session:
            report = session.get_one(QaReport, submitted)
            assert report.state is ReportState.APPROVED
            with maintenance_write(session.connection()) as connection:
                back = update(QaReport).values(state=ReportState.SUBMITTED, version=report.version + 1)
                connection.execute(back)
    assert answers[SAVED] == 20
    figures(f"{database_kind}: 20 x 50 presses at once, {answers[SAVED]} approvals, {dict(answers)}")


def test_double_click_and_retry_of_a_lost_answer_approve_once(
    qa: Inspected, submitted: int, client_as: ClientAs
) -> None:
    client = client_as(qa.manager)
    known, version = token(client), version_in(client.get(APPROVE.format(submitted)))
    first, again = (press(client, submitted, known, version) for _time in range(2))
    assert (first, again) == (SAVED, 409)
    approved_once(qa, submitted)


@pytest.fixture
def program(app: Flask, qa: Inspected, client_as: ClientAs) -> Program:
    """A program of the manager's."""
    client_as(qa.manager)
    with qa.session() as session:
        account = session.scalars(select(Account).where(Account.staff_id == qa.manager.id)).one()
        return of_account(app, session, account)


def test_program_that_asks_again_with_the_same_key_gets_the_same_answer(
    qa: Inspected, submitted: int, program: Program
) -> None:
    answers = [
        program.send("POST", f"/qa_report/{submitted}/approve", {}, Idempotency_Key="report-2026-05")
        for _time in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.text for answer in answers}) == 1
    approved_once(qa, submitted)


def test_program_that_asks_again_without_a_key_is_told(qa: Inspected, submitted: int, program: Program) -> None:
    answers = [program.send("POST", f"/qa_report/{submitted}/approve", {}).status_code for _time in range(2)]
    assert answers == [200, 409]
    approved_once(qa, submitted)


def test_approval_of_what_was_edited_meanwhile_is_void(qa: Inspected, submitted: int, client_as: ClientAs) -> None:
    client = client_as(qa.manager)
    known, version = token(client), version_in(client.get(APPROVE.format(submitted)))
    with qa.session() as session:
        session.get_one(QaReport, submitted).measures = "别的措施"
    assert press(client, submitted, known, version) == 409
    assert qa.again(QaReport, submitted).state is ReportState.SUBMITTED
    assert approvals(qa, submitted) == 0
    newest = version_in(client.get(APPROVE.format(submitted)))
    assert press(client, submitted, known, newest) == SAVED
    approved_once(qa, submitted)


def test_edit_and_approval_at_the_same_moment_never_both(
    app: Flask, qa: Inspected, submitted: int, client_as: ClientAs
) -> None:
    """What was approved is what the approver saw."""
    manager, supervisor = client_as(qa.manager), client_as(qa.supervisor)
    known, version = token(manager), version_in(manager.get(APPROVE.format(submitted)))
    edit, theirs = f"/qa_report/edit/?id={submitted}", token(supervisor)
    form = {"csrf_token": theirs, "version": version, "month": "2026-05", "causes": "改了", "measures": "措施"}

    def rewrite() -> int:
        return supervisor.post(edit, data=form).status_code

    at_once([rewrite, lambda: press(manager, submitted, known, version)])
    stored = qa.again(QaReport, submitted)
    assert (stored.state, stored.causes) in {(ReportState.APPROVED, "原因"), (ReportState.SUBMITTED, "改了")}


@pytest.mark.parametrize(
    "roles", [(Role.QA_SUPERVISOR, Role.MANAGER), (Role.MANAGER,), (Role.MANAGER, Role.ADMINISTRATOR)]
)
def test_whoever_submitted_approves_through_no_door(
    app: Flask, qa: Inspected, submitted: int, client_as: ClientAs, roles: tuple[Role, ...]
) -> None:
    """However many roles they hold, and whichever way they try."""
    client = client_as(qa.supervisor, *roles)
    known, version = token(client), version_in(client.get(APPROVE.format(submitted)))
    assert press(client, submitted, known, version) == 422
    bulk = {"csrf_token": known, "action": "approve", "rowid": str(submitted), f"version-{submitted}": version}
    client.post("/qa_report/action/", data={**bulk, "confirmed": "1"})
    with qa.session() as session:
        account = session.scalars(select(Account).where(Account.staff_id == qa.supervisor.id)).one()
        program = of_account(app, session, account)
    assert program.send("POST", f"/qa_report/{submitted}/approve", {}).status_code == 422
    assert (qa.again(QaReport, submitted).state, approvals(qa, submitted)) == (ReportState.SUBMITTED, 0)
