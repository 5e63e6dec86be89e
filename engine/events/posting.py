"""Posts to an address that a person typed, and to nothing inside: the name is resolved once, judged, and connected to.

Every address behind the name must be a public one; names of the house's own machines are let through by setting. No
redirect is followed, no answer is read: its status is all that counts.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Collection, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from engine.notices.sending import OutOfReachError, RefusedError, SendingError

PATIENCE = 10.0
HTTPS, LONGEST = 443, 2000


class GoneError(RefusedError):
    """The receiver says that it is there no more (410): it is not to be called again."""


def is_callable(address: str) -> bool:
    """Whether an address has the form of one that may be called: https, a host, no user name, no fragment."""
    try:
        parts = urlsplit(address)
        known = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and not parts.fragment
        return known and parts.port != 0 and address.isascii() and address.isprintable() and " " not in address
    except ValueError:
        return False


class Poster:
    """Carries signed bodies out. `inside` are hosts of one's own network that may be called all the same."""

    def __init__(self, inside: Collection[str] = (), trust: ssl.SSLContext | None = None) -> None:
        """`trust` verifies certificates; without it, what the system trusts."""
        self._inside = frozenset(inside)
        self._trust = trust or ssl.create_default_context()

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Return when the receiver took it (2xx). Raises SendingError and its kinds."""
        if not is_callable(address):
            msg = "not an address to call"
            raise RefusedError(msg)
        parts = urlsplit(address)
        connection = _Connection(str(parts.hostname), parts.port or HTTPS, self._inside, self._trust)
        try:
            connection.request(
                "POST", parts.path + (f"?{parts.query}" if parts.query else "") or "/", body, dict(headers)
            )
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise OutOfReachError(type(error).__name__) from error
        finally:
            connection.close()
        _judge(status)


class _Connection(http.client.HTTPSConnection):
    """Connects to the very address that was judged: asking for the name again could answer another one."""

    def __init__(self, host: str, port: int, inside: Collection[str], trust: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=PATIENCE, context=trust)
        self._inside, self._trust = inside, trust

    def connect(self) -> None:
        """Open the connection. Raises RefusedError for a name that leads inside."""
        found = [str(info[4][0]) for info in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)]
        if self.host not in self._inside and not all(ipaddress.ip_address(each).is_global for each in found):
            msg = "the address leads inside"
            raise RefusedError(msg)
        plain = socket.create_connection((found[0], self.port), self.timeout)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)


def _judge(status: int) -> None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if status == HTTPStatus.GONE:
        raise GoneError(str(status))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise OutOfReachError(str(status))
    raise SendingError(str(status))
