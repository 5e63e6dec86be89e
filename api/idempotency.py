"""A request with an Idempotency-Key is done once, however often it is sent, to whichever process.

The key is claimed in a transaction of its own; the answer is kept in the very transaction that does the work, so that
after a crash either both are there or neither. Whoever comes second is answered with what was answered first.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, request
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api import door
from api.problems import BAD, CONFLICT, OFTEN, OURS, UNKNOWN_CALLER, UNPROCESSABLE, ProblemError, Said
from engine import clock
from engine.database import db
from engine.errors import ConflictError
from models.api_token import KeptAnswer
from models.words import _

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
LONGEST = 255
KEPT = timedelta(hours=24)
GIVEN_UP = timedelta(seconds=60)
"""After so long a claim without an answer belongs to a process that is no more."""
HEADERS = ("Content-Type", "ETag", "Location")
UNSETTLED = frozenset({UNKNOWN_CALLER, CONFLICT, OFTEN})
"""Refusals that say nothing of the request itself: it may be sent again under the same key."""


@dataclass(frozen=True)
class Claim:
    """Work under way under a key; `mark` tells it from another process's."""

    token_id: int
    key: str
    mark: str


def claimed() -> Claim | Response | None:
    """The claim of this request, or the answer that is kept for it; None for a request without a key.

    Commits. Raises ProblemError: 400 for what is no key, 409 while the same request is under way, 422 for another one.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        raise ProblemError(BAD, _("An Idempotency-Key has 1 to 255 printable ASCII characters."))
    session, claim = db.session(), Claim(door.bearer().token_id, key, secrets.token_hex(16))
    asked = _fingerprint()
    if _claim(session, claim, asked):
        return claim
    kept = _kept(session, claim)
    if kept is None or (kept.request == asked and kept.status is None):
        headers = {"Retry-After": "1"}
        raise ProblemError(CONFLICT, _("The same request is under way. Wait for its answer."), headers=headers)
    if kept.request != asked:
        says = _("This Idempotency-Key was used for another request. Choose a new one for each.")
        raise ProblemError(UNPROCESSABLE, says, [Said("", None, str(says))])
    return Response(kept.body or "", kept.status, {**kept.headers, REPLAYED: "true"})


def _kept(session: Session, claim: Claim) -> Any:
    columns = (KeptAnswer.request, KeptAnswer.status, KeptAnswer.headers, KeptAnswer.body)
    query = select(*columns).where(KeptAnswer.token_id == claim.token_id, KeptAnswer.key == claim.key)
    found = session.execute(query).one_or_none()
    session.rollback()
    return found


def _fingerprint() -> str:
    """What was asked: method, address, version and body."""
    parts = (request.method, request.full_path, request.headers.get("If-Match", ""))
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + request.get_data(cache=True)).hexdigest()


def _claim(session: Session, claim: Claim, asked: str) -> bool:
    now, mine = clock.now(), (KeptAnswer.token_id == claim.token_id, KeptAnswer.key == claim.key)
    session.execute(delete(KeptAnswer).where(*mine, KeptAnswer.claimed_at <= now - KEPT))
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = dialect.insert(KeptAnswer).values(
        token_id=claim.token_id, key=claim.key, request=asked, claim=claim.mark, claimed_at=now, headers={}
    )
    fresh = row.on_conflict_do_nothing(index_elements=["token_id", "key"]).returning(KeptAnswer.id)
    got = session.scalar(fresh) is not None
    if not got:
        left = (KeptAnswer.status.is_(None), KeptAnswer.claimed_at <= now - GIVEN_UP, KeptAnswer.request == asked)
        again = update(KeptAnswer).where(*mine, *left).values(claim=claim.mark, claimed_at=now)
        got = session.scalar(again.returning(KeptAnswer.id)) is not None
    session.commit()
    return got


def keep(session: Session, claim: Claim, response: Response) -> None:
    """Keep the answer with the work. The caller commits. Raises ConflictError when another took it over."""
    own = (KeptAnswer.token_id == claim.token_id, KeptAnswer.key == claim.key, KeptAnswer.claim == claim.mark)
    values = {
        "status": response.status_code,
        "headers": {name: response.headers[name] for name in HEADERS if name in response.headers},
        "body": response.get_data(as_text=True),
    }
    if session.scalar(update(KeptAnswer).where(*own).values(**values).returning(KeptAnswer.id)) is None:
        raise ConflictError(_("The same request was taken over by another process."))


def settle(claim: Claim, response: Response) -> None:
    """Keep a refusal, or let go of the key where nothing was decided. Commits."""
    session = db.session()
    if response.status_code < OURS and response.status_code not in UNSETTLED:
        keep(session, claim, response)
    else:
        own = (KeptAnswer.token_id == claim.token_id, KeptAnswer.key == claim.key, KeptAnswer.claim == claim.mark)
        session.execute(delete(KeptAnswer).where(*own))
    session.commit()


def forget_old(session: Session) -> int:
    """Remove answers that are no longer kept, and return how many. The caller commits."""
    old = delete(KeptAnswer).where(KeptAnswer.claimed_at <= clock.now() - KEPT)
    # The session types every execution as a plain Result; a DELETE's carries the count.
    return session.execute(old).rowcount  # type: ignore[attr-defined,no-any-return]  # see above
