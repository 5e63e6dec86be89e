"""Files that take long to make: asked for on a page, made beside it. `admin_views.prepared` has the pages.

The work is the page itself: the same address, opened by a worker as the same person with the rights of that moment.
So a file holds the same rows, columns and masks whichever way it was made, and its making stands in the audit once.
"""

from contextvars import ContextVar

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_admin import BaseView
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from engine import prepared
from engine.accounts.actor import actor_for
from engine.acting import Actor, Door, acting, seeing_all
from engine.database import only_reading
from engine.jobs.tasks import HopelessError, Work, task
from models.accounts import Account, AccountState
from models.words import _

OK = 200
NO_PDF, SHUT = "no_pdf", "shut"
"""Why no file could be made, beside the page's status: a worker's words are read in another language later."""
_at_work: ContextVar[bool] = ContextVar("preparing", default=False)


def is_preparing() -> bool:
    """Whether a worker has opened the page: it is to make the file now."""
    return _at_work.get()


def offer(view: BaseView) -> ResponseReturnValue:
    """Say that the file is made beside the page, with the button that asks for it: looking changes nothing."""
    page: str = view.render("prepared/offer.html", wanted=request.full_path.rstrip("?"))
    return page


def asker(session: Session, account_id: int | None) -> Actor:
    """The account with the rights of now. Raises HopelessError when it is shut."""
    with seeing_all():
        account = session.get(Account, account_id) if account_id is not None else None
    if account is None or account.state is not AccountState.ACTIVE:
        raise HopelessError(SHUT)
    return actor_for(session, account)


@task("prepare", _("Preparing of a file"), attempts=3)
def prepare(session: Session, work: Work) -> None:
    """Open the page `address` as whoever asked, and keep what it answers; the page's note of it is the same commit."""
    who = asker(session, work.account_id)
    session.rollback()
    response = _opened(work.args["address"], who)
    if response.status_code != OK:
        raise HopelessError(str(response.status_code))
    response.direct_passthrough = False
    name = response.headers.get("Content-Disposition", "").partition("filename=")[2].strip('"') or "file"
    media_type = response.content_type or "application/octet-stream"
    made = prepared.Made(name, media_type, response.iter_encoded())
    prepared.keep(session, work.job_id, who.account_id or 0, made)
    response.close()


def _opened(address: str, who: Actor) -> Response:
    token = _at_work.set(True)
    try:
        with current_app.test_request_context(address), acting(who, Door.FORM), only_reading():
            return current_app.make_response(current_app.dispatch_request())
    except HTTPException as error:
        raise HopelessError(str(error.code)) from error
    finally:
        _at_work.reset(token)
