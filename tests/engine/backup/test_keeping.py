from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.backup.keeping import Kept, backups_in, superfluous, tidy

NOW = datetime(2026, 5, 20, 3, tzinfo=UTC)


def kept(hours: float, label: str = "daily") -> Kept:
    moment = NOW - timedelta(hours=hours)
    return Kept(Path(f"{label}-{hours}"), moment, label)


def left(backups: list[Kept], days: int, weeks: int) -> list[Kept]:
    gone = superfluous(backups, days, weeks)
    return [each for each in backups if each not in gone]


def test_last_of_each_day_and_of_each_week_stays() -> None:
    backups = [kept(24 * day) for day in range(60)]
    stay = left(backups, days=7, weeks=5)
    # Seven days from Wednesday the 20th back, then the Sundays that end the weeks before.
    assert [each.made_at.day for each in stay] == [20, 19, 18, 17, 16, 15, 14, 10, 3, 26]


def test_only_the_newest_few_of_one_day_stay() -> None:
    backups = [kept(0.25 * step, "recent") for step in range(10)]
    assert left(backups, days=7, weeks=5) == backups[:4]


def test_backups_made_by_hand_or_for_a_move_always_stay() -> None:
    backups = [kept(24 * day, label) for day in range(400, 440) for label in ("manual", "move")]
    assert superfluous(backups, days=1, weeks=0) == []


def test_backups_before_a_change_stay_for_four_changes() -> None:
    backups = [kept(24 * day, "before") for day in range(6)]
    assert superfluous(backups, days=1, weeks=0) == backups[4:]


def test_only_files_of_ours_are_looked_at(tmp_path: Path) -> None:
    names = [f"dutybook-2026050{day}T010203Z-daily-ab{day}0.backup" for day in range(1, 9)]
    strangers = ["dutybook-yesterday.backup", "notes.txt", "dutybook-20260501T010203Z-daily-ab10.backup.txt"]
    for name in names + strangers:
        (tmp_path / name).touch()
    found = backups_in(tmp_path)
    assert [each.path.name for each in found] == names[::-1]
    assert {each.label for each in found} == {"daily"}
    assert tidy(tmp_path, days=1, weeks=1) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[4:] + strangers)


def test_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert backups_in(tmp_path / "none") == []
