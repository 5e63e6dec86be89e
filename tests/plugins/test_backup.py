from engine.registry import registry
from tests.fixtures.rulebook import NOW


def test_every_notice_of_a_backup_has_its_words(app: object) -> None:
    for code in ("backup.failed", "backup.drill_failed"):
        notice = registry.notices[code]
        assert str(notice.subject)
        assert "2026-05-04" in str(notice.text) % {"slot": f"daily {NOW:%Y-%m-%d}"}
