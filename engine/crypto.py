"""Confidential fields at rest: AES-GCM with a key id, and a keyed index for exact search (CNF-2)."""

import hashlib
import hmac
import os
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import inspect

from engine.errors import DutybookError
from models.base import Base
from models.types import Cipher, Encrypted

NONCE = 12
SEPARATOR = b":"


class UnreadableError(DutybookError):
    """A stored text cannot be decrypted: its key is missing, or somebody changed or moved the bytes."""


Keys = tuple[Mapping[str, bytes], str]
"""The keys, 32 bytes each by id, and the id of the one that encrypts."""


class FieldCipher:
    """Encrypts with the current key, decrypts with whichever key the text names."""

    def __init__(
        self, keys: Mapping[str, bytes], current: str, index_key: bytes, renew: Callable[[], Keys] | None = None
    ) -> None:
        """`index_key` makes blind indexes. `renew` reads the keys again when a text names one not known yet.

        Another process is rotating them then.
        """
        self._take((keys, current))
        self._index_key = index_key
        self._renew = renew

    def _take(self, keys: Keys) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys[0].items()}
        self.current = keys[1]

    def encrypt(self, text: str, place: str) -> bytes:
        """`<key id>:<nonce><ciphertext>`; `place` (`table.column`) is authenticated with it."""
        nonce = os.urandom(NONCE)
        sealed = self._ciphers[self.current].encrypt(nonce, text.encode(), place.encode())
        return self.current.encode() + SEPARATOR + nonce + sealed

    def decrypt(self, stored: bytes, place: str) -> str:
        """The text. Raises UnreadableError."""
        key_id, _separator, rest = stored.partition(SEPARATOR)
        name = key_id.decode("ascii", "replace")
        if name not in self._ciphers and self._renew is not None:
            self._take(self._renew())
        cipher = self._ciphers.get(name)
        if cipher is None:
            msg = f"no key for {place}"
            raise UnreadableError(msg)
        try:
            return cipher.decrypt(rest[:NONCE], rest[NONCE:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:  # a few bytes are no nonce
            msg = f"{place} was changed outside the product"
            raise UnreadableError(msg) from error

    def index(self, text: str, place: str) -> str:
        """A fingerprint that finds the same text again and tells nothing else."""
        return hmac.new(self._index_key, f"{place}\0{text}".encode(), hashlib.sha256).hexdigest()

    def is_current(self, stored: bytes) -> bool:
        """Whether the text is under the current key already."""
        return stored.partition(SEPARATOR)[0] == self.current.encode()


def configure(cipher: FieldCipher) -> None:
    """Let the encrypted columns use these keys, in the whole process."""
    Cipher.encrypt, Cipher.decrypt, Cipher.index = cipher.encrypt, cipher.decrypt, cipher.index


def encrypted_columns() -> list[tuple[type[Base], str]]:
    """Every encrypted column of every model, as (model, attribute)."""
    return [
        (mapper.class_, column.key)
        for mapper in Base.registry.mappers
        for column in inspect(mapper.class_).column_attrs
        if isinstance(column.columns[0].type, Encrypted)
    ]
