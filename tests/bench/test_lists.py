"""The list of findings at a thousand and at a million rows, against stock Flask-Admin and Django's admin in one run.

Each product has a process of its own on the same tables; they take turns, page by page, so that whatever else the
machine does meets all of them. The table says medians.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from admin_views.base.paging import Cursor
from tests.bench import filling
from tests.bench.contending import NAMES, Contenders, against, contending, heading, line
from tests.bench.filling import Filled
from tests.fixtures.databases import Fresh

pytestmark = pytest.mark.bench
ROUNDS = 15
THOUSAND, EXPORTED = 1_000, 99_999  # and the draft

PAGE = 50

Pages = Mapping[str, str]


@pytest.fixture
def filled(fresh_database: Fresh, tmp_path: Path) -> Iterator[Callable[[int], tuple[Filled, Contenders]]]:
    """A database with so many findings, and the three products that show them."""
    with ExitStack() as stack:

        def with_findings(count: int) -> tuple[Filled, Contenders]:
            from app import create_app
            from engine.config import Settings
            from engine.database import db

            stack.close()
            database = fresh_database()
            app = create_app(Settings(instance_dir=tmp_path, database_url=database))
            found = filling.fill(app, count)
            with app.app_context():
                db.engine.dispose()
            return found, {name: stack.enter_context(contending(name, tmp_path, database)) for name in NAMES}

        yield with_findings


def taken(contenders: Contenders, pages: Pages, rounds: int = ROUNDS, **more: str) -> dict[str, float]:
    """Median seconds of each product for its page, after one round that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(rounds + 1):
        for name, address in pages.items():
            found = contenders[name](get=address, **more)["seconds"]
            if turn:
                seconds[name].append(found)
    return {name: statistics.median(values) for name, values in seconds.items()}


def saved(contenders: Contenders, pages: Pages, login: str) -> dict[str, float]:
    """Median seconds that sending a changed form takes."""
    seconds: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(ROUNDS):
        for name, address in pages.items():
            change = {"problem": f"第{turn}次改动"}
            seconds[name].append(contenders[name](post=address, change=change, login=login)["seconds"])
    return {name: statistics.median(values) for name, values in seconds.items()}


def asked_with(ours: str = "", flask_admin: str = "", django: str = "") -> Pages:
    """The list of findings of each product, with what its address asks for."""
    return {
        "ours": f"/qa_finding/?{ours}",
        "flask_admin": f"/admin/finding/?{flask_admin}",
        "django": f"/admin/measured/finding/?{django}",
    }


def searched(word: str) -> Pages:
    return asked_with(f"search={word}", f"search={word}", f"q={word}")


def edit_forms(at: Filled) -> Pages:
    return {
        "ours": f"/qa_finding/edit/?id={at.draft}",
        "flask_admin": f"/admin/finding/edit/?id={at.draft}",
        "django": f"/admin/measured/finding/{at.draft}/change/",
    }


def deep_pages(at: Filled) -> Pages:
    page = at.findings // 2 // PAGE
    return asked_with(f"after={Cursor(at.middle, at.middle_id).write()}", f"page={page}", f"p={page}")


def test_list_of_a_million(filled: Callable[[int], tuple[Filled, Contenders]], database_kind: str) -> None:
    _at, contenders = filled(THOUSAND)
    small = taken(contenders, asked_with())
    at, contenders = filled(filling.MILLION)
    heading(f"{database_kind}, 1,000,000 rows", " / ".join(NAMES))
    first = taken(contenders, asked_with())
    against("first page", first, "0.25")
    line("first page, against 1,000 rows", f"{first['ours'] / small['ours']:.2f}", "1.2", f"{small['ours'] * 1000:.0f}")
    for what, page in (("middle", deep_pages(at)), ("last", {"ours": "/qa_finding/?before=end"})):
        deep = taken(contenders, page, rounds=5)
        against(f"{what} page", deep, "")
        line(f"{what} page, against the first", f"{deep['ours'] / first['ours']:.2f}", "1.3", "")
    severity = asked_with("flt_severity=severe", "flt0_9=severe", "severity__exact=severe")
    against("filtered by severity", taken(contenders, severity, rounds=5), "0.35")
    team = asked_with(
        f"flt_severity=severe&flt_team_id={at.team}",
        f"flt0_9=severe&flt1_14={at.team}",
        f"severity__exact=severe&team__id__exact={at.team}",
    )
    against("filtered by severity and team", taken(contenders, team, rounds=5), "0.35")
    for word in (filling.COMMON_CHINESE, filling.RARE_CHINESE, filling.COMMON_LATIN, filling.RARE_LATIN):
        against(f"searched, {word}", taken(contenders, searched(word), rounds=3), "0.25")
    against("edit form", taken(contenders, edit_forms(at), login=filling.INSPECTOR), "0.5 of django")
    against("save", saved(contenders, edit_forms(at), filling.INSPECTOR), "")


def test_export_of_a_hundred_thousand(filled: Callable[[int], tuple[Filled, Contenders]], database_kind: str) -> None:
    _at, contenders = filled(EXPORTED)
    heading(f"{database_kind}, export of 100,000 rows", "ours / flask_admin")
    files = {"ours": "/qa_finding/export/csv/", "flask_admin": "/admin/finding/export/csv/"}
    rounds = [{name: contenders[name](export=address) for name, address in files.items()} for _round in range(5)]
    seconds, peaks = (
        {name: statistics.median(found[name][figure] for found in rounds) for name in files}
        for figure in ("seconds", "peak")
    )
    against("csv", seconds, "0.4")
    memory = " / ".join(f"{peak:.0f}" for peak in peaks.values())
    line("megabytes above idle", f"{peaks['ours']:.0f} MB", "20 MB", memory)
