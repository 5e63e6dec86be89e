"""A mail server and a web server that keep what they are sent, and misbehave when told."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer

from tests.fixtures.mail import Mailbox

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0c7b4a1e"
TAKEN = b'{"errcode": 0, "code": 0}'


def arrived(mailbox: Mailbox) -> Counter[str]:
    """How often each Message-ID came, without what stands round it."""
    return Counter(str(message["Message-ID"]).strip("<>").split("@")[0] for message in mailbox.messages)


class WebSink:
    """A web server in the vendors' place. `mood` says how it answers; `heard` counts each idempotency key."""

    def __init__(self) -> None:
        self.mood = "takes"
        self.heard: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers["Content-Length"])
        handler.rfile.read(length)
        key = str(handler.headers["Idempotency-Key"])
        self.heard[key] += 1
        if self.mood == "takes":
            self.taken[key] += 1
        with suppress(OSError):
            MOODS[self.mood](handler)


def _plain(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return say


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _number in range(10_000):
        handler.wfile.write(b" " * 65_536)


def _trickle(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _number in range(600):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def _slow_head(handler: BaseHTTPRequestHandler) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 600:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.1)


MOODS: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {
    "takes": _plain(200, TAKEN),
    "500": _plain(500),
    "429": _plain(429),
    "404": _plain(404),
    "redirects": _plain(302, Location="http://127.0.0.1:9/inside"),
    "other code": _plain(200, b'{"errcode": 93000}'),
    "hangs": lambda _handler: time.sleep(3),
    "endless": _endless,
    "trickles": _trickle,
    "slow head": _slow_head,
    "drops": lambda handler: handler.connection.shutdown(socket.SHUT_RDWR),
}


@contextmanager
def web_sink() -> Iterator[WebSink]:
    """A web server on this machine."""
    sink = WebSink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sink.answer(self)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sink.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield sink
    server.shutdown()
    server.server_close()


TO_RCPT = {"451 to RCPT": "451 later", "550 to RCPT": "550 nobody"}


class MailSink:
    """A mail server of few words. `mood` says where it goes wrong; `messages` are those that came whole."""

    def __init__(self) -> None:
        self.mood = "takes"
        self.messages: list[str] = []
        self.port = 0

    def serve(self, handler: StreamRequestHandler) -> None:
        mood = self.mood
        if mood == "hangs at once":
            time.sleep(3)
            return
        if mood == "trickles":
            self._trickle(handler)
            return
        _say(handler, "220 here")
        while line := handler.rfile.readline().decode().strip().upper():
            if line == "DATA":
                self._data(handler, mood)
                if mood == "drops after DATA":
                    return
            elif line == "QUIT":
                _say(handler, "221 bye")
                return
            else:
                _say(handler, TO_RCPT.get(mood, "250 fine") if line.startswith("RCPT") else "250 fine")

    def _data(self, handler: StreamRequestHandler, mood: str) -> None:
        _say(handler, "354 go on")
        lines = []
        while (line := handler.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        if mood == "hangs after DATA":
            time.sleep(3)
            return
        if mood in {"451", "550"}:
            _say(handler, f"{mood} no")
            return
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        self.messages.append(str(message["Message-ID"]).strip("<>").split("@")[0])
        if mood != "drops after DATA":
            _say(handler, "250 taken")

    def _trickle(self, handler: StreamRequestHandler) -> None:
        for byte in b"220-" + b"slowly" * 100:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.1)


def _say(handler: StreamRequestHandler, line: str) -> None:
    handler.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_sink() -> Iterator[MailSink]:
    """A mail server on this machine."""
    sink = MailSink()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                sink.serve(self)

    class Server(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    server = Server(("127.0.0.1", 0), Handler)
    sink.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield sink
    server.shutdown()
    server.server_close()
