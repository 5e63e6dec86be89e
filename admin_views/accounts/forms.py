"""The forms of signing in and of one's own account. Passwords may be pasted and are never sent back to the page."""

from typing import Any

from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length, Optional

from engine.accounts import graded, passwords
from models.accounts import Language
from models.words import Words, _

NEEDED = DataRequired(_("Please fill this in."))


def _password(label: Words, complete: str, *checks: Any, help_: Words = "") -> PasswordField:
    keywords = {"autocomplete": complete, "required": True, "maxlength": passwords.LONGEST, "spellcheck": "false"}
    return PasswordField(label, [NEEDED, *checks], description=help_, render_kw=keywords)


LONG = _("At least 8 characters. A sentence is better than a riddle; you may paste it from a password manager.")
LONG_AND_MIXED = _(
    "At least 8 characters of three kinds: small letters, capital letters, digits, others. "
    "You may paste it from a password manager."
)
HOW_LONG = LazyString(lambda: str(LONG_AND_MIXED if graded.Profile.is_on else LONG))
"""The form is declared before it is known which profile the installation follows."""


class SignInForm(FlaskForm):
    """Login and password."""

    login = StringField(
        _("Login"),
        [NEEDED, Length(max=254)],
        render_kw={
            "autocomplete": "username",
            "required": True,
            "autofocus": True,
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )
    password = _password(_("Password"), "current-password")
    next = HiddenField()


class CodeForm(FlaskForm):
    """A code from the phone, or a recovery code."""

    code = StringField(
        _("Code"),
        [NEEDED, Length(max=64)],
        render_kw={
            "autocomplete": "one-time-code",
            "required": True,
            "autofocus": True,
            "inputmode": "text",
            "spellcheck": "false",
        },
    )


class TwoStepForm(FlaskForm):
    """The first code of a phone that has just taken over the secret."""

    code = StringField(
        _("Code that the app shows"),
        [NEEDED, Length(max=16)],
        render_kw={
            "autocomplete": "one-time-code",
            "required": True,
            "inputmode": "numeric",
        },
    )


class ConfirmForm(FlaskForm):
    """The current password, before something that only the account's holder may do."""

    current = _password(_("Current password"), "current-password")


class ChangePasswordForm(ConfirmForm):
    """From the current password to a new one."""

    password = _password(_("New password"), "new-password", help_=HOW_LONG)
    again = _password(_("New password once more"), "new-password", EqualTo("password", _("The two passwords differ.")))


class RedeemForm(FlaskForm):
    """A one-time secret and the password that it lets one choose."""

    secret = StringField(
        _("Your one-time key"),
        [NEEDED, Length(max=200)],
        render_kw={
            "autocomplete": "off",
            "required": True,
            "spellcheck": "false",
        },
    )
    password = _password(_("New password"), "new-password", help_=HOW_LONG)
    again = _password(_("New password once more"), "new-password", EqualTo("password", _("The two passwords differ.")))


class PreferencesForm(FlaskForm):
    """Language and appearance."""

    language = RadioField(_("Language"), choices=[SelectChoice(each.value, each.label) for each in Language])
    theme = RadioField(_("Appearance"))


class SetUpForm(FlaskForm):
    """The first start: the key from the terminal, the department, its rulebook, its first administrator."""

    secret = StringField(
        _("Set-up key"),
        [NEEDED, Length(max=200)],
        render_kw={
            "autocomplete": "off",
            "required": True,
            "autofocus": True,
            "spellcheck": "false",
        },
    )
    department = StringField(
        _("Name of the department"),
        [NEEDED, Length(max=120)],
        render_kw={
            "autocomplete": "organization",
            "required": True,
        },
    )
    timezone = SelectField(_("Time zone"))
    language = RadioField(
        _("Language of the department"), choices=[SelectChoice(each.value, each.label) for each in Language]
    )
    pack = RadioField(
        _("Policy pack"), description=_("The rulebook that the department runs by. More can be adopted later.")
    )
    valid_from = DateField(
        _("In force from"), [NEEDED], description=_("Choose an earlier day if you will enter older records.")
    )
    name = StringField(_("Your name"), [NEEDED, Length(max=80)], render_kw={"autocomplete": "name", "required": True})
    number = StringField(
        _("Your staff number"), [NEEDED, Length(max=32)], render_kw={"autocomplete": "off", "required": True}
    )
    phone = StringField(
        _("Contact phone"), [Optional(), Length(max=32)], render_kw={"autocomplete": "tel", "type": "tel"}
    )
    manages = BooleanField(_("I lead this department: give me the manager's rights too."))
    login = StringField(
        _("Login"),
        [NEEDED, Length(max=64)],
        render_kw={
            "autocomplete": "username",
            "required": True,
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )
    password = _password(_("New password"), "new-password", help_=HOW_LONG)
    again = _password(_("New password once more"), "new-password", EqualTo("password", _("The two passwords differ.")))
