"""A note beside the installation that its database was moved: nobody goes on writing into the one left behind."""

import hashlib
import json
from pathlib import Path
from urllib.parse import urlsplit

FILE = "moved.json"


def note(instance_dir: Path, old_url: str, new_url: str) -> None:
    """Say that what was at `old_url` is at `new_url` now; a note about the new one goes."""
    (instance_dir / FILE).write_text(json.dumps({"from": _print(old_url), "to": _shown(new_url)}), encoding="utf-8")


def moved_to(instance_dir: Path, url: str) -> str | None:
    """Where the database at `url` was moved to, without a password; None when it was not."""
    try:
        said = json.loads((instance_dir / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return str(said["to"]) if said["from"] == _print(url) else None


def forget(instance_dir: Path, url: str) -> None:
    """The database at `url` is used again: something was put back into it."""
    if moved_to(instance_dir, url) is not None:
        (instance_dir / FILE).unlink()


def _shown(url: str) -> str:
    """Kind, host and name: no password, no user."""
    parts = urlsplit(url)
    kind = parts.scheme.partition("+")[0]
    return f"{kind}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _print(url: str) -> str:
    return hashlib.sha256(_shown(url).encode()).hexdigest()
