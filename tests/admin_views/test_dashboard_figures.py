"""A sheet is brought in, and every figure on the pages is what the sheet itself says, reckoned here by hand."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engine.acting import SYSTEM, Door, acting
from models.import_job import ImportJob
from models.service_record import Topic
from tests.factories.importing import HEADER, calls, counts, imported, importer, mapped, workbook
from tests.factories.pages import in_english, text_of
from tests.factories.quality import House, house
from tests.fixtures.crew import Browse

AGENT, TOPIC, ANSWERED, RESOLVED, SPEED, RATING = (HEADER.index(name) for name in (
    "Agent", "Topic", "Answered (Y/N)", "Resolved", "Speed of answer in seconds", "Satisfaction rating",
))  # fmt: skip
ROW = re.compile(r'<tr><th scope="row">(?:<a [^>]*>)?([^<]+)(?:</a>)?</th>((?:<td class="num">[^<]*</td>)+)</tr>')


@pytest.fixture
def at(session: Session) -> House:
    return house(session)


def sheet(at: House) -> list[list[Any]]:
    """Forty calls of two agents about two topics."""
    rows = calls([agent.name for agent in at.agents], 40)
    for number in (1, 7, 13):
        rows[number][TOPIC] = "Delivery"
    return rows


def brought_in(session: Session, at: House) -> tuple[list[list[Any]], ImportJob]:
    """The sheet's rows, and the import of it by the QA supervisor."""
    rows, who = sheet(at), importer(session, at.supervisor)
    with acting(SYSTEM, Door.COMMAND):
        session.add(Topic(department_id=at.department.id, code="delivery", name={"zh": "配送", "en": "Delivery"}))
        session.commit()
    return rows, imported(session, who, mapped(session, who, at, workbook(rows)))


def reckoned(rows: Iterable[Sequence[Any]]) -> list[str]:
    """Calls, answered, share, resolved, share, mean seconds, mean rating of these rows, as the page writes them."""
    rows = list(rows)
    answered, resolved = (sum(1 for row in rows if row[place] == "Y") for place in (ANSWERED, RESOLVED))
    return [
        f"{len(rows):,}",
        f"{answered:,}",
        share(answered, len(rows)),
        f"{resolved:,}",
        share(resolved, len(rows)),
        mean([row[SPEED] for row in rows if row[SPEED] not in {None, ""}]),
        mean([row[RATING] for row in rows if row[RATING] not in {None, ""}]),
    ]


def share(part: int, whole: int) -> str:
    return f"{round(Decimal(100 * part) / whole, 1).normalize():f}%"


def mean(numbers: Sequence[Any]) -> str:
    return f"{round(Decimal(sum(map(int, numbers))) / len(numbers), 2):.2f}" if numbers else "—"


def by(rows: Iterable[Sequence[Any]], name: Callable[[Any], str], place: int) -> Mapping[str, list[str]]:
    groups: defaultdict[str, list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        groups[name(row[place])].append(row)
    return {each: reckoned(found) for each, found in groups.items()}


def table(page: str, code: str) -> Mapping[str, list[str]]:
    """The lines of a chart's table."""
    body = page.partition(f'data-figures="{code}"')[2].partition("</table>")[0]
    return {unescape(name): re.findall(r">([^<]*)</td>", cells) for name, cells in ROW.findall(body)}


def tiles(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-figure="([^"]+)"><span class="tile-number">([^<]+)<', page))


def test_figures_on_the_pages_are_those_of_the_sheet(session: Session, at: House, browse: Browse) -> None:
    rows, job = brought_in(session, at)
    assert counts(job) == (len(rows), 0, 0)
    client = in_english(browse(at.manager))
    page = client.get("/dashboard/?month=2026-02").get_data(as_text=True)
    whole = reckoned(rows)
    assert list(tiles(page).values()) == [whole[0], whole[1], whole[3], whole[5], whole[6]]
    people = {agent.name: agent.label for agent in at.agents}
    assert table(page, "records-agent_id") == by(rows, lambda text: people[text], AGENT)
    topics = {"Billing": at.topic.name["en"], "Delivery": "Delivery"}
    assert table(page, "records-topic_id") == by(rows, lambda text: topics[text], TOPIC)
    listed = text_of(client.get("/service_record/?flt_occurred_at_from=2026-02-01&flt_occurred_at_to=2026-02-28"))
    assert f"{len(rows)} rows" in listed


def test_figures_of_several_months_add_up(session: Session, at: House, browse: Browse) -> None:
    rows, _job = brought_in(session, at)
    client = in_english(browse(at.manager))
    for address in ("?month=2026-02&months=3", "?month=2026-04&months=3", "?month=2026-12&months=12"):
        assert tiles(client.get(f"/dashboard/{address}").get_data(as_text=True))["calls"] == str(len(rows))
    for address in ("?month=2026-03", "?month=2026-05&months=3", "?month=2026-02&months=odd"):
        shown = tiles(client.get(f"/dashboard/{address}").get_data(as_text=True)).get("calls")
        assert shown == (str(len(rows)) if "odd" in address else None)
