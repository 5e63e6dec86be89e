r"""A stream of bytes, encrypted and authenticated chunk by chunk: nothing is read that was not checked.

    DUTYBOOK BACKUP 1\n
    {"key": "b1", "mark": "…", "salt": "…"}\n
    chunk, chunk, … last chunk           each 256 KiB of content and 16 bytes of AES-256-GCM's tag

Each file has a key of its own: HKDF-SHA-256 over the backup key, the salt, and both lines above, so that a changed line
opens nothing. A chunk's nonce is its number and whether it is the last (the STREAM construction): chunks cannot be
changed, swapped, dropped, repeated or cut off unseen.
"""

import base64
import io
import json
import os
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.backup.errors import DamagedError, WrongKeyError
from engine.backup.keys import BackupKeys, mark
from models.words import _

MAGIC = b"DUTYBOOK BACKUP 1\n"
CHUNK = 256 * 1024
TAG = 16
SALT = 32
LONGEST_HEADER = 512

NO_BACKUP = _("This file is no backup of Dutybook.")
DAMAGED = _("This backup is damaged: bytes were changed, cut off or added. Take another one.")


class SealedWriter:
    """Writes what it is given, encrypted. Nothing is complete before `close`."""

    def __init__(self, out: IO[bytes], keys: BackupKeys) -> None:
        """`out` takes the file from its first byte; the caller closes it."""
        key, salt = keys.keys[keys.current], os.urandom(SALT)
        written = {"key": keys.current, "mark": mark(key), "salt": base64.b64encode(salt).decode()}
        header = json.dumps(written).encode() + b"\n"
        self._out, self._number, self._held = out, 0, bytearray()
        self._cipher = _cipher(key, salt, header)
        out.write(MAGIC + header)

    def write(self, content: bytes) -> int:
        """Take content; what fills a chunk goes out."""
        self._held += content
        # One byte more than a chunk: the last one must not turn out to be empty.
        while len(self._held) > CHUNK:
            self._seal(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return len(content)

    def flush(self) -> None:
        """Chunks go out when they are full."""

    def close(self) -> None:
        """Write the last chunk."""
        self._seal(bytes(self._held), last=True)
        self._held.clear()

    def _seal(self, content: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last=last), content, None))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads what SealedWriter wrote. Raises WrongKeyError and DamagedError; never hands out an unchecked byte."""

    def __init__(self, source: IO[bytes], keys: BackupKeys) -> None:
        """`source` stands at the file's first byte; the caller closes it."""
        super().__init__()
        self._source, self._number = source, 0
        self._cipher = _opened(source, keys)
        self._next = source.read(CHUNK + TAG)
        if not self._next:
            raise DamagedError(DAMAGED)
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """It is read only."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # the buffer protocol has no name before Python 3.12
        """Fill the buffer as far as the present chunk reaches; 0 at the end."""
        if not self._ready and self._next:
            self._ready = memoryview(self._open_next())
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _open_next(self) -> bytes:
        sealed, self._next = self._next, self._source.read(CHUNK + TAG)
        try:
            content = self._cipher.decrypt(_nonce(self._number, last=not self._next), sealed, None)
        except (InvalidTag, ValueError) as error:  # fewer bytes than a tag has are no chunk
            raise DamagedError(DAMAGED) from error
        self._number += 1
        return content


def _opened(source: IO[bytes], keys: BackupKeys) -> AESGCM:
    if source.read(len(MAGIC)) != MAGIC:
        raise DamagedError(NO_BACKUP)
    header = source.readline(LONGEST_HEADER)
    try:
        said = json.loads(header)
        name, known, salt = str(said["key"]), str(said["mark"]), base64.b64decode(said["salt"], validate=True)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(DAMAGED) from error
    if name not in keys.keys:
        raise WrongKeyError(_("This backup is under the key %(key)s, which your key file does not hold.", key=name))
    if mark(keys.keys[name]) != known:
        raise WrongKeyError(
            _(
                "This backup is under another key %(key)s than the one in your key file, or its first lines were "
                "changed.",
                key=name,
            )
        )
    return _cipher(keys.keys[name], salt, header)


def _cipher(key: bytes, salt: bytes, header: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, MAGIC + header).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
