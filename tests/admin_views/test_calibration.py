import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from engine import clock
from engine.transitions.performing import perform
from models.calibration import Calibration, CalibrationScore, CalibrationState, ScoreState
from models.organisation import Staff
from models.scorecard import Scorecard
from models.service_record import ServiceRecord
from tests.factories.browsing import post, token
from tests.factories.inspected import Inspected
from tests.factories.pages import in_english, read
from tests.fixtures.client import ClientAs


@pytest.fixture
def scores(qa: Inspected) -> dict[int, int]:
    """An open round: the blind scores by their inspectors."""
    with qa.session() as session:
        made = Calibration(
            department_id=qa.agent.department_id,
            name="五月校准",
            due_at=clock.now() + timedelta(days=2),
            service_record_id=session.scalars(select(ServiceRecord.id)).first(),
            scorecard_id=session.scalars(select(Scorecard.id)).one(),
        )
        session.add(made)
        session.flush()
        perform(session, made, "open")
        return dict(session.execute(select(CalibrationScore.inspector_id, CalibrationScore.id)).all())


def handed_in(qa: Inspected, client: FlaskClient, score: int, *found: tuple[int, str, str]) -> None:
    head = {"X-CSRFToken": token(client)}
    for item, severity, points in found:
        data = {"item_id": qa.items[item], "severity": severity, "deduction": points, "problem": "p"}
        assert client.post(f"/calibration_score/{score}/save/", json=data, headers=head).status_code == 200
    assert client.post(f"/calibration_score/{score}/hand-in/", json={}, headers=head).status_code == 200


@pytest.mark.clause("QA-10")
def test_spread_is_shown_once_all_have_scored_blind(qa: Inspected, client_as: ClientAs, scores: dict[int, int]) -> None:
    supervisor, one, two = (in_english(client_as(p)) for p in (qa.supervisor, qa.inspector, qa.other_inspector))
    handed_in(qa, one, scores[qa.inspector.id], (0, "minor", "2"), (1, "general", "5"))
    assert "To be scored" in read(supervisor, "/calibration/details/?id=1")
    assert re.search(r"\b93\b", read(two, "/calibration/details/?id=1")) is None
    assert " 93 " not in read(supervisor, f"/calibration_score/details/?id={scores[qa.inspector.id]}")
    handed_in(qa, two, scores[qa.other_inspector.id], (0, "severe", "8"))
    handed_in(qa, supervisor, scores[qa.supervisor.id])
    version = str(qa.again(Calibration, 1).version)
    assert post(supervisor, "/calibration/move/reveal/?id=1", {"version": version}).status_code == 303
    assert qa.again(Calibration, 1).state is CalibrationState.REVEALED
    page = read(one, "/calibration/details/?id=1")
    assert "over the limit of 5" in page
    assert "Spread of the totals: 8" in page


@pytest.mark.clause("QA-10")
def test_nobody_opens_anothers_blind_score(qa: Inspected, client_as: ClientAs, scores: dict[int, int]) -> None:
    other = scores[qa.other_inspector.id]
    inspector, supervisor = client_as(qa.inspector), client_as(qa.supervisor)
    assert inspector.get(f"/calibration_score/{other}/score/").status_code == 404
    assert supervisor.get(f"/calibration_score/{other}/score/").status_code == 403
    answer = supervisor.post(
        f"/calibration_score/{other}/hand-in/", json={}, headers={"X-CSRFToken": token(supervisor)}
    )
    assert answer.status_code == 403
    assert qa.again(CalibrationScore, other).state is ScoreState.OWED


@pytest.mark.clause("QA-4", "QA-10")
def test_blind_finding_outside_its_band_is_refused(qa: Inspected, client_as: ClientAs, scores: dict[int, int]) -> None:
    client, score = client_as(qa.inspector), scores[qa.inspector.id]
    data = {"item_id": qa.items[0], "severity": "minor", "deduction": "9", "problem": "p"}
    answer = client.post(f"/calibration_score/{score}/save/", json=data, headers={"X-CSRFToken": token(client)})
    assert (answer.status_code, answer.json["problems"][0]["clause"]) == (422, "QA-4")
    assert qa.again(CalibrationScore, score).findings == []


def test_blind_finding_is_changed_and_removed(qa: Inspected, client_as: ClientAs, scores: dict[int, int]) -> None:
    client, score = client_as(qa.inspector), scores[qa.inspector.id]
    head = {"X-CSRFToken": token(client)}
    data = {"item_id": qa.items[0], "severity": "minor", "deduction": "1", "problem": "p"}
    made = client.post(f"/calibration_score/{score}/save/", json=data, headers=head).json["finding"]
    client.post(f"/calibration_score/{score}/save/", json={**data, "id": made["id"], "deduction": "3"}, headers=head)
    assert [f["deduction"] for f in qa.again(CalibrationScore, score).findings] == ["3"]
    client.post(f"/calibration_score/{score}/remove/", json={"id": made["id"]}, headers=head)
    assert qa.again(CalibrationScore, score).findings == []


def test_round_asks_every_inspector_on_post(qa: Inspected, scores: dict[int, int]) -> None:
    with qa.session() as session:
        names = session.scalars(select(Staff.id).where(Staff.id.in_(scores))).all()
    assert set(names) == {qa.supervisor.id, qa.inspector.id, qa.other_inspector.id}
