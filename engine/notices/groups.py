"""Group chats of WeCom, DingTalk and Feishu, told through their webhooks.

All three answer 200 to a message they did not take and put the reason into the body, so the body is what counts.
"""

import base64
import hashlib
import hmac
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from engine import clock, failpoints
from engine.notices.sending import OutOfReachError, Parcel, RefusedError, SendingError

PATIENCE = 10.0
LONGEST_ANSWER = 64 * 1024
SERVER_ERROR, TOO_MANY = 500, 429


@dataclass(frozen=True)
class Vendor:
    """One product: where its webhooks live, how it wants text, and which field of the answer is 0 when it took it."""

    host: str
    path: str
    body: Mapping[str, Any]
    verdict: str
    busy: frozenset[int]


VENDORS: Mapping[str, Vendor] = {
    "wecom": Vendor(
        "qyapi.weixin.qq.com",
        "/cgi-bin/webhook/send",
        {"msgtype": "text", "text": {"content": None}},
        "errcode",
        frozenset({-1, 45009}),
    ),
    "dingtalk": Vendor(
        "oapi.dingtalk.com",
        "/robot/send",
        {"msgtype": "text", "text": {"content": None}},
        "errcode",
        frozenset({-1, 130101}),
    ),
    "feishu": Vendor(
        "open.feishu.cn",
        "/open-apis/bot/v2/hook/",
        {"msg_type": "text", "content": {"text": None}},
        "code",
        frozenset({11232}),
    ),
}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:  # noqa: ANN401 the signature is urllib's
        """Follow none: a webhook that sends us elsewhere could send us inside."""


class GroupSender:
    """Tells group chats. `instead_of_vendors` (`http://127.0.0.1:9000`) is for tests: all messages go there."""

    def __init__(self, instead_of_vendors: str | None = None) -> None:
        """The vendors' certificates are verified."""
        https = urllib.request.HTTPSHandler(context=ssl.create_default_context())
        self._opener = urllib.request.build_opener(https, _NoRedirects())
        self._instead = instead_of_vendors

    def send(self, parcel: Parcel) -> None:
        """Hand the text over. Raises SendingError and its kinds, RefusedError for an address outside the vendor's."""
        if not is_vendors(parcel.vendor, parcel.address):
            msg = "not an address of the vendor"
            raise RefusedError(msg)
        _judge(VENDORS[parcel.vendor], self._post(_request(parcel, self._instead)))
        failpoints.reached("after DATA")

    def rest(self) -> None:
        """Each message has a connection of its own."""

    def _post(self, request: urllib.request.Request) -> bytes:
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                read: bytes = answer.read(LONGEST_ANSWER)
                return read
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code) from error
        except OSError as error:
            raise OutOfReachError(type(error).__name__) from error


def is_vendors(vendor: str, address: str) -> bool:
    """Whether the address is https on the vendor's own host, at the place where its webhooks are."""
    known, parts = VENDORS.get(vendor), urlsplit(address.strip())
    if known is None or any(char.isspace() for char in address.strip()):
        return False
    return parts.scheme == "https" and parts.netloc == known.host and parts.path.startswith(known.path)


def _request(parcel: Parcel, instead: str | None) -> urllib.request.Request:
    vendor, parts = VENDORS[parcel.vendor], urlsplit(parcel.address.strip())
    query = dict(parse_qsl(parts.query))
    body = _filled(vendor.body, f"{parcel.subject}\n{parcel.text}")
    if secret := query.pop("secret", None):
        _sign(parcel.vendor, secret, query, body)
    scheme, host = urlsplit(instead)[:2] if instead else ("https", vendor.host)
    url = urlunsplit((scheme, host, parts.path, urlencode(query), ""))
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": parcel.identity}
    return urllib.request.Request(url, json.dumps(body, ensure_ascii=False).encode(), headers, method="POST")  # noqa: S310 https to a vendor, checked above


def _filled(body: Mapping[str, Any], text: str) -> dict[str, Any]:
    return {k: _filled(v, text) if isinstance(v, Mapping) else text if v is None else v for k, v in body.items()}


def _sign(vendor: str, secret: str, query: dict[str, str], body: dict[str, Any]) -> None:
    """A robot set to accept signed messages only has a secret; people write it behind the address as `&secret=`."""
    seconds = clock.now().timestamp()
    if vendor == "dingtalk":
        stamp = str(int(seconds * 1000))
        query["timestamp"], query["sign"] = stamp, _digest(secret, f"{stamp}\n{secret}")
    elif vendor == "feishu":
        stamp = str(int(seconds))
        body["timestamp"], body["sign"] = stamp, _digest(f"{stamp}\n{secret}", "")


def _digest(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _judge(vendor: Vendor, answer: bytes) -> None:
    try:
        verdict = json.loads(answer)[vendor.verdict]
    except (ValueError, KeyError, TypeError) as error:
        msg = "an answer that is none"
        raise SendingError(msg) from error
    if verdict in vendor.busy:
        raise OutOfReachError(str(verdict))
    if verdict != 0:
        raise RefusedError(str(verdict)[:40])


def _refusal(status: int) -> SendingError:
    is_passing = status >= SERVER_ERROR or status == TOO_MANY
    return OutOfReachError(str(status)) if is_passing else RefusedError(str(status))
