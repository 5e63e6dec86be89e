"""Programs that hold a token."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from engine import clock
from engine.accounts import sessions, tokens
from engine.acting import SYSTEM, Door, Role, acting
from engine.database import db
from models.accounts import Account
from models.api_token import ApiToken
from models.organisation import Staff
from tests.factories.accounts import account as account_of

BASE = "/api/v1"
_numbers = itertools.count(1)


@dataclass
class Program:
    """Sends requests with a token and nothing else. `token_id` and `account_id` tell whose."""

    app: Flask
    key: str | None
    token_id: int = 0
    account_id: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Open an address below /api/v1; `body` is sent as JSON. `If_Match="…"` names a header."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        sent.setdefault("Accept-Language", "en")
        data = None if body is None else json.dumps(body)
        content = {} if body is None else {"content_type": "application/json"}
        client = self.app.test_client(use_cookies=False)
        return client.open(BASE + path, method=method, data=data, headers={**self.headers, **sent}, **content)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any, version: int | None = None, **headers: str) -> TestResponse:
        named = {} if version is None else {"If_Match": f'"{version}"'}
        return self.send("PATCH", path, body, **{**named, **headers})

    def all(self, path: str) -> list[dict[str, Any]]:
        """Every item of a list, page after page."""
        found, cursor = [], ""
        while True:
            page = self.get(path + cursor).get_json()
            found += page["items"]
            if page["next"] is None:
                return found
            cursor = ("&" if "?" in path else "?") + f"cursor={page['next']}"


def program(
    app: Flask, person: Staff | None, *roles: Role, scopes: Sequence[str] = ("write",), proven: bool = True
) -> Program:
    """A program of the person, who gets an account with the role of their post unless others are named. Commits."""
    if person is None:
        return Program(app, None)
    with app.app_context(), acting(SYSTEM, Door.COMMAND):
        session = db.session()
        made = account_of(session, session.get_one(Staff, person.id), *roles, login=f"program{next(_numbers)}")
        if proven:
            made.totp_secret = "JBSWY3DPEHPK3PXP"
        session.flush()
        found = of_account(app, session, made, scopes=scopes, proven=proven)
        session.commit()
    return found


def of_account(
    app: Flask, session: Session, account: Account, *, scopes: Sequence[str] = ("write",), proven: bool = True
) -> Program:
    """A program of an account that is there, past the page that would ask for its password. The caller commits."""
    key, now = f"{tokens.MARK}{next(_numbers):043}", clock.now()
    token = ApiToken(
        account_id=account.id,
        name="a program",
        digest=sessions.digest(key),
        hint=key[: tokens.HINT],
        scopes=list(scopes),
        roles=sessions.roles_of(account),
        second_factor=proven,
        created_at=now,
        expires_at=now + timedelta(days=30),
    )
    session.add(token)
    session.flush()
    return Program(app, key, token.id, account.id)
