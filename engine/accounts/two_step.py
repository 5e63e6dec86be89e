"""The second factor: six digits from the person's phone (RFC 6238), or one of ten recovery codes."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable

import pyotp
import segno
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Role
from models.accounts import Account, UsedCode

STEP = 30
"""Seconds that a code lives; only the present one opens."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 15
"""120 bits: too many to guess, so a plain hash keeps them safe."""
GROUP = 4
ISSUER = "Dutybook"
REQUIRED = frozenset({Role.MANAGER, Role.QA_SUPERVISOR, Role.HR, Role.AUDITOR, Role.ADMINISTRATOR})
"""Roles that approve, export or administer: a password alone is not enough for them."""


def is_required(roles: Iterable[Role], *, demo: bool) -> bool:
    """Whether one of the roles asks for a second factor. The demonstration asks nobody: it has no secrets to guard."""
    return not demo and not REQUIRED.isdisjoint(roles)


def new_secret() -> str:
    """A fresh secret for the person's phone, in base32 (160 bits)."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """The `otpauth://` address that an authenticator app reads."""
    return str(pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=login, issuer_name=ISSUER))


def picture(secret: str, login: str) -> str:
    """The address as a QR code: an SVG in a `data:` address."""
    return str(segno.make(address(secret, login), error="m").svg_data_uri(scale=5, border=4, light="#fff"))


def fits(secret: str, code: str) -> bool:
    """Whether the code is the one that the secret shows now. Says nothing of earlier use."""
    expected = pyotp.TOTP(secret, interval=STEP).at(clock.now())
    return hmac.compare_digest(expected.encode(), _digits(code).encode())


def accept(session: Session, account: Account, code: str) -> bool:
    """Whether the code from the phone opens: the present one, and never twice. The caller commits."""
    if not account.totp_secret or not fits(account.totp_secret, code):
        return False
    return _first_use(session, account.id, int(clock.now().timestamp()) // STEP)


def _first_use(session: Session, account_id: int, step: int) -> bool:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(delete(UsedCode).where(UsedCode.account_id == account_id, UsedCode.step < step))
    use = dialect.insert(UsedCode).values(account_id=account_id, step=step, at=clock.now()).on_conflict_do_nothing()
    return session.scalar(use.returning(UsedCode.step)) is not None


def new_recovery_codes() -> list[str]:
    """Ten fresh codes, to be shown once."""
    return [
        _grouped(base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()) for _n in range(RECOVERY_CODES)
    ]


def sealed(codes: Iterable[str]) -> str:
    """What an account keeps of recovery codes."""
    return json.dumps([_hash(code) for code in codes])


def spend_recovery_code(account: Account, code: str) -> bool:
    """Whether it is one of the account's unspent recovery codes; then it is gone. The caller flushes and commits."""
    left: list[str] = json.loads(account.recovery_codes or "[]")
    if _hash(code) not in left:
        return False
    account.recovery_codes = json.dumps([kept for kept in left if kept != _hash(code)])
    return True


def codes_left(account: Account) -> int:
    """How many recovery codes are unspent."""
    return len(json.loads(account.recovery_codes or "[]"))


def _hash(code: str) -> str:
    return hashlib.sha256(code.replace("-", "").replace(" ", "").lower().encode()).hexdigest()


def _grouped(text: str) -> str:
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def _digits(code: str) -> str:
    return code.replace(" ", "").strip()
