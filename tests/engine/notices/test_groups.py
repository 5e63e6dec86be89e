import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from engine import clock
from engine.notices.groups import GroupSender, is_vendors
from engine.notices.sending import OutOfReachError, Parcel, RefusedError, SendingError
from tests.fixtures.rulebook import NOW

ADDRESSES = {
    "wecom": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0c7b",
    "dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=5f1e",
    "feishu": "https://open.feishu.cn/open-apis/bot/v2/hook/9a3d",
}
TAKEN = {"wecom": {"errcode": 0}, "dingtalk": {"errcode": 0}, "feishu": {"code": 0}}


@dataclass
class Vendor:
    """A web server in the vendors' place: `answer` is status and body; what came stands in `heard`."""

    url: str = ""
    answer: tuple[int, bytes] = (200, b'{"errcode": 0, "code": 0}')
    headers: dict[str, str] = field(default_factory=dict)
    heard: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    here = Vendor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            here.heard.append((self.path, body, self.headers["Idempotency-Key"]))
            self.send_response(here.answer[0])
            for name, value in here.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(here.answer[1])

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield here
    server.shutdown()
    server.server_close()


def parcel(vendor: str, address: str | None = None) -> Parcel:
    return Parcel("group:1:k", "group:1", address or ADDRESSES[vendor], "到期", "请完成", vendor=vendor)


@pytest.mark.parametrize("kind", ADDRESSES)
def test_group_hears_the_text_at_its_address(vendor: Vendor, kind: str) -> None:
    vendor.answer = (200, json.dumps(TAKEN[kind]).encode())
    GroupSender(vendor.url).send(parcel(kind))
    (path, body, key), parts = vendor.heard[0], urlsplit(ADDRESSES[kind])
    assert path == parts.path + (f"?{parts.query}" if parts.query else "")
    assert "到期\n请完成" in json.dumps(body, ensure_ascii=False).replace("\\n", "\n")
    assert key == parcel(kind).identity


@pytest.mark.parametrize(
    ("kind", "answer", "error"),
    [
        ("wecom", (200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}'), RefusedError),
        ("wecom", (200, b'{"errcode": 45009}'), OutOfReachError),
        ("dingtalk", (200, b'{"errcode": 310000}'), RefusedError),
        ("dingtalk", (200, b'{"errcode": 130101}'), OutOfReachError),
        ("feishu", (200, b'{"code": 19021}'), RefusedError),
        ("feishu", (200, b"<html>"), SendingError),
        ("feishu", (200, b"[]"), SendingError),
        ("feishu", (200, b"x" * 300_000), SendingError),
        ("wecom", (429, b""), OutOfReachError),
        ("wecom", (500, b""), OutOfReachError),
        ("wecom", (404, b""), RefusedError),
    ],
)
def test_answer_that_is_no_yes(vendor: Vendor, kind: str, answer: tuple[int, bytes], error: type[Exception]) -> None:
    vendor.answer = answer
    with pytest.raises(error) as caught:
        GroupSender(vendor.url).send(parcel(kind))
    assert type(caught.value) is error
    assert "0c7b" not in str(caught.value)


def test_redirect_is_not_followed(vendor: Vendor) -> None:
    vendor.answer, vendor.headers = (302, b""), {"Location": f"{vendor.url}/inside"}
    with pytest.raises(RefusedError, match="302"):
        GroupSender(vendor.url).send(parcel("wecom"))
    assert len(vendor.heard) == 1


def test_group_out_of_reach() -> None:
    with pytest.raises(OutOfReachError):
        GroupSender("http://127.0.0.1:1").send(parcel("wecom"))


@pytest.mark.parametrize(
    "address",
    [
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
        "https://127.0.0.1/cgi-bin/webhook/send?key=a",
        "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=a",
        "file:///etc/passwd",
        "https://qyapi.weixin.qq.com@169.254.169.254/cgi-bin/webhook/send",
        "https://qyapi.weixin.qq.com:444/cgi-bin/webhook/send",
        "https://qyapi.weixin.qq.com/other",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a\r\nHost: b",
        "",
    ],
)
def test_address_outside_the_vendors_is_never_called(vendor: Vendor, address: str) -> None:
    assert not is_vendors("wecom", address)
    with pytest.raises(RefusedError, match="not an address of the vendor"):
        GroupSender(vendor.url).send(replace(parcel("wecom"), address=address))
    assert vendor.heard == []


def test_address_of_another_vendor_is_not_its_own() -> None:
    assert [is_vendors(kind, ADDRESSES["feishu"]) for kind in ("feishu", "wecom", "unknown")] == [True, False, False]


def test_signed_robot_gets_a_signature_and_not_the_secret(vendor: Vendor) -> None:
    with clock.fixed_at(NOW):
        for kind, mark in (("dingtalk", "&"), ("feishu", "?")):
            GroupSender(vendor.url).send(parcel(kind, f"{ADDRESSES[kind]}{mark}secret=SECa"))
    ding, feishu = vendor.heard
    query = parse_qs(urlsplit(ding[0]).query)
    stamp = str(int(NOW.timestamp() * 1000))
    expected = base64.b64encode(hmac.new(b"SECa", f"{stamp}\nSECa".encode(), hashlib.sha256).digest()).decode()
    assert (query["timestamp"], query["sign"], query["access_token"]) == ([stamp], [expected], ["5f1e"])
    stamp = str(int(NOW.timestamp()))
    expected = base64.b64encode(hmac.new(f"{stamp}\nSECa".encode(), b"", hashlib.sha256).digest()).decode()
    assert (feishu[1]["timestamp"], feishu[1]["sign"]) == (stamp, expected)
    assert "SECa" not in json.dumps([ding, feishu])
