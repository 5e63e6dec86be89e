import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from engine.notices.mail import MailSender, MailSettings, compose
from engine.notices.sending import OutOfReachError, Parcel, RefusedError, SendingError
from tests.fixtures.mail import Mailbox

PARCEL = Parcel("email:7:k", "email", "agent@example.org", "到期：排班", "请在今天完成。", link="/notices/3")


@pytest.fixture
def settings(mailbox: Mailbox) -> MailSettings:
    return MailSettings(
        mailbox.host, mailbox.port, "职守簿 <duty@example.org>", "https://duty.example.org:8443", "none"
    )


@pytest.fixture
def sender(settings: MailSettings) -> Iterator[MailSender]:
    sender = MailSender(settings)
    yield sender
    sender.rest()


def test_mail_arrives_whole(mailbox: Mailbox, sender: MailSender) -> None:
    sender.send(PARCEL)
    sender.send(replace(PARCEL, key="another"))
    first, second = mailbox.messages
    assert (first["To"], first["Subject"]) == ("agent@example.org", "到期：排班")
    assert first["From"] == "职守簿 <duty@example.org>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first.get_content().splitlines() == ["请在今天完成。", "", "https://duty.example.org:8443/notices/3"]
    assert first["Message-ID"] == f"<{PARCEL.identity}@duty.example.org>"
    assert second["Message-ID"] != first["Message-ID"]


def test_identity_depends_on_the_key_alone(settings: MailSettings) -> None:
    again = compose(replace(PARCEL, text="改过", address="other@example.org"), settings)
    assert again["Message-ID"] == compose(PARCEL, settings)["Message-ID"]


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\u2028", "\x0b"])
def test_subject_opens_no_header(mailbox: Mailbox, sender: MailSender, breaks: str) -> None:
    sender.send(replace(PARCEL, subject=f"a{breaks}Bcc: all@example.org"))
    assert mailbox.messages[0]["Bcc"] is None
    assert mailbox.messages[0]["Subject"] == "a Bcc: all@example.org"


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b@c", "a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "<x>"]
)
def test_address_that_is_none_is_refused_for_good(settings: MailSettings, address: str) -> None:
    with pytest.raises(RefusedError, match="not an address"):
        MailSender(settings).send(replace(PARCEL, address=address))


@pytest.mark.parametrize(
    ("answer", "kind"), [("451 later", SendingError), ("550 never", RefusedError), ("421 closing", SendingError)]
)
def test_answer_of_the_server(mailbox: Mailbox, sender: MailSender, answer: str, kind: type[SendingError]) -> None:
    mailbox.answer = answer
    with pytest.raises(kind, match=answer[:3]) as caught:
        sender.send(PARCEL)
    assert type(caught.value) is kind
    mailbox.answer = "250 OK"
    sender.send(PARCEL)
    assert len(mailbox.messages) == 1


def test_server_that_is_down_is_out_of_reach(settings: MailSettings) -> None:
    with pytest.raises(OutOfReachError, match="ConnectionRefusedError"):
        MailSender(replace(settings, port=1)).send(PARCEL)


def test_mail_never_leaves_without_tls_when_tls_is_asked(mailbox: Mailbox, settings: MailSettings) -> None:
    for security in ("starttls", "tls"):
        with pytest.raises(OutOfReachError):
            MailSender(replace(settings, security=security)).send(PARCEL)
    assert mailbox.messages == []


def test_certificate_is_verified(monkeypatch: pytest.MonkeyPatch, sender: MailSender) -> None:
    made: list[ssl.SSLContext] = []
    make: Callable[..., ssl.SSLContext] = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: made.append(make()) or made[-1])
    sender.send(PARCEL)
    assert [(context.verify_mode, context.check_hostname) for context in made] == [(ssl.CERT_REQUIRED, True)]
