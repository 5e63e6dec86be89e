"""What every address has to answer each role, row by row.

`routes.csv` says of each page which grant it needs and where its address names the row; `places.py` says how far a
scope reaches. Both are written apart from the product's own checks, so that a hole in those shows here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from engine.acting import Role
from engine.permissions import Scope, Sight, matrix
from engine.registry import registry
from models.base import Base
from tests.house.holes import entity_views
from tests.house.places import ABSENT, Place, World, detached_world, entity_of, hidden_from, reaches
from tests.house.walking import Page, Visitor, Watch, careless_headers, classified, readable, visitor

AUDIT = {"audit_entry", "audit_head"}
"""What a refusal writes, and all that it writes."""
GRANTED = {200, 303, 400, 409, 415, 422}
"""The page did its work, or said what was wrong with what was sent; never 403, 404, 5xx."""
DENIED, HIDDEN, LOGIN, UNPROVEN = 403, 404, 303, 401
JSON_PAGES = {"scoring", "calibration_score"}
NO_STEP = "no-such-step"


@dataclass(frozen=True)
class Cell:
    """One request and what has to come of it."""

    method: str
    address: str
    place: Place | None
    wanted: set[int]
    audited: bool
    data: dict[str, Any]
    is_json: bool = False
    leads_in: bool = False

    @property
    def may_write(self) -> bool:
        """Whether the database may be other than before."""
        return self.method == "POST" and bool(self.wanted & GRANTED)

    @property
    def lifts_a_mask(self) -> bool:
        """Whether the page is asked, by somebody who may, to show what is hidden otherwise."""
        return "/unmask/" in self.address and self.wanted == GRANTED

    def __str__(self) -> str:
        return f"{self.method} {self.address} {self.data.get('action', '')} ({self.place})"


def walk(app: Flask, role: Role, folder: Path) -> list[str]:
    """Go everywhere as the role; what came out otherwise than the matrix grants."""
    world = detached_world(app, role)
    browser = visitor(app, world.me.account)
    with closing(Watch(database_file(app), folder / "copy.sqlite")) as watch:
        return walked(browser, watch, cells_of(app, world, role, watch), hidden_from(role))


def walked(
    browser: Visitor,
    watch: Watch,
    cells: Iterator[Cell],
    hidden: Mapping[str, Sequence[str]] | None = None,
    *,
    writes: bool = True,
) -> list[str]:
    """Make every request; what came out otherwise than wanted, and what was told although it is hidden."""
    wrong = []
    for cell in cells:
        sent: dict[str, Any] = {"json": cell.data} if cell.is_json else {"data": cell.data}
        response = browser.go(cell.method, cell.address, **sent)
        said = readable(response)
        shut = {} if cell.lifts_a_mask else hidden or {}
        wrong += [f"{cell}: tells {name}" for name, texts in shut.items() if any(text in said for text in texts)]
        wrong += [f"{cell}: {fault}" for fault in careless_headers(cell.address, response)]
        response.close()
        changed, told = watch.changes()
        if response.status_code not in cell.wanted:
            wrong.append(f"{cell}: {response.status_code} instead of {sorted(cell.wanted)}")
        elif cell.leads_in and "/login" not in response.location:
            wrong.append(f"{cell}: led to {response.location}")
        if cell.audited:
            if changed != AUDIT or len(told) != 1 or not told[0].startswith("denied"):
                wrong.append(f"{cell}: refused, and written: {sorted(changed)}, audited: {told}")
        elif changed and not (cell.may_write and writes) and not _only_noted(cell, changed, told):
            wrong.append(f"{cell}: written: {sorted(changed)}, audited: {told}")
        # Whoever takes many tables in a row is held back: the walk is nobody's haste.
        if changed - AUDIT or "/export/" in cell.address:
            watch.restore()
    return wrong


def _only_noted(cell: Cell, changed: set[str], told: list[str]) -> bool:
    """Taking a table away is noted, though it changes nothing."""
    return (
        "/export/" in cell.address + cell.address.replace("download", "export") and changed == AUDIT and len(told) == 1
    )


def cells_of(app: Flask, world: World, role: Role, watch: Watch) -> Iterator[Cell]:
    """Every request that can make a difference."""
    known = classified(app)
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            page = known[rule.endpoint, method]
            if page.to_all_signed_in is not None:
                yield Cell(method, _address(rule.rule, 1), None, set(page.to_all_signed_in), False, {})
            else:
                yield from Asked(app, world, role, watch, page, method, rule.rule).cells()


def strange_cells(app: Flask, world: World, *, token_is_over: bool) -> Iterator[Cell]:
    """Every request of somebody who is not signed in."""
    known = classified(app)
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            open_to_all = set(known[rule.endpoint, method].stranger)
            # The token went with the session; what is open to all wants a fresh one. Programs have tokens of their own.
            over = open_to_all and open_to_all != {UNPROVEN} and method == "POST" and token_is_over
            wanted = {400} if over else open_to_all or {LOGIN}
            row = world.rows.get(known[rule.endpoint, method].entity, {}).get(Place.OWN, 1)
            leads_in = wanted == {LOGIN} and rule.endpoint != "identity.setup"
            yield Cell(method, _address(rule.rule, row), None, wanted, False, {"id": str(row)}, leads_in=leads_in)


@dataclass(frozen=True)
class Asked:
    """A page with everything that decides what it has to answer one role."""

    app: Flask
    world: World
    role: Role
    watch: Watch
    page: Page
    method: str
    rule: str

    def cells(self) -> Iterator[Cell]:
        """A request for each step and each place that can make a difference."""
        for number, step in enumerate(self.steps()):
            yield from (self.cell(step, place) for place in self.telling(step, is_first=number == 0))

    def telling(self, step: str, *, is_first: bool) -> list[Place | None]:
        """Places that are answered for different reasons.

        Where the role has no grant at all, one place in sight stands for the others: one's own, the likeliest to slip
        through. Whether a row is in sight is asked before the step is looked at, so once is enough.
        """
        places = self.places()
        if self.scope(*self.page.first) is None or step == NO_STEP:
            return places[:1]
        sight = self.scope(self.page.entity, "read")
        seen = [place for place in places if place is None or reaches(sight, place, self.page.entity)]
        if self.scope(self.page.entity, step or self.page.action) is None:
            seen = seen[:1]
        return seen + [
            place for place in places if is_first and not (place is None or reaches(sight, place, self.page.entity))
        ]

    def steps(self) -> list[str]:
        """The moves that the page may be asked for; for other pages one empty name."""
        if self.page.action != "<step>":
            return [""]
        model = registry.entities.get(self.page.entity)
        moves = registry.transitions_for(model) if model else []
        names = [move.name for move in moves if not move.by_system]
        return [*names, NO_STEP] if self.scope(*self.page.first) is not None else [*names, NO_STEP][:1]

    def places(self) -> list[Place | None]:
        """Where rows lie that this entity tells apart."""
        if not self.page.row:
            return [None]
        entity = entity_of(self.page.entity)
        nobodys = not self.page.mine and not (entity and (entity.owner or entity.team or entity.involved))
        return [place for place in Place if not (nobodys and place in {Place.OWN, Place.TEAM})]

    def cell(self, step: str, place: Place | None) -> Cell:
        """The request and what has to come of it."""
        row = ABSENT if place is Place.ABSENT else self.world.rows[self.page.entity][place] if place else 0
        address, data = self.request(step, row, place)
        wanted, audited = self.wanted(step, place)
        return Cell(self.method, address, place, wanted, audited, data, self.is_json)

    @property
    def is_json(self) -> bool:
        """Whether the page is spoken to by a script of ours."""
        table, _dot, name = self.page.endpoint.partition(".")
        own = {"save_view", "remove_view", "hand_in_view", "save", "remove", "remark", "hand_in"}
        return table in JSON_PAGES and self.method == "POST" and name in own

    def request(self, step: str, row: int, place: Place | None) -> tuple[str, dict[str, Any]]:
        """Where it goes and what it sends."""
        data: dict[str, Any] = {"version": str(self.version(row)), **self.more(place)}
        address = _address(self.rule, row, step)
        match self.page.row:
            case "?id":
                address += f"?id={row}" + (f"&file={data['file']}" if "file" in data else "")
            case "id" | "list_form_pk":
                data[self.page.row] = str(row)
            case "rowid":
                data |= {"rowid": str(row), "action": step, "confirmed": "1", f"version-{row}": data["version"]}
        if self.page.endpoint.endswith("cell_view"):
            address += f"&field={self.a_cell()}"
        if self.page.endpoint.endswith("ajax_lookup"):
            address += f"?query=zz&name={self.a_link()}"
        if self.page.endpoint.endswith("ajax_update") and self.a_cell():
            data[self.a_cell()] = "1"
        return address, data

    def more(self, place: Place | None) -> dict[str, str]:
        """What single pages ask for."""
        files = self.world.rows["attachment"]
        if self.page.endpoint.endswith(("attachment_view", "detach_view")):
            return {"file": str(files.get(place, ABSENT))}
        if self.page.endpoint.endswith("unmask_view"):
            return {"field": self.masked(), "reason": "asked back"}
        if self.page.endpoint.endswith("save_filter_view"):
            return {"name": "mine"}
        if self.page.endpoint.endswith("ajax_update"):
            # One cell and nothing else: naming another field of the form is refused.
            return {}
        return {"reason": "because", "into": "causes", "text": "none"}

    def version(self, row: int) -> int:
        """The version that a form would carry."""
        table = Base.metadata.tables.get(self.page.entity)
        if table is None or "version" not in table.columns:
            return 1
        return self.watch.one(f'SELECT version FROM "{table.name}" WHERE id = ?', row) or 1

    def wanted(self, step: str, place: Place | None) -> tuple[set[int], bool]:
        """The statuses, and whether the refusal stands in the audit."""
        action = step or self.page.action
        if self.scope(*self.page.first) is None:
            return {DENIED}, True
        if step == NO_STEP:
            return {HIDDEN}, False
        if self.is_bulk and self.scope(self.page.entity, action) is None:
            return {DENIED}, True
        if place and not reaches(self.scope(self.page.entity, "read"), place, self.page.entity):
            return {HIDDEN}, place is not Place.ABSENT
        return (GRANTED, False) if self.is_bulk else self.wanted_in_sight(action, place)

    def wanted_in_sight(self, action: str, place: Place | None) -> tuple[set[int], bool]:
        """The same for a row that may be read."""
        name = self.page.endpoint.rpartition(".")[2]
        if name in {"attachment_view", "detach_view"} and self.page.entity != "service_record":
            return {HIDDEN}, False
        if name == "ajax_lookup" and not self.a_link():
            return {HIDDEN}, False
        scope = self.scope(self.page.entity, action)
        granted = reaches(scope, place, self.page.entity) if place else scope is not None
        if self.page.mine and place is not Place.OWN:
            granted = False
        if not granted or self.is_shut(name, place):
            return {DENIED}, True
        return GRANTED, False

    def is_shut(self, name: str, place: Place | None) -> bool:
        """Pages that a view has switched off, or that need more than the one grant."""
        if self.page.endpoint.partition(".")[0] not in {view.endpoint for view in entity_views(self.app)}:
            return False
        view = self.view()
        shut = {
            "find_view": lambda: not self.reads("customer_contact"),
            "create_view": lambda: not view.form_columns or type(view).can_create is False,
            "edit_view": lambda: not view.form_columns,
            "cell_view": lambda: not self.a_cell(),
            "ajax_update": lambda: not self.a_cell(),
            "unmask_view": lambda: not self.masked(),
            "attach_view": lambda: not view.attachments or self.scope("attachment", "create") is None,
            "detach_view": lambda: place is not Place.OWN or self.scope("attachment", "delete") is None,
        }
        return name in shut and bool(shut[name]())

    @property
    def is_bulk(self) -> bool:
        """The bulk page asks for the grant before it looks at rows, and says of each row what speaks against it."""
        return self.page.endpoint.endswith(".action_view")

    def scope(self, entity: str, action: str) -> Scope | None:
        """What the reviewed file grants the role."""
        return matrix.grants.get((entity, action, self.role))

    def view(self) -> Any:
        """The entity's screens."""
        return next(view for view in entity_views(self.app) if view.endpoint == self.page.endpoint.partition(".")[0])

    def a_cell(self) -> str:
        """A column that may be changed in the list."""
        return next(iter(self.view().cell_columns), "")

    def a_link(self) -> str:
        """A field that is looked up while typing."""
        from admin_views.base.columns import target_of

        columns = Base.metadata.tables[self.page.entity].columns
        names = (*self.view().form_columns, *(one.name for one in self.view().table_filters))
        return next((name for name in names if name in columns and target_of(columns[name]) is not None), "")

    def reads(self, field: str) -> bool:
        """Whether the reviewed file lets the role read the field in full."""
        return matrix.fields[self.page.entity, field].get(self.role) in {Sight.READ, Sight.WRITE}

    def masked(self) -> str:
        """A field behind whose mask this role may look, with a reason."""
        names = [field for entity, field in matrix.fields if entity == self.page.entity]
        shown = [name for name in names if name in self.view().detail_columns]
        return next(
            (name for name in shown if matrix.fields[self.page.entity, name].get(self.role) is Sight.MASKED), ""
        )


def _address(rule: str, row: int, step: str = "") -> str:
    """The address with its places filled in."""
    filled = {
        "<int:number>": str(row),
        "<step>": step or "none",
        "<export_type>": "csv",
        "<kind>": "xlsx",
        "<clause>": "ORG-1",
        "<figure>": "kept",
        "<code>": "appeal_days",
        "<path:filename>": "nothing-of-that-name",
    }
    for part, text in filled.items():
        rule = rule.replace(part, text)
    return re.sub("<[^>]+>", "nothing-of-that-name", rule)


def database_file(app: Flask) -> str:
    """Where the database lies."""
    from engine.database import db

    with app.app_context():
        return str(db.engine.url.database)
