"""The department's accounts: who has one, with which roles, and what an administrator may do to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import ColumnElement, exists, select

from admin_views.accounts.sign_in import ROLE_NAMES
from admin_views.base import EntityView, access
from admin_views.base.columns import Computed
from admin_views.base.fields import SeveralField
from admin_views.formats import listed
from admin_views.identity import settings
from admin_views.own_pages import DETAILS, OwnPages
from engine.accounts import administration, one_time, posting, sessions, throttle
from engine.acting import Role, current_act
from engine.database import db
from engine.notices.mail import mail_sender
from engine.permissions import may_do_to
from models.accounts import Account, AccountState
from models.organisation import Staff, StaffStatus
from models.words import _, ngettext


def _without_an_account() -> Sequence[ColumnElement[bool]]:
    taken = exists(select(Account.id).where(Account.staff_id == Staff.id))
    return (~taken, Staff.status.not_in([StaffStatus.LEFT, StaffStatus.CANDIDATE]))


def role_names(codes: Sequence[str]) -> str:
    """Roles as people call them."""
    return listed(ROLE_NAMES[Role(code)] for code in codes)


class AccountView(OwnPages, EntityView):
    """Accounts (ORG-6). Nobody chooses another person's password: an administrator hands out a one-time link."""

    model = Account
    category = "system"
    list_columns = ("login", "staff_id", "roles", "state", "second_step")
    form_columns = ("staff_id", "login", "roles", "language", "must_change_password")
    not_in_form = ("theme", "password_hash", "totp_secret", "recovery_codes")
    detail_columns = ("login", "staff_id", "state", "roles", "second_step", "language", "must_change_password")
    filters = ("state",)
    search = ("login",)
    default_sort = ("login", False)
    labels = {
        "login": _("Login"),
        "staff_id": _("Person"),
        "roles": _("Roles"),
        "language": _("Language"),
        "state": _("State"),
        "must_change_password": _("Must choose a new password at the next sign-in"),
    }
    help = {"roles": _("Administrator and auditor may not be one account. Nobody changes their own roles.")}
    computed = {
        "second_step": Computed(_("Second step"), lambda account: account.has_second_factor, ("totp_secret",)),
    }
    formatters = {"roles": role_names}
    fields = {"roles": lambda label: SeveralField(label, choices=lambda: [(r.value, n) for r, n in ROLE_NAMES.items()])}
    narrow = {"staff_id": _without_an_account}
    own = {DETAILS: "account/details.html"}
    empty_hint = _("No account yet. Make one for a person, then hand them the invitation.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Sessions and what may be done."""
        account, session = data["record"], db.session()
        return {
            "opened": sessions.recent_of(session, account.id) if self._may("end_sessions", account) else [],
            "locked_until": throttle.locked_until(session, account.login),
            "may": {action: self._may(action, account) for action in ("invite", "reset", "end_sessions")},
            "is_own": account.id == current_act().actor.account_id,
            "invites": account.state is AccountState.INVITED,
        }

    @expose("/issue/", methods=("POST",))
    def issue_view(self) -> ResponseReturnValue:
        """Make an invitation or a reset and show it, this once."""
        account = self._asked()
        secret = one_time.issue(db.session(), account)
        db.session.commit()
        welcome = f"{settings().public_url}{url_for('identity.redeem')}"
        if posting.post_link(mail_sender(settings()), account, secret, welcome):
            return self._done(account, str(_("The link was sent to the person's e-mail address.")))
        return self.render("account/issued.html", record=account, secret=secret, welcome=welcome)

    @expose("/unlock/", methods=("POST",))
    def unlock_view(self) -> ResponseReturnValue:
        """Let a locked login be tried again at once."""
        account = self._asked()
        administration.unlock(db.session(), account)
        return self._done(account, str(_("The account can be tried again.")))

    @expose("/end-sessions/", methods=("POST",))
    def end_sessions_view(self) -> ResponseReturnValue:
        """Sign the person out everywhere."""
        account = self._asked()
        ended = administration.end_sessions(db.session(), account)
        return self._done(account, str(ngettext("%(num)s session ended.", "%(num)s sessions ended.", ended)))

    @expose("/take-off-second-step/", methods=("POST",))
    def second_step_view(self) -> ResponseReturnValue:
        """For a lost phone: the person sets the second step up anew."""
        account = self._asked()
        administration.take_off_second_factor(db.session(), account)
        return self._done(
            account, str(_("The second step is taken off. The person sets it up anew at the next sign-in."))
        )

    def _asked(self) -> Account:
        account: Account = access.one(Account, access.row_id(request.form.get("id"), Account))
        return account

    def _done(self, account: Account, said: str) -> ResponseReturnValue:
        db.session.commit()
        flash(said, "good")
        return redirect(url_for(".details_view", id=account.id), 303)

    def _may(self, action: str, account: Account) -> bool:
        return may_do_to(db.session(), current_act().actor, action, account)
