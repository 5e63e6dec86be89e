"""Where a large file is asked for, waited for and taken away."""

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO
from urllib.parse import parse_qs, urlsplit

from flask import abort, current_app, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import Select, select
from werkzeug.exceptions import HTTPException

from admin_views import paper
from admin_views.marking import SHARE, open_clearances
from admin_views.pages import Page
from admin_views.preparing import NO_PDF, SHUT, prepare
from admin_views.redirects import safe_target
from engine import prepared
from engine.acting import current_act, seeing_all
from engine.database import db
from engine.hooks import hookimpl
from engine.jobs.asking import enqueue
from engine.jobs.tasks import Task
from models.job import Job, JobState
from models.words import Words, _

PAGES = frozenset({"export", "download"})
"""The last part of the endpoints that a worker may open."""
LONGEST_ADDRESS = 2000
SHOWN = 30
WHY: Mapping[str, Words] = {
    "403": _("You may not take it."),
    "404": _("It is not there any more, or not open to you."),
    "429": _("You took too many files lately. Ask for it again in ten minutes."),
    NO_PDF: paper.LACKING,
    SHUT: _("The account that asked is shut."),
}


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
        number = enqueue(db.session(), prepare.name, _key(address), {"address": address})
        db.session.commit()
        return redirect(url_for(".show", number=number), 303)

    @expose("/<int:number>")
    def show(self, number: int) -> str:
        """How far it is; looks again by itself until it is ready."""
        job = _mine(number)
        kept = prepared.of_job(db.session(), job.id, job.account_id)
        waits = job.state is JobState.WAITING
        return self.render("prepared/show.html", job=job, made=kept, waits=waits, why=why_not(job))

    @expose("/<int:number>/file")
    def file(self, number: int) -> ResponseReturnValue:
        """The file, copied from the database first: however slowly it is taken away, nobody waits for it."""
        job = _mine(number)
        kept = prepared.of_job(db.session(), job.id, job.account_id)
        if kept is None or job.key != _key(json.loads(job.args or "{}").get("address", "")):
            abort(404)
        copy: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 the answer closes it when it has been sent
        copy.writelines(prepared.content_of(db.session(), kept))
        copy.seek(0)
        answer = send_file(copy, as_attachment=True, download_name=kept.name)
        answer.content_type, answer.content_length = kept.media_type, kept.size
        return answer


def _key(address: str) -> str:
    """Names the work by its address and the rights of whoever asks: with other rights it is another file.

    An approval to share that has ended meanwhile counts as well.
    """
    actor = current_act().actor
    shares = parse_qs(urlsplit(address).query).get(SHARE, [])
    open_ = [each.key for each in open_clearances(urlsplit(address).path.split("/")[1])] if shares else []
    rights = [sorted(actor.roles), sorted(actor.team_ids), sorted(actor.line_ids), actor.sees_customers]
    about = json.dumps([actor.account_id, *rights, sorted({*shares} & {*open_}), address])
    return f"prepare:{hashlib.sha256(about.encode()).hexdigest()}"


def why_not(job: Job) -> Words:
    """Why the file could not be made."""
    code = (job.error or "").rpartition(": ")[2]
    return WHY.get(code) or _(
        "Something went wrong. Your administrator finds it under number %(number)s.", number=job.id
    )


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
