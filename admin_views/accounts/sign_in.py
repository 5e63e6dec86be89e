"""Signing in and out: password, second step, invitation and reset, one click in the demonstration."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field

from admin_views import identity
from admin_views.accounts.forms import ChangePasswordForm, CodeForm, RedeemForm, SignInForm, TwoStepForm
from admin_views.identity import caller, holder, is_from_this_machine, let_in, let_out, open_to_all, settings
from admin_views.redirects import safe_target
from engine.accounts import login as doors
from engine.accounts import one_time, own, two_step
from engine.accounts.login import Opened, RefusedError
from engine.accounts.own import PasswordError
from engine.accounts.posting import WELCOME
from engine.accounts.sessions import Holder, Owes
from engine.accounts.throttle import WaitError
from engine.acting import Role, seeing_all
from engine.database import db
from models.accounts import Account, EndReason, Proof
from models.words import Words, _

TOO_MANY, UNPROVEN, REFUSED = 429, 401, 422
NEXT, ENROLLING, CONFIRMED = "next", "enrolling", "confirmed"
"""Keys in the browser's cookie: where to go after the second step; the secret that a phone is about to take over; the
session in which the password was shown once more."""
CLEARED = '"cache", "storage"'
"""What the browser forgets at signing out: the Back button shows nothing."""
ROLE_NAMES: dict[Role, Words] = {
    Role.AGENT: _("Agent"),
    Role.SHIFT_LEAD: _("Shift lead"),
    Role.INSPECTOR: _("QA inspector"),
    Role.QA_SUPERVISOR: _("QA supervisor"),
    Role.TRAINER: _("Trainer"),
    Role.MANAGER: _("Department manager"),
    Role.HR: _("HR"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMINISTRATOR: _("Administrator"),
}

pages = Blueprint("identity", __name__)


@pages.route("/login", methods=["GET", "POST"])
@open_to_all
def sign_in() -> ResponseReturnValue:
    """Ask for login and password."""
    if holder():
        return redirect(url_for("admin.index"), 303)
    form = SignInForm()
    target = safe_target(form.next.data or request.args.get("next"))
    form.next.data = target or ""
    if not form.validate_on_submit():
        return _sign_in_page(form, REFUSED if form.is_submitted() else 200)
    try:
        opened = doors.log_in(db.session(), form.login.data, form.password.data, caller(), demo=settings().demo)
    except WaitError as error:
        return too_many(_sign_in_page(form, TOO_MANY, error.sentence), error)
    except RefusedError as error:
        return _sign_in_page(form, UNPROVEN, error.sentence)
    return _go_on(opened, target)


@pages.post("/login/demonstration")
@open_to_all
def demonstrate() -> ResponseReturnValue:
    """Sign in as a role with one click: only in the demonstration, only from this machine."""
    if not _demonstrates():
        abort(404)
    if (who := holder()) is not None:
        doors.log_out(db.session(), who.session_id)
    try:
        opened = doors.enter_demonstration(db.session(), Role(request.form.get("role", "")), caller())
    except (ValueError, RefusedError):
        abort(404)
    return _go_on(opened, safe_target(request.form.get("next")))


@pages.route("/login/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """Ask for the second step."""
    who = present()
    if who.proof is Proof.FULL:
        return redirect(url_for("admin.index"), 303)
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("account/code.html", form=form)
    try:
        opened = doors.continue_with_code(db.session(), who.session_id, form.code.data, caller())
    except WaitError as error:
        return too_many(refused("account/code.html", TOO_MANY, [error.sentence], form.code, form=form), error)
    except RefusedError as error:
        return refused("account/code.html", UNPROVEN, [error.sentence], form.code, form=form)
    return _go_on(opened, safe_target(session.get(NEXT)))


@pages.route("/login/two-step", methods=["GET", "POST"])
def set_up_two_step() -> ResponseReturnValue:
    """Have a phone take over a secret; at the end the recovery codes are shown, once."""
    who, account = present(), own_account()
    if who.owes is not Owes.TWO_STEP and session.get(CONFIRMED) != who.session_id:
        abort(403)
    form, secret = TwoStepForm(), session.setdefault(ENROLLING, two_step.new_secret())
    shown = {"form": form, "secret": secret, "picture": two_step.picture(secret, account.login)}
    if not form.validate_on_submit():
        return render_template("account/two_step.html", **shown)
    try:
        codes = own.set_up_two_step(db.session(), account, secret, form.code.data)
    except PasswordError as error:
        return refused("account/two_step.html", REFUSED, error.sentences, form.code, **shown)
    target = safe_target(session.get(NEXT))
    let_in(Opened(own.renew(db.session(), account, caller(), EndReason.RENEWED), Proof.FULL))
    return render_template("account/recovery_codes.html", codes=codes, target=target or url_for("admin.index"))


@pages.route("/login/password", methods=["GET", "POST"])
def first_password() -> ResponseReturnValue:
    """Have a person change a password that somebody else may know."""
    return change_password_page("account/first_password.html", url_for("admin.index"))


@pages.route(WELCOME, methods=["GET", "POST"])
@open_to_all
def redeem() -> ResponseReturnValue:
    """Choose a password with an invitation or a reset. The key comes behind the `#`, so that no log keeps it."""
    form = RedeemForm()
    if not form.validate_on_submit():
        return render_template("account/redeem.html", form=form), REFUSED if form.is_submitted() else 200
    try:
        one_time.redeem(db.session(), form.secret.data, form.password.data)
        db.session.commit()
    except one_time.SpentError as error:
        db.session.rollback()
        return refused("account/redeem.html", REFUSED, [error.sentence], form.secret, form=form)
    except PasswordError as error:
        db.session.rollback()
        return refused("account/redeem.html", REFUSED, error.sentences, form.password, form=form)
    session.clear()
    flash(str(_("Your password is set. Sign in with it now.")), "good")
    return redirect(url_for("identity.sign_in"), 303)


@pages.post("/logout")
def sign_out() -> ResponseReturnValue:
    """End the session for good, in the database too, and have the browser forget what it showed."""
    doors.log_out(db.session(), present().session_id)
    let_out(EndReason.LOGGED_OUT)
    response = redirect(url_for("identity.sign_in"), 303)
    response.headers["Clear-Site-Data"] = CLEARED
    return response


def change_password_page(template: str, target: str, **shown: Any) -> ResponseReturnValue:
    """The form for a new password; afterwards a new session, and on to `target`."""
    form = shown["form"] = ChangePasswordForm()
    if not form.validate_on_submit():
        return render_template(template, **shown), REFUSED if form.is_submitted() else 200
    try:
        key = own.change_password(db.session(), own_account(), form.current.data, form.password.data, caller())
    except WaitError as error:
        return too_many(refused(template, TOO_MANY, [error.sentence], form.current, **shown), error)
    except PasswordError as error:
        db.session.rollback()
        wrong = form.current if own.WRONG_CURRENT in error.sentences else form.password
        return refused(template, REFUSED, error.sentences, wrong, **shown)
    let_in(Opened(key, Proof.FULL))
    flash(str(_("Your password is changed. Every other session of yours has ended.")), "good")
    return redirect(target, 303)


def _go_on(opened: Opened, target: str | None) -> ResponseReturnValue:
    """Hand the browser its session and go where the person wanted to; a step that is owed comes first by itself."""
    let_in(opened)
    if opened.proof is not Proof.FULL:
        session[NEXT] = target or ""
    return redirect(target or url_for("admin.index"), 303)


def _sign_in_page(form: SignInForm, status: int, *sentences: Words) -> Response:
    why = session.pop(identity.WHY, None) if status == 200 else None  # noqa: PLR2004 the page as it is first shown
    demonstration = _demonstration_roles() if _demonstrates() else []
    html = render_template(
        "account/sign_in.html",
        form=form,
        sentences=sentences,
        demonstration=demonstration,
        over=EndReason(why) if why else None,
    )
    return make_response(html, status)


def _demonstrates() -> bool:
    return settings().demo and is_from_this_machine()


def _demonstration_roles() -> Sequence[tuple[Role, Words, str]]:
    accounts = ((role, doors.demonstration_account(db.session(), role)) for role in ROLE_NAMES)
    with seeing_all():
        return [(role, ROLE_NAMES[role], account.staff.name) for role, account in accounts if account]


def present() -> Holder:
    """Whoever is signed in. The guard before every request lets nobody else reach a page that asks."""
    return holder() or abort(UNPROVEN)


def own_account() -> Account:
    """The account of whoever is signed in."""
    return db.session.get_one(Account, present().account_id)


def refused(template: str, status: int, sentences: Sequence[Words], field: Field, **shown: Any) -> Response:
    """The page once more, with what was wrong at its field."""
    field.errors = [*field.errors, *map(str, sentences)]
    return make_response(render_template(template, **shown), status)


def too_many(response: Response, error: WaitError) -> Response:
    """Say to programs, too, how long to wait."""
    response.headers["Retry-After"] = str(error.seconds)
    return response
