"""TRN-9: what people can learn from by themselves; opening and finishing are recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, select

from admin_views.base import access
from admin_views.base.columns import Computed, Shown
from admin_views.base.masking import readable
from admin_views.base.page import sayings_of
from admin_views.base.saving import write
from admin_views.base.table import ListRow
from admin_views.base.view import EntityView
from admin_views.own_pages import DETAILS, OwnPages
from engine import clock
from engine.acting import current_act
from engine.database import db
from engine.hooks import hookimpl
from engine.registry import registry
from engine.transitions.performing import objections
from models.course import Course
from models.learning_resource import LearningRecord, LearningResource, LearningState
from models.words import _


def _taught() -> Sequence[ColumnElement[bool]]:
    return (Course.retired.is_(False),)


class LearningResourceView(OwnPages, EntityView):
    """Resources; their content shows once somebody opened them."""

    model = LearningResource
    category = "training"
    own = {DETAILS: "training/resource.html"}
    list_columns = ("name", "mine", "category", "minutes", "course_id", "active")
    computed = {"mine": Computed(_("Learnt by me"), lambda _resource: None)}
    form_columns = ("name", "category", "course_id", "minutes", "body", "link", "active")
    detail_columns = ("category", "course_id", "minutes")
    filters = ("category", "course_id", "active")
    default_sort = ("name", False)
    narrow = {"course_id": _taught}
    attachments = True
    related = (("learning_record", "resource_id"),)
    help = {
        "course_id": _("With the last resource of an online course the course is completed, or its exam comes."),
        "link": _("The address of a page or a film, if it stands elsewhere."),
    }
    labels = {"link": _("Address"), "minutes": _("Minutes that it takes")}
    empty_hint = _("Nothing to learn from yet. Trainers add texts, files and addresses.")

    def list_rows(self, records: Sequence[Any], columns: Sequence[Shown]) -> list[ListRow]:
        """The rows, with what the reader opened and finished of the page."""
        mine = states_of(records)
        named = [replace(each, show=lambda row: mine.get(row.id)) if each.name == "mine" else each for each in columns]
        return super().list_rows(records, named)

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Whether the reader opened it, and what is shown because of it."""
        resource: LearningResource = data["record"]
        mine = record_of(resource)
        shown = self._is_shown(mine)
        # The history tells the text too.
        open_only = {name: data[name] if shown else [] for name in ("files", "history")}
        return {"mine": mine, "shown": shown, "may_open": may_open(), "may_again": _may_again(mine), **open_only}

    def _is_shown(self, mine: LearningRecord | None) -> bool:
        """Nobody but who writes and audits reads without having opened it: the mask of the text says the same."""
        return mine is not None or readable(self.table, "body")

    def files_of(self, record: Any) -> list[Any]:
        """What is read in a file is opened first, too."""
        return super().files_of(record) if self._is_shown(record_of(record)) else []

    def own_file(self, record: Any, key: str | None) -> Any:
        """The file, once it was opened."""
        if not self._is_shown(record_of(record)):
            abort(access.NOT_FOUND)
        return super().own_file(record, key)

    @expose("/open/", methods=("POST",))
    def open_view(self) -> ResponseReturnValue:
        """Record that the reader opens it, once, and show it."""
        if not may_open():
            access.deny(LearningRecord.__tablename__, "create")
        resource: LearningResource = access.one(LearningResource, access.requested_id(LearningResource))
        reader = current_act().actor.staff_id
        if reader is not None and record_of(resource) is None:
            refused = write(lambda: db.session.add(opening(resource, reader)))
            if refused is not None:
                return self.details_page(resource, sayings=sayings_of(refused), status=refused.status)
            flash(_("Opened. Say so when you have finished it."), "good")
        return redirect(url_for(".details_view", id=resource.id, _anchor="learn"), 303)


def may_open() -> bool:
    """Whether the reader's role keeps learning records of its own."""
    return access.allowed(LearningRecord.__tablename__, "create")


def _may_again(mine: LearningRecord | None) -> bool:
    """Whether retraining asks for a resource that the reader had finished."""
    if mine is None or mine.state is not LearningState.FINISHED or not may_open():
        return False
    return not objections(db.session(), mine, registry.transition(LearningRecord, "open_again"), {})


def opening(resource: LearningResource, reader: int) -> LearningRecord:
    """The reader's record of the resource."""
    return LearningRecord(
        department_id=resource.department_id, resource_id=resource.id, staff_id=reader, opened_at=clock.now()
    )


def record_of(resource: LearningResource) -> LearningRecord | None:
    """What the reader did with the resource so far."""
    mine = (LearningRecord.resource_id == resource.id, LearningRecord.staff_id == current_act().actor.staff_id)
    query = select(LearningRecord).where(*mine)
    return db.session.scalars(query).one_or_none()


def states_of(resources: Sequence[LearningResource]) -> dict[int, LearningState]:
    """How far the reader got with each of the resources, by its id."""
    query = select(LearningRecord.resource_id, LearningRecord.state).where(
        LearningRecord.staff_id == current_act().actor.staff_id,
        LearningRecord.resource_id.in_([each.id for each in resources]),
    )
    return dict(db.session.execute(query).all())


class LearningRecordView(EntityView):
    """Who opened and finished what; nobody enters it by hand."""

    model = LearningRecord
    category = "training"
    list_columns = ("staff_id", "resource_id", "opened_at", "finished_at", "state")
    detail_columns = ("staff_id", "team_id", "resource_id", "opened_at", "finished_at")
    filters = ("state", "staff_id", "team_id", "resource_id", "opened_at")
    default_sort = ("opened_at", True)
    empty_hint = _("Whoever opens a learning resource is recorded here.")


@hookimpl
def views() -> list[EntityView]:
    """Resources and what people did with them."""
    return [LearningResourceView(), LearningRecordView()]
