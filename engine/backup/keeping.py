"""Which backups are kept: the newest few, the last of each of so many days, the last of each of so many weeks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.backup.taking import STAMP, SUFFIX

NEWEST = 4
"""Of backups of every kind so many are kept in any case."""


@dataclass(frozen=True)
class Kept:
    """A backup as its name tells: when it was made, and what for (`daily`, `recent`, `manual`, `before`)."""

    path: Path
    made_at: datetime
    label: str


def backups_in(folder: Path) -> list[Kept]:
    """The backups in a folder, newest first. Other files there are nobody's business."""
    found = (_read(path) for path in folder.glob(f"dutybook-*{SUFFIX}")) if folder.is_dir() else iter(())
    return sorted((kept for kept in found if kept), key=lambda kept: (kept.made_at, kept.path.name), reverse=True)


def _read(path: Path) -> Kept | None:
    _name, _dash, rest = path.name.removesuffix(SUFFIX).partition("-")
    stamp, _dash, label = rest.partition("-")
    try:
        made_at = datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Kept(path, made_at, label.rpartition("-")[0])


def superfluous(backups: Sequence[Kept], days: int, weeks: int) -> list[Kept]:
    """Those that need not be kept, of a list that begins with the newest. What was made by hand is never among them."""
    scheduled = [kept for kept in backups if kept.label in {"daily", "recent"}]
    needed = set(scheduled[:NEWEST])
    needed |= _last_of_each(scheduled, days, lambda moment: moment.date())
    needed |= _last_of_each(scheduled, weeks, lambda moment: moment.isocalendar()[:2])
    others = [kept for kept in backups if kept.label == "before"]
    return [kept for kept in scheduled if kept not in needed] + others[NEWEST:]


def _last_of_each(backups: Iterable[Kept], most: int, period: Callable[[datetime], object]) -> set[Kept]:
    last: dict[object, Kept] = {}
    for kept in backups:
        last.setdefault(period(kept.made_at), kept)
    return set(list(last.values())[:most])


def tidy(folder: Path, days: int, weeks: int) -> int:
    """Remove those; return how many."""
    gone = superfluous(backups_in(folder), days, weeks)
    for kept in gone:
        kept.path.unlink(missing_ok=True)
    return len(gone)
