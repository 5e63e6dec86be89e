"""The keys of backups: in a file of their own, so that whoever gets the backups does not get what opens them.

The file has the same form as `field_keys.json`: every key by its id, and the id of the one that new backups are under.
Older keys stay in it for older backups. No key of any kind is ever inside a backup.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_IMODE

from engine.backup.errors import WrongKeyError
from engine.secret_files import Secrets, create_secret, key_from, new_key, replace_secret
from models.words import _

LABEL = b"dutybook key check"


@dataclass(frozen=True)
class BackupKeys:
    """32-byte keys by id, and the id of the one that encrypts."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)


def ensure(path: Path) -> BackupKeys:
    """Read the keys; make the file (0600) and a first key when there is none. Raises WrongKeyError."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_secret(path, json.dumps({"current": "b1", "keys": {"b1": new_key()}}, indent=1))
    return read(path)


def read(path: Path) -> BackupKeys:
    """Read the keys. Raises WrongKeyError when the file is absent, damaged, or open to others."""
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="ascii")
    except OSError as error:
        sentence = _("The key file of the backups, %(path)s, cannot be read. Put it back from your safe.", path=path)
        raise WrongKeyError(sentence) from error
    if S_IMODE(mode) & 0o077:
        raise WrongKeyError(_("%(path)s can be read by others. Run: chmod 600 %(path)s", path=path))
    try:
        written = json.loads(text)
        keys = {name: key_from(key) for name, key in written["keys"].items()}
        return BackupKeys(written["current"], {name: keys[name] for name in [written["current"], *keys]})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        sentence = _("The key file of the backups, %(path)s, is damaged. Put it back from your safe.", path=path)
        raise WrongKeyError(sentence) from error


def add(path: Path) -> str:
    """Make another key and let new backups be under it; return its id. Older backups keep theirs."""
    held = ensure(path)
    written = json.loads(path.read_text(encoding="ascii"))
    name = f"b{1 + max((int(key[1:]) for key in held.keys if key[1:].isdigit()), default=0)}"
    keys = {**written["keys"], name: new_key()}
    replace_secret(path, json.dumps({"current": name, "keys": keys}, indent=1))
    return name


def mark(key: bytes) -> str:
    """Tells one key from another and says nothing about either."""
    return hmac.new(key, LABEL, hashlib.sha256).hexdigest()[:16]


def marks(secrets: Secrets) -> dict[str, str]:
    """The marks of the keys that the data needs, by their names."""
    fields = {f"field_keys.json {name}": mark(key) for name, key in secrets.field_keys.items()}
    return {**fields, "blind_index_key": mark(secrets.blind_index_key), "audit_key": mark(secrets.audit_key)}
