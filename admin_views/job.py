"""Long work as administrators see it: what waits, what runs, what was given up and waits for a decision."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from admin_views.base.access import allowed, deny, one
from admin_views.base.saving import write
from admin_views.links import page_number
from admin_views.pages import Page
from admin_views.standing import SILENT_AFTER
from engine import audit, clock
from engine.database import db
from engine.hooks import hookimpl
from engine.jobs import tending
from engine.notices.pausing import pause_of, release_sending
from engine.registry import registry
from models.job import Job, JobState
from models.obligation import Heartbeat
from models.words import Words, _

PER_PAGE = 50


class JobPage(Page):
    """Background tasks and the schedulers that look after them."""

    needs = ("job", "read")
    icon = "cog"

    @expose("/")
    def index(self) -> str:
        """What is undone and what was given up, dead work first; then what was done lately."""
        total = db.session.scalar(select(func.count(Job.id))) or 0
        pages = max(1, -(-total // PER_PAGE))
        page = min(page_number(), pages)
        order = (Job.state != JobState.DEAD, Job.state != JobState.WAITING, Job.id.desc())
        rows = db.session.scalars(select(Job).order_by(*order).limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
        return self.render(
            "job/index.html",
            rows=rows,
            now=clock.now(),
            counts=_counts(),
            schedulers=db.session.scalars(select(Heartbeat).order_by(Heartbeat.beat_at.desc())).all(),
            silent=clock.now() - SILENT_AFTER,
            label_of=label_of,
            may_decide=allowed("job", "revive"),
            may_release=allowed("job", "release_sending"),
            pause=pause_of(db.session()),
            page=page,
            pages=pages,
            total=total,
            page_url=lambda number: url_for(".index", page=number),
        )

    @expose("/<int:number>/again", methods=("POST",))
    def again(self, number: int) -> ResponseReturnValue:
        """Try what was given up once more, from its first attempt."""
        return self._decide(number, "revive", tending.revive, _("It is tried again."))

    @expose("/<int:number>/drop", methods=("POST",))
    def drop(self, number: int) -> ResponseReturnValue:
        """Leave what was given up undone."""
        return self._decide(number, "drop", tending.drop, _("It is left undone."))

    @expose("/release-sending", methods=("POST",))
    def release_sending(self) -> ResponseReturnValue:
        """Let messages leave again: with those that wait, or without."""
        if not allowed("job", "release_sending"):
            deny("job", "release_sending")
        leave_out = "leave_out" in request.form
        refused = write(lambda: release_sending(db.session(), leave_out=leave_out))
        done = _("Messages leave again. What waited was left out.") if leave_out else _("Messages leave again.")
        flash(refused.text if refused else str(done), "bad" if refused else "good")
        return redirect(url_for(".index"), 303)

    def _decide(
        self, number: int, action: str, decide: Callable[[Session, Job], bool], done: Words
    ) -> ResponseReturnValue:
        job: Job = one(Job, number, action)
        outcome: list[bool] = []

        def decided() -> None:
            audit.note(db.session(), action, Job.__tablename__, number, job.task)
            outcome.append(decide(db.session(), job))

        write(decided)
        said = done if outcome == [True] else _("It was not given up, or somebody else has decided already.")
        flash(str(said), "good" if outcome == [True] else "warn")
        return redirect(url_for(".index"), 303)


def label_of(task: str) -> str:
    """What the work is, in words; its name when no loaded domain declares it."""
    known = registry.tasks.get(task)
    return str(known.label) if known else task


def _counts() -> dict[str, int]:
    """How much waits, runs, was given up."""
    now = clock.now()
    running = Job.leased_until > now
    return {
        "running": _count(Job.state == JobState.WAITING, running),
        "waiting": _count(Job.state == JobState.WAITING, Job.leased_until.is_(None) | ~running),
        "dead": _count(Job.state == JobState.DEAD),
    }


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(Job.id)).where(*conditions)) or 0


@hookimpl
def views() -> list[Page]:
    """Among the pages of the system."""
    return [JobPage(name=_("Background tasks"), endpoint="job", url="/jobs", category="system")]
