"""Passwords: hashed with argon2id, taken exactly as typed, refused when short, common or about their holder."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.accounts import graded
from models.words import Words, _

SHORTEST, LONGEST = 8, 256
"""Characters. The upper limit only keeps somebody from having megabytes hashed."""
FEWEST_DIFFERENT = 4
LONG_ENOUGH_TO_GIVE_AWAY = 4
"""A name of fewer characters may occur in a password by chance."""
COMMON = Path(__file__).with_name("common_passwords.txt")
"""The 3,000 most frequent of 8 characters or more in the password list of the zxcvbn project (MIT licence, Dropbox
and Daniel Wolf), then passwords that are common in China, written down from general knowledge, not from a leak."""

TOO_PLAIN = _(
    "A password has at least three kinds of characters: small letters, capital letters, digits, others "
    "(graded protection of networks)."
)

hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB and two passes: what OWASP names for a server that many people use at once."""


@cache
def common_passwords() -> frozenset[str]:
    """Passwords that everybody tries first, in lower case."""
    return frozenset(COMMON.read_text(encoding="utf-8").split())


@cache
def nobodys_hash() -> str:
    """A hash that no password opens: an unknown login is checked against it, and takes as long as a known one."""
    return hasher.hash("\0")


def hashed(password: str) -> str:
    """The argon2id hash of a password, with its own salt."""
    return hasher.hash(password)


def opens(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the stored hash. Takes as long when there is none."""
    try:
        fits = hasher.verify(stored or nobodys_hash(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return fits and bool(stored) and len(password) <= LONGEST


def needs_new_hash(stored: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return hasher.check_needs_rehash(stored)


def faults(password: str, about: Iterable[str] = ()) -> list[Words]:
    """Everything that speaks against a password; `about` are names that must not occur in it (login, person, house)."""
    folded = password.casefold()
    found: list[Words] = []
    if len(password) < SHORTEST:
        found.append(_("A password has at least %(least)s characters.", least=SHORTEST))
    if len(password) > LONGEST:
        found.append(_("A password has at most %(most)s characters.", most=LONGEST))
    if len(set(folded)) < FEWEST_DIFFERENT:
        found.append(_("This password repeats too few different characters."))
    if graded.is_too_plain(password):
        found.append(TOO_PLAIN)
    if folded in common_passwords():
        found.append(_("This password is one of those that everybody tries first. Choose another."))
    if any(len(name) >= LONG_ENOUGH_TO_GIVE_AWAY and name.casefold() in folded for name in about if name):
        found.append(_("The password contains your login, your name or the name of this product or department."))
    return found
