from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from stat import S_IMODE

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from engine.errors import NotAllowedError
from engine.importing import files, jobs, refusing
from engine.tabular.limits import Limits
from engine.tabular.problems import FileRefused
from models.words import _
from tests.factories.importing import calls, importer, uploaded, workbook
from tests.factories.quality import house


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(files.Folder, "path", tmp_path / "imports")
    return tmp_path / "imports"


def test_upload_is_for_its_owner_alone_under_a_random_name(folder: Path) -> None:
    kept = files.store(BytesIO(b"abc"))
    assert (kept.size, kept.sha256[:8], len(kept.name)) == (3, "ba7816bf", 32)
    assert (S_IMODE((folder / kept.name).stat().st_mode), S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)


def test_file_that_is_too_large_leaves_nothing(folder: Path) -> None:
    with pytest.raises(FileRefused):
        files.store(BytesIO(b"x" * 2000), Limits(file_bytes=1000))
    assert list(folder.iterdir()) == []


def test_path_of_a_file_never_leaves_the_folder(folder: Path) -> None:
    folder.mkdir()
    (folder.parent / "secret").write_text("x")
    with pytest.raises(FileRefused):
        files.path_of("../secret")
    files.remove("../secret")
    assert (folder.parent / "secret").exists()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 nothing", b"PK\x03\x04broken", b"\x00\x01\x02\x03" * 50])
def test_wrong_file_is_refused_in_a_sentence_and_not_kept(session: Session, folder: Path, content: bytes) -> None:
    who = importer(session, house(session).manager)
    with pytest.raises(FileRefused) as refused:
        uploaded(session, who, content)
    assert len(str(refused.value.reason)) > 5
    assert list(folder.iterdir()) == []


def test_whoever_may_not_import_uploads_nothing(session: Session, folder: Path) -> None:
    at = house(session)
    who = importer(session, at.agents[0])
    with pytest.raises(NotAllowedError):
        uploaded(session, who, workbook(calls(["a"], 2)))
    assert not folder.exists()
    assert jobs.importables_for(jobs.current_act().actor) != []


def test_cells_come_back_as_they_were() -> None:
    cells = (
        "=1+1", 3, 2.5, True, None, Decimal("1.10"), date(2026, 2, 3), time(9, 5), timedelta(hours=30),
        datetime(2026, 2, 3, 4, 5),  # noqa: DTZ001 a spreadsheet's dates have no zone
        datetime(2026, 2, 3, tzinfo=UTC),
    )  # fmt: skip
    assert refusing.load(refusing.dump(cells)) == cells


def test_reason_is_read_in_each_readers_language(app: Flask) -> None:
    with app.app_context():
        kept = refusing.stored(_("The rating must be from %(lowest)s to %(highest)s.", lowest=1, highest=5))
        assert refusing.told(kept) == "评分须在1至5之间。"
        with force_locale("en"):
            assert refusing.told(kept) == "The rating must be from 1 to 5."
