"""One-time links by mail, where the installation sends mail and the person's address is on record.

The secret never enters the outbox or any other table: it goes to the mail server at once, or it is shown instead.
"""

import logging

from flask_babel import force_locale
from sqlalchemy.orm import object_session

from engine.accounts.sessions import digest
from engine.notices.sending import Parcel, Sender, SendingError
from models.accounts import Account
from models.words import _

log = logging.getLogger(__name__)


def post_link(sender: Sender | None, account: Account, secret: str, page: str) -> bool:
    """Send the link to the account's holder, in their language; whether the mail server took it.

    Call it after the commit: a link that is on its way must be good. `page` is the address where it is redeemed.
    """
    number, login, address, locale = account.id, account.login, account.staff.email, account.language.value
    if sender is None or not address:
        return False
    if (session := object_session(account)) is not None:
        # Nobody who writes waits for the mail server.
        session.rollback()
    with force_locale(locale):
        parcel = Parcel(
            key=f"one-time {digest(secret)}",
            lane="mail",
            address=address,
            subject=str(_("Dutybook: choose your password")),
            text=str(
                _(
                    "Open this link to choose the password of your account %(login)s. It works once, within 24 hours. "
                    "If you expected none, tell your administrator.\n\n%(link)s",
                    login=login,
                    link=f"{page}#{secret}",
                )
            ),
        )
    try:
        sender.send(parcel)
    except SendingError:
        log.warning("the one-time link of account %s could not be mailed", number)
        return False
    finally:
        sender.rest()
    return True
