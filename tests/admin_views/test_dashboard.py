import json
import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from engine import clock
from models.obligation import ObligationState
from tests.factories.obligation import obligation
from tests.factories.pages import in_english, read
from tests.fixtures.crew import Browse
from tests.fixtures.house import House

BLOCK = re.compile(r'<script type="application/json" id="charts"[^>]*>(.*?)</script>', re.DOTALL)


def _charts(body: str) -> dict[str, dict[str, object]]:
    found = BLOCK.search(body)
    assert found is not None
    return {chart["code"]: chart for chart in json.loads(found[1])}


@pytest.fixture
def rows(session: Session, house: House) -> None:
    for days, state in ((-1, ObligationState.OVERDUE), (-2, ObligationState.MET), (-40, ObligationState.MET)):
        obligation(session, house.home, clock.now() + timedelta(days=days), owner=house.agent).state = state
    session.commit()


def test_empty_dashboard_says_what_comes_next(house: House, browse: Browse) -> None:
    assert "Nothing to show for this month" in read(in_english(browse(house.manager)), "/dashboard/")


def test_obligations_are_counted_by_clause_and_by_month(rows: None, house: House, browse: Browse) -> None:
    charts = _charts(in_english(browse(house.manager)).get("/dashboard/").get_data(as_text=True))
    by_clause = {each["name"]: each["values"] for each in charts["duties-by-clause"]["series"]}
    assert by_clause == {"Met": [1], "Overdue": [1], "Open": [0], "Waived": [0]}
    by_month = {each["name"]: each["values"] for each in charts["duties-by-month"]["series"]}
    assert by_month["Met"] == [0, 0, 0, 1, 0, 1]


def test_bar_leads_to_as_many_rows_as_it_counts(rows: None, house: House, browse: Browse) -> None:
    client = in_english(browse(house.manager))
    charts = _charts(client.get("/dashboard/").get_data(as_text=True))
    for chart in charts.values():
        for series in chart["series"]:
            for value, link in zip(series["values"], series["links"], strict=True):
                if value:
                    assert f"{value} row" in read(client, link)


def test_dashboard_counts_what_its_reader_may_see(rows: None, house: House, browse: Browse) -> None:
    assert "Nothing to show" in read(in_english(browse(house.lead)), "/dashboard/")


def test_figures_stand_in_a_table_too(rows: None, house: House, browse: Browse) -> None:
    page = read(in_english(browse(house.manager)), "/dashboard/")
    assert "Met Overdue Open Waived QA-1 1 1 0 0" in page
