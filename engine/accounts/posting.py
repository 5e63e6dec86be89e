"""One-time links by mail, where the installation sends mail and the person's address is on record.

The secret never enters the outbox or any other table: it goes to the mail server at once, or it is shown instead.
"""

import logging
from datetime import timedelta

from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session, object_session

from engine.accounts import one_time
from engine.accounts.joining import INVITATION
from engine.accounts.sessions import digest
from engine.jobs.tasks import LaterError, Work, task
from engine.notices.mail import mail_sender
from engine.notices.pausing import pause_of
from engine.notices.sending import Parcel, Sender, SendingError
from models.accounts import Account, AccountState
from models.job import Lane
from models.words import _

WELCOME = "/welcome"
"""The page where a secret is redeemed."""
WHILE_PAUSED = timedelta(minutes=5)

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


@task(INVITATION, _("Sending of an invitation"), lane=Lane.QUICK)
def post_invitation(session: Session, work: Work) -> None:
    """Issue the invitation of the account `account` and mail it: a secret that rests in no row, not even this one's.

    Nothing to do once the account is in use, or where no mail can be sent: then a person hands the invitation over.
    """
    settings = current_app.config["DUTYBOOK"]
    account, sender = session.get_one(Account, work.args["account"]), mail_sender(settings)
    if account.state is not AccountState.INVITED or sender is None or not account.staff.email:
        return
    if pause_of(session) is not None:
        raise LaterError(WHILE_PAUSED)
    secret = one_time.issue(session, account)
    session.commit()
    if not post_link(sender, account, secret, f"{settings.public_url}{WELCOME}"):
        msg = "the mail server did not take it"
        raise SendingError(msg)
