import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.errors import PolicyError
from engine.registry import registry
from models.notification import GroupWebhook
from tests.factories.notification import WECOM, preference, webhook
from tests.fixtures.house import House

FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/9a3d"
KIND = GroupWebhook.Kind


def broken(caught: pytest.ExceptionInfo[PolicyError]) -> set[tuple[str, str | None]]:
    return {(violation.rule, violation.field) for violation in caught.value.violations}


@pytest.mark.parametrize(
    ("kind", "address", "is_kept"),
    [
        (KIND.WECOM, WECOM, True),
        (KIND.FEISHU, FEISHU, True),
        (KIND.DINGTALK, FEISHU, False),
        (KIND.WECOM, "http://127.0.0.1/cgi-bin/webhook/send", False),
        (KIND.WECOM, "https://169.254.169.254/", False),
    ],
)
def test_address_is_the_vendors(session: Session, house: House, kind: KIND, address: str, is_kept: bool) -> None:
    if is_kept:
        webhook(session, house.home, kind=kind, address=address)
        return
    with pytest.raises(PolicyError) as caught:
        webhook(session, house.home, kind=kind, address=address)
    assert broken(caught) == {("group_webhook.address_is_the_vendors", "address")}
    assert address not in caught.value.violations[0].text


def test_address_rests_encrypted(session: Session, house: House) -> None:
    webhook(session, house.home)
    stored = session.execute(text("SELECT address FROM group_webhook")).scalar_one()
    assert b"key=" not in bytes(stored)


@pytest.mark.parametrize("codes", [[], ["no.such_notice"], ["obligation.due", "no.such_notice"]])
def test_group_is_told_something(session: Session, house: House, codes: list[str]) -> None:
    with pytest.raises(PolicyError) as caught:
        webhook(session, house.home, codes=codes)
    assert broken(caught) == {("group_webhook.group_is_told_something", "codes")}


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({"quiet_from": "22:00", "quiet_until": "08:00", "digest_at": "09:30"}, set()),
        ({"quiet_from": None, "quiet_until": None}, set()),
        ({"quiet_from": "24:00"}, {("notice_preference.times_are_times_of_day", "quiet_from")}),
        ({"digest_at": "9:00"}, {("notice_preference.times_are_times_of_day", "digest_at")}),
        (
            {"digest_at": "9 am", "quiet_until": "x"},
            {
                ("notice_preference.times_are_times_of_day", "digest_at"),
                ("notice_preference.times_are_times_of_day", "quiet_until"),
            },
        ),
        ({"quiet_until": ""}, {("notice_preference.quiet_hours_have_two_ends", "quiet_until")}),
    ],
)
def test_wishes(session: Session, house: House, wishes: dict[str, str], expected: set[tuple[str, str]]) -> None:
    if not expected:
        preference(session, house.agent, **wishes)
        return
    with pytest.raises(PolicyError) as caught:
        preference(session, house.agent, **wishes)
    assert broken(caught) == expected


def test_quiet_hours_left_empty_on_purpose_stay_empty(session: Session, house: House) -> None:
    none = preference(session, house.agent, quiet_from=None, quiet_until=None)
    usual = preference(session, house.lead)
    session.commit()
    session.expire_all()
    assert (none.quiet_from, none.quiet_until) == (None, None)
    assert (usual.quiet_from, usual.quiet_until) == ("22:00", "08:00")


def test_notices_of_every_duty_are_declared(session: Session) -> None:
    assert {"obligation.due", "obligation.overdue", "obligation.escalated"} <= registry.notices.keys()
