"""What may stand in DATABASE_URL: a database of this machine, or one elsewhere behind TLS."""

import ipaddress
import os
from collections.abc import Iterator, Sequence

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine.secret_files import Problem
from models.words import _

OURS = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
SECURED = frozenset({"require", "verify-ca", "verify-full"})


def address_problems(address: str, *, plain: bool) -> Iterator[Problem]:
    """Say what speaks against a database's address; `plain` accepts another machine without TLS."""
    if not address.startswith(OURS):
        yield Problem("D021", _("DATABASE_URL must begin with sqlite:/// or postgresql://."))
        return
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        yield Problem("D021", _("DATABASE_URL must begin with sqlite:/// or postgresql://."))
        return
    if url.get_backend_name() == "postgresql" and not plain and not is_safe(url):
        sentence = _(
            "DATABASE_URL names another machine without TLS: add ?sslmode=verify-full (and sslrootcert), or set "
            "DUTYBOOK_DATABASE_PLAIN=true where the way there is protected otherwise."
        )
        yield Problem("D023", sentence)


def is_safe(url: URL) -> bool:
    """Whether nobody on the way to the server can read along: this machine, a socket file, or TLS that is insisted on.

    libpq's own PGSSLMODE and PGHOST count as they do when it connects.
    """
    mode = url.query.get("sslmode") or os.environ.get("PGSSLMODE", "")
    return mode in SECURED or all(map(_is_here, _hosts(url)))


def _hosts(url: URL) -> Sequence[str]:
    asked = url.query.get("host") or ()
    several = (asked,) if isinstance(asked, str) else asked
    named = [host for part in several for host in part.split(",")]
    return named or [url.host or os.environ.get("PGHOST", "")]


def _is_here(host: str) -> bool:
    if host in {"", "localhost"} or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
