import ipaddress
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.events.posting import GoneError, Poster
from engine.notices.sending import OutOfReachError, RefusedError, SendingError

HOST = "localhost"


@dataclass
class Listener:
    """A real receiver over TLS that answers each path with the status it names."""

    port: int
    trust: ssl.SSLContext
    heard: list[tuple[str, bytes, str]] = field(default_factory=list)

    def at(self, path: str) -> str:
        return f"https://{HOST}:{self.port}{path}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def listener(certificate: Path) -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.path, body, self.headers["webhook-id"]))
            self.send_response(int(self.path.strip("/").partition("?")[0] or 200))
            self.send_header("Location", "/200")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Keep the tests' output clean."""

    heard: list[tuple[str, bytes, str]] = []
    server = ThreadingHTTPServer((HOST, 0), Handler)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    server.socket = own.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Listener(server.server_port, ssl.create_default_context(cafile=str(certificate)), heard)
    server.shutdown()
    server.server_close()


def post(listener: Listener, path: str, **sides: object) -> None:
    given = {"inside": {HOST}, "trust": listener.trust} | sides
    Poster(**given).post(listener.at(path), b'{"id":1}', {"webhook-id": "evt_1_2"})  # type: ignore[arg-type]  # by name


def test_a_receiver_takes_a_call(listener: Listener) -> None:
    post(listener, "/202?tenant=7")
    assert listener.heard == [("/202?tenant=7", b'{"id":1}', "evt_1_2")]


@pytest.mark.parametrize(
    ("status", "kind"), [(302, SendingError), (307, SendingError), (404, SendingError), (410, GoneError),
                         (429, OutOfReachError), (500, OutOfReachError), (503, OutOfReachError)]
)  # fmt: skip
def test_what_an_answer_means(listener: Listener, status: int, kind: type[SendingError]) -> None:
    with pytest.raises(SendingError, match=str(status)) as caught:
        post(listener, f"/{status}")
    assert type(caught.value) is kind
    assert len(listener.heard) == 1  # a redirect is not followed


def test_a_name_that_leads_inside_is_refused(listener: Listener) -> None:
    with pytest.raises(RefusedError, match="inside"):
        post(listener, "/200", inside=set())
    assert listener.heard == []


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://10.0.0.1/"]
)
def test_an_address_inside_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    # The guard of the tests refuses foreign addresses before ours is asked; numbers need no look-up anyway.
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_more: [(0, 0, 0, "", (host, port))])
    with pytest.raises(RefusedError, match="inside"):
        Poster().post(address, b"{}", {})


def test_an_unknown_certificate_is_not_trusted(listener: Listener) -> None:
    with pytest.raises(OutOfReachError, match="SSLCertVerificationError"):
        post(listener, "/200", trust=ssl.create_default_context())
    assert listener.heard == []


def test_nobody_there(listener: Listener) -> None:
    with pytest.raises(OutOfReachError):
        Poster({HOST}, listener.trust).post(f"https://{HOST}:9/", b"{}", {})
