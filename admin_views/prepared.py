"""Where a large file is asked for, waited for and taken away."""

import hashlib
import tempfile
from collections.abc import Sequence
from typing import IO

from flask import abort, current_app, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import Select, select
from werkzeug.exceptions import HTTPException

from admin_views.pages import Page
from admin_views.preparing import prepare
from admin_views.redirects import safe_target
from engine import prepared
from engine.acting import current_act, seeing_all
from engine.database import db
from engine.hooks import hookimpl
from engine.jobs.asking import enqueue
from engine.jobs.tasks import Task
from models.job import Job, JobState
from models.words import _

PAGES = frozenset({"export", "download"})
"""The last part of the endpoints that a worker may open."""
LONGEST_ADDRESS = 2000
SHOWN = 30


class PreparedPages(Page):
    """Where a file is waited for. Everybody sees their own and nobody else's."""

    icon = "download"

    def is_visible(self) -> bool:
        """Opened from the pages whose files it brings."""
        return False

    @expose("/")
    def index(self) -> str:
        """What the reader asked for lately, the latest first."""
        query = _own().order_by(Job.id.desc()).limit(SHOWN)
        with seeing_all():
            rows = db.session.scalars(query).all()
        return self.render("prepared/index.html", rows=rows)

    @expose("/ask", methods=("POST",))
    def ask(self) -> ResponseReturnValue:
        """Have the file made that an address of ours brings."""
        address = safe_target(request.form.get("address"))
        if address is None or len(address) > LONGEST_ADDRESS or not _is_preparable(address):
            abort(400)
        account = current_act().actor.account_id
        key = hashlib.sha256(f"{account}:{address}".encode()).hexdigest()
        number = enqueue(db.session(), prepare.name, f"prepare:{key}", {"address": address})
        db.session.commit()
        return redirect(url_for(".show", number=number), 303)

    @expose("/<int:number>")
    def show(self, number: int) -> str:
        """How far it is; looks again by itself until it is ready."""
        job = _mine(number)
        kept = prepared.of_job(db.session(), job.id, job.account_id)
        return self.render("prepared/show.html", job=job, made=kept, waits=job.state is JobState.WAITING)

    @expose("/<int:number>/file")
    def file(self, number: int) -> ResponseReturnValue:
        """The file, copied from the database first: however slowly it is taken away, nobody waits for it."""
        job = _mine(number)
        kept = prepared.of_job(db.session(), job.id, job.account_id)
        if kept is None:
            abort(404)
        copy: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 the answer closes it when it has been sent
        copy.writelines(prepared.content_of(db.session(), kept))
        copy.seek(0)
        answer = send_file(copy, as_attachment=True, download_name=kept.name)
        answer.content_type, answer.content_length = kept.media_type, kept.size
        return answer


def _mine(number: int) -> Job:
    """The work, for the account that asked for it: whose it is decides here, not a grant on the page of all work."""
    with seeing_all():
        found = db.session.scalars(_own().where(Job.id == number)).one_or_none()
    if found is None:
        abort(404)
    return found


def _own() -> Select[Job]:
    return select(Job).where(Job.task == prepare.name, Job.account_id == current_act().actor.account_id)


def _is_preparable(address: str) -> bool:
    path = address.partition("?")[0]
    try:
        endpoint, _values = current_app.url_map.bind("localhost").match(path, method="GET")
    except HTTPException:
        return False
    return str(endpoint).rpartition(".")[2] in PAGES


@hookimpl
def tasks() -> Sequence[Task]:
    """Long work of this module."""
    return [prepare]


@hookimpl
def views() -> list[Page]:
    """Beside the pages whose files it brings."""
    return [PreparedPages(name=_("Prepared files"), endpoint="prepared", url="/prepared", category="data")]
