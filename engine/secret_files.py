"""The keys of one installation: made at the first start, kept in files that only their owner can read."""

import base64
import binascii
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_IMODE

from models.words import Words, _

KEY_BYTES = 32
SHORTEST_SECRET = 32
FEWEST_DIFFERENT = 10
GUESSABLE = ("changeme", "default", "example", "password", "secret")


@dataclass(frozen=True)
class Problem:
    """Something that keeps Dutybook from starting: a stable id (`D001`) and what to do about it."""

    id: str
    sentence: Words


@dataclass(frozen=True)
class Secrets:
    """The keys, ready to use. `field_keys` holds 32-byte keys by id; `current_field_key` is the id that encrypts."""

    secret_key: str = field(repr=False)
    current_field_key: str
    field_keys: Mapping[str, bytes] = field(repr=False)
    blind_index_key: bytes = field(repr=False)
    audit_key: bytes = field(repr=False)


def new_key() -> str:
    """Return a fresh 32-byte key in base64."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _new_field_keys() -> str:
    return json.dumps({"current": "k1", "keys": {"k1": new_key()}}, indent=1)


FILES: Mapping[str, Callable[[], str]] = {
    "secret_key": lambda: secrets.token_hex(KEY_BYTES),
    "field_keys.json": _new_field_keys,
    "blind_index_key": new_key,
    "audit_key": new_key,
}
"""Every secret file and what a new one holds."""


def ensure_secrets(instance_dir: Path) -> Secrets:
    """Make the secret files that are missing in `instance_dir` and read all of them.

    Two processes that start at the same moment end up with the same keys. Raises ValueError or KeyError when a file is
    damaged: `secret_problems` says which.
    """
    make_secrets(instance_dir)
    written = json.loads(_text(instance_dir / "field_keys.json"))
    field_keys = {name: key_from(text) for name, text in written["keys"].items()}
    if written["current"] not in field_keys:
        raise KeyError(written["current"])
    return Secrets(
        secret_key=_text(instance_dir / "secret_key"),
        current_field_key=written["current"],
        field_keys=field_keys,
        blind_index_key=key_from(_text(instance_dir / "blind_index_key")),
        audit_key=key_from(_text(instance_dir / "audit_key")),
    )


def field_keys(instance_dir: Path) -> tuple[Mapping[str, bytes], str]:
    """Read the keys of the encrypted fields by id, and the id of the one in use. Raises as `ensure_secrets` does."""
    secrets_now = ensure_secrets(instance_dir)
    return secrets_now.field_keys, secrets_now.current_field_key


def make_secrets(instance_dir: Path) -> None:
    """Make the folder (0700) and the secret files in it (0600) that are missing. Raises OSError when it cannot."""
    instance_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, new in FILES.items():
        if not (instance_dir / name).exists():
            create_secret(instance_dir / name, new())


def secret_problems(instance_dir: Path) -> Iterator[Problem]:
    """Say what is wrong with the secret files that are there: readable by others, guessable, damaged."""
    for name in FILES:
        path = instance_dir / name
        if S_IMODE(path.stat().st_mode) & 0o077:
            yield Problem("D002", _("%(path)s can be read by others. Run: chmod 600 %(path)s", path=path))
    path = instance_dir / "secret_key"
    if _is_guessable(_text(path)):
        sentence = _("The key in %(path)s is short or guessable. Delete the file: the next start makes one.", path=path)
        yield Problem("D001", sentence)
    try:
        ensure_secrets(instance_dir)
    except (ValueError, KeyError, TypeError, AttributeError):
        sentence = _("A key file in %(path)s is damaged. Put it back from your backup.", path=instance_dir)
        yield Problem("D003", sentence)


def replace_secret(path: Path, text: str) -> None:
    """Put another text into a secret file, 0600: whoever reads it sees all of the old or all of the new one."""
    draft = _draft(path, text)
    draft.replace(path)


def create_secret(path: Path, text: str) -> None:
    """Write beside the file and link it into place: whoever reads it sees all of it, and the first writer wins."""
    draft = _draft(path, text)
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _draft(path: Path, text: str) -> Path:
    """Write the text, safely on the disk, into a file of its own beside `path`."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        Path(draft).unlink()
        raise
    return Path(draft)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def key_from(text: str) -> bytes:
    """Raises ValueError unless `text` is base64 of 32 bytes."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        msg = "a key is written in base64"
        raise ValueError(msg) from error
    if len(key) != KEY_BYTES:
        msg = f"a key has {KEY_BYTES} bytes"
        raise ValueError(msg)
    return key


def _is_guessable(secret: str) -> bool:
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_DIFFERENT:
        return True
    return any(word in secret.casefold() for word in GUESSABLE)
