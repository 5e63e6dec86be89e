"""My account: password, second step, my sessions, language and appearance."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from wtforms.fields.choices import SelectChoice

from admin_views.accounts.forms import ConfirmForm, PreferencesForm
from admin_views.accounts.sign_in import (
    CONFIRMED,
    REFUSED,
    ROLE_NAMES,
    TOO_MANY,
    change_password_page,
    own_account,
    present,
    refused,
    too_many,
)
from admin_views.identity import caller, settings
from admin_views.pages import Page
from engine.accounts import own, sessions, two_step
from engine.accounts.own import PasswordError
from engine.accounts.throttle import WaitError
from engine.acting import Role
from engine.database import db
from models.accounts import EndReason, Theme, WebSession
from models.words import _


class MyAccount(Page):
    """What a person may see and change of their own account."""

    icon = "user-cog"

    def is_visible(self) -> bool:
        """It stands under the person's name, not in the menu."""
        return False

    @expose("/")
    def index(self) -> str:
        """Everything at a glance."""
        return self.page()

    @expose("/password", methods=("GET", "POST"))
    def password(self) -> ResponseReturnValue:
        """Change the password."""
        return change_password_page("account/password.html", url_for(".index"), admin_view=self)

    @expose("/preferences", methods=("POST",))
    def preferences(self) -> ResponseReturnValue:
        """Choose language and appearance, wherever this account is used."""
        form = _preferences_form()
        if not form.validate_on_submit():
            abort(400)
        own.set_preferences(db.session(), own_account(), form.language.data, form.theme.data)
        db.session.commit()
        return redirect(url_for(".index"), 303)

    @expose("/sessions/end", methods=("POST",))
    def end_session(self) -> ResponseReturnValue:
        """End one of my sessions."""
        number = request.form.get("id", "")
        mine = {str(each.id) for each in sessions.open_of(db.session(), present().account_id)}
        if number not in mine:
            abort(404)
        sessions.end(db.session(), int(number), EndReason.BY_HOLDER)
        db.session.commit()
        return redirect(url_for(".index"), 303)

    @expose("/two-step", methods=("GET", "POST"))
    def two_step(self) -> ResponseReturnValue:
        """Show the password once more, then set up, move, or take off the second step, or make new recovery codes."""
        form, account = ConfirmForm(), own_account()
        required = two_step.is_required(map(Role, account.roles), demo=settings().demo)
        shown = {"form": form, "account": account, "required": required, "admin_view": self}
        if not form.validate_on_submit():
            return render_template("account/two_step_choice.html", **shown), REFUSED if form.is_submitted() else 200
        try:
            own.confirm(db.session(), account, form.current.data, caller())
            return _changed(request.form.get("what", ""), required=required)
        except WaitError as error:
            return too_many(
                refused("account/two_step_choice.html", TOO_MANY, [error.sentence], form.current, **shown), error
            )
        except PasswordError as error:
            db.session.rollback()
            return refused("account/two_step_choice.html", REFUSED, error.sentences, form.current, **shown)

    def page(self) -> str:
        """The page with everything."""
        account = own_account()
        return render_template(
            "account/mine.html",
            admin_view=self,
            account=account,
            roles=[ROLE_NAMES[Role(code)] for code in account.roles],
            preferences=_preferences_form(account),
            sessions=_sessions(),
            codes_left=two_step.codes_left(account),
        )


def my_account() -> MyAccount:
    """The page, under the person's name."""
    return MyAccount(name=_("My account"), category="system", endpoint="my_account", url="/me")


def _changed(what: str, *, required: bool) -> ResponseReturnValue:
    account = own_account()
    if what == "remove":
        own.remove_two_step(db.session(), account, required=required)
        db.session.commit()
        flash(str(_("The second step is switched off.")), "good")
        return redirect(url_for(".index"), 303)
    if what == "codes" and account.has_second_factor:
        codes = own.fresh_recovery_codes(db.session(), account)
        db.session.commit()
        return render_template("account/recovery_codes.html", codes=codes, target=url_for(".index"))
    session[CONFIRMED] = present().session_id
    return redirect(url_for("identity.set_up_two_step"), 303)


def _preferences_form(account: Any = None) -> PreferencesForm:
    form = PreferencesForm(language=account.language.value, theme=account.theme.value) if account else PreferencesForm()
    form.theme.choices = [SelectChoice(each.value, str(each.label)) for each in Theme]
    return form


def _sessions() -> list[tuple[WebSession, bool]]:
    """My last sessions, each with whether it is this one."""
    here = present()
    return [(each, each.id == here.session_id) for each in sessions.recent_of(db.session(), here.account_id)]
