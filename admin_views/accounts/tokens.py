"""Tokens with which programs act for people: one's own, and for administrators everybody's."""

from collections.abc import Sequence
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from admin_views.accounts.forms import NEEDED, ConfirmForm
from admin_views.accounts.sign_in import REFUSED, TOO_MANY, own_account, refused, too_many
from admin_views.identity import caller, settings
from admin_views.pages import Page
from engine import clock
from engine.accounts import own, tokens
from engine.accounts.throttle import WaitError
from engine.acting import current_act
from engine.database import db
from engine.errors import ConflictError
from engine.permissions import may
from engine.surface import OFFERED
from models.accounts import Account
from models.api_token import ApiToken, TokenEnd
from models.organisation import Staff
from models.words import Words, _, ngettext

SOME = "some"
LIVES = (7, 30, 90, 180, 365)
USUAL_LIFE = "90"
REACH: dict[str, Words] = {
    tokens.READ: _("Read everything that I may read"),
    tokens.WRITE: _("Read and write everything that I may"),
    SOME: _("Only what is chosen here"),
}
SHOWN = 500


class TokenForm(ConfirmForm):
    """What the token is for, how far it reaches and how long; and once more who asks for it."""

    name = StringField(
        _("What it is for"),
        [NEEDED, Length(max=tokens.LONGEST_NAME)],
        description=_("Such as the name of the program that uses it."),
        render_kw={"autocomplete": "off", "required": True},
    )
    reach = RadioField(
        _("What it may do"), choices=[SelectChoice(*pair) for pair in REACH.items()], default=tokens.READ
    )
    reads = SelectMultipleField(_("May read"), [Optional()])
    writes = SelectMultipleField(_("May read and write"), [Optional()])
    days = SelectField(_("How long it lives"), default=USUAL_LIFE)
    code = StringField(
        _("Code from your phone"),
        [Optional(), Length(max=64)],
        render_kw={"autocomplete": "one-time-code", "spellcheck": "false"},
    )


class MyTokens(Page):
    """What lets programs act for me."""

    icon = "key-round"

    def is_visible(self) -> bool:
        """It stands under “My account”, not in the menu."""
        return False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """My tokens and the form for another one."""
        return render_template("account/tokens.html", **self.shown(form()))

    @expose("/make", methods=("POST",))
    def make(self) -> ResponseReturnValue:
        """Make a token and show it, this once."""
        asked = form()
        if not asked.validate():
            return render_template("account/tokens.html", **self.shown(asked)), REFUSED
        wish = tokens.Wish(asked.name.data, scopes_of(asked), int(asked.days.data))
        password, code = asked.current.data, asked.code.data or ""
        try:
            key = tokens.make(db.session(), own_account(), wish, password, code, caller())
            db.session.commit()
        except WaitError as error:
            return too_many(self.again(asked, TOO_MANY, [error.sentence], asked.current), error)
        except ConflictError as error:
            db.session.rollback()
            return self.again(asked, REFUSED, [error.sentence], asked.name)
        except own.PasswordError as error:
            db.session.rollback()
            wrong = asked.current if own.WRONG_CURRENT in error.sentences else asked.code
            return self.again(asked, REFUSED, error.sentences, wrong)
        base = f"{settings().public_url}/api/v1"
        return render_template("account/token.html", admin_view=self, key=key, base=base)

    @expose("/revoke", methods=("POST",))
    def revoke(self) -> ResponseReturnValue:
        """End one of my tokens, at once."""
        tokens.revoke(db.session(), token_id())
        db.session.commit()
        flash(str(_("The token is revoked. Whatever uses it is refused from now on.")), "good")
        return redirect(url_for(".index"), 303)

    def again(self, asked: TokenForm, status: int, sentences: Sequence[Words], field: Any) -> Any:
        """The page with what was wrong."""
        return refused("account/tokens.html", status, sentences, field, **self.shown(asked))

    def shown(self, asked: TokenForm) -> dict[str, Any]:
        """What the page needs."""
        account = own_account()
        mine = [(token, living(token)) for token in tokens.of(db.session(), account.id)]
        return {"admin_view": self, "form": asked, "tokens": mine, "proves": account.has_second_factor}


class AllTokens(Page):
    """Everybody's tokens, for whoever may end other people's sessions."""

    needs = ("account", "end_sessions")
    icon = "key-round"

    @expose("/")
    def index(self) -> str:
        """The department's tokens by person; those that live first."""
        query = (
            select(ApiToken, Account, Staff)
            .join(Account, Account.id == ApiToken.account_id)
            .join(Staff, Staff.id == Account.staff_id)
            .where(Account.department_id == current_act().actor.department_id)
            .options(joinedload(ApiToken.account))
            .order_by(ApiToken.ended_at.is_not(None), Staff.name, ApiToken.created_at.desc())
        )
        rows = [(token, person, living(token)) for token, _account, person in db.session.execute(query.limit(SHOWN))]
        return self.render("account/all_tokens.html", rows=rows)  # type: ignore[no-any-return]  # the base is untyped

    @expose("/revoke", methods=("POST",))
    def revoke(self) -> ResponseReturnValue:
        """End somebody's token, at once."""
        tokens.revoke(db.session(), token_id(), TokenEnd.ADMINISTRATOR)
        db.session.commit()
        flash(str(_("The token is revoked. Whatever uses it is refused from now on.")), "good")
        return redirect(url_for(".index"), 303)


def pages() -> list[Page]:
    """One's own, under the person's name; everybody's, in the menu."""
    return [
        MyTokens(name=_("My tokens"), category="system", endpoint="my_tokens", url="/me/tokens"),
        AllTokens(name=_("Tokens of programs"), category="system", endpoint="all_tokens", url="/tokens"),
    ]


def form() -> TokenForm:
    """The form with the entities that this person may read and write."""
    made = TokenForm()
    names = sorted((each.plural, name) for name, each in offered().items())
    made.reads.choices = [SelectChoice(name, label) for label, name in names]
    made.writes.choices = [SelectChoice(name, label) for label, name in names if _may_write(name)]
    made.days.choices = [SelectChoice(str(days), str(ngettext("%(num)s day", "%(num)s days", days))) for days in LIVES]
    return made


def offered() -> dict[str, Any]:
    """The entities that the interface offers and this person may read."""
    actor = current_act().actor
    known = current_app.extensions.get(OFFERED, {})
    return {name: each for name, each in known.items() if may(actor, name, "read")}


def _may_write(name: str) -> bool:
    actor, each = current_act().actor, offered()[name]
    actions = ("create", "edit", "delete", *(move.name for move in each.moves()))
    return any(may(actor, name, action) for action in actions)


def scopes_of(asked: TokenForm) -> list[str]:
    """What was chosen, as the token keeps it."""
    if asked.reach.data != SOME:
        return [asked.reach.data]
    reads = [f"{tokens.READ}:{name}" for name in asked.reads.data or ()]
    return [*reads, *(f"{tokens.WRITE}:{name}" for name in asked.writes.data or ())]


def living(token: ApiToken) -> bool:
    """Whether the token may still open something."""
    return token.ended_at is None and token.expires_at > clock.now()


def token_id() -> int:
    """The token that the form names."""
    text = request.form.get("id", "")
    if not text.isascii() or not text.isdigit() or len(text) > len(str(2**62)):
        abort(400)
    return int(text)
