"""What the holder of an account is told of it."""

from engine.manifest import Notice
from models.words import _

NOTICES = (
    Notice(
        "account.password_changed",
        _("Your password was changed"),
        _("Your password was changed. If that was not you, tell your administrator at once."),
    ),
    Notice(
        "account.two_step_changed",
        _("The second step of your sign-in was changed"),
        _(
            "The second step of your sign-in was set up, changed or taken off. "
            "If that was not you, tell your administrator at once."
        ),
    ),
    Notice(
        "account.reset_issued",
        _("A password reset was issued for you"),
        _(
            "An administrator issued a link with which you can choose a new password. "
            "If you did not ask for it, tell them at once."
        ),
    ),
    Notice(
        "account.token_made",
        _("A token was made for your account"),
        _(
            "The token “%(name)s” lets a program act for you until %(day)s. "
            "If that was not you, revoke it under “My account” and tell your administrator at once."
        ),
    ),
    Notice(
        "account.token_ends",
        _("Your token “%(name)s” ends soon"),
        _("After %(day)s the program that uses it is refused. Make a new token under “My account” before then."),
    ),
)
