import io
from pathlib import Path

import pytest

from engine.backup import keys
from engine.backup.errors import DamagedError, WrongKeyError
from engine.backup.keys import BackupKeys
from engine.backup.sealing import CHUNK, MAGIC, SealedReader, SealedWriter

KEYS = BackupKeys("b1", {"b1": b"k" * 32})


def sealed(content: bytes, by: BackupKeys = KEYS) -> bytes:
    out = io.BytesIO()
    writer = SealedWriter(out, by)
    for start in range(0, len(content), 100_000):
        writer.write(content[start : start + 100_000])
    writer.close()
    return out.getvalue()


def opened(file: bytes, by: BackupKeys = KEYS) -> bytes:
    return SealedReader(io.BytesIO(file), by).readall() or b""


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
def test_content_is_read_back(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    assert opened(sealed(content)) == content


def test_same_content_never_looks_the_same_twice() -> None:
    first, second = sealed(b"customer 13800000001"), sealed(b"customer 13800000001")
    assert first[-30:] != second[-30:]
    assert b"13800000001" not in first


def test_any_flipped_bit_is_refused() -> None:
    file = sealed(b"Mr Wang, 13800000001")
    for place in range(len(file)):
        changed = bytearray(file)
        changed[place] ^= 1
        with pytest.raises((DamagedError, WrongKeyError)):
            opened(bytes(changed))


def body(file: bytes) -> int:
    """Where the chunks begin."""
    return file.index(b"\n", len(MAGIC)) + 1


def chunks(file: bytes) -> tuple[bytes, list[bytes]]:
    start, size = body(file), CHUNK + 16
    return file[:start], [file[at : at + size] for at in range(start, len(file), size)]


def rearranged(file: bytes, *order: int) -> bytes:
    head, parts = chunks(file)
    return head + b"".join(parts[number] for number in order)


@pytest.mark.parametrize(
    "order", [(0, 1, 2), (0, 1), (0,), (), (1, 0, 2, 3), (0, 2, 3), (0, 0, 1, 2, 3), (0, 1, 2, 3, 3)]
)
def test_chunks_missing_moved_or_repeated_are_refused(order: tuple[int, ...]) -> None:
    file = sealed(bytes(3 * CHUNK + 5))
    assert opened(rearranged(file, 0, 1, 2, 3)) == bytes(3 * CHUNK + 5)
    with pytest.raises(DamagedError):
        opened(rearranged(file, *order))


@pytest.mark.parametrize("less", [1, 15, 16, 17, 1000])
def test_file_that_was_cut_is_refused(less: int) -> None:
    with pytest.raises(DamagedError):
        opened(sealed(bytes(2000))[:-less])


def test_chunk_of_another_backup_is_refused() -> None:
    head, _mine = chunks(sealed(b"mine"))
    _head, theirs = chunks(sealed(b"hers"))
    with pytest.raises(DamagedError):
        opened(head + theirs[0])


def test_file_of_something_else_is_refused() -> None:
    for content in (b"", b"SQLite format 3\x00", MAGIC, MAGIC + b"{}\n", MAGIC + b"[1]\nx", MAGIC + b"\xff" * 600):
        with pytest.raises(DamagedError):
            opened(content)


def test_key_that_is_absent_and_key_that_is_another_are_told_apart() -> None:
    file = sealed(b"x")
    with pytest.raises(WrongKeyError, match="b1"):
        opened(file, BackupKeys("b2", {"b2": b"k" * 32}))
    with pytest.raises(WrongKeyError, match="another key b1"):
        opened(file, BackupKeys("b1", {"b1": b"j" * 32}))


def test_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "safe" / "backup_keys.json"
    made = keys.ensure(path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert keys.ensure(path) == made
    assert "keys=" not in repr(made)


def test_older_key_still_opens_older_backups(tmp_path: Path) -> None:
    path = tmp_path / "backup_keys.json"
    older = sealed(b"before", keys.ensure(path))
    assert keys.add(path) == "b2"
    both = keys.read(path)
    assert (both.current, opened(older, both), opened(sealed(b"after", both), both)) == ("b2", b"before", b"after")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text", ["", "{}", '{"current": "b2", "keys": {"b1": "eA=="}}', '{"current": "b1", "keys": []}']
)
def test_damaged_key_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "backup_keys.json"
    path.write_text(text, encoding="ascii")
    path.chmod(0o600)
    with pytest.raises(WrongKeyError, match="damaged"):
        keys.read(path)


def test_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "backup_keys.json"
    keys.ensure(path)
    path.chmod(0o640)
    with pytest.raises(WrongKeyError, match="chmod 600"):
        keys.read(path)


def test_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongKeyError, match="cannot be read"):
        keys.read(tmp_path / "nothing")
