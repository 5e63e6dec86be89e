"""The first start: whoever holds the key from the terminal makes the department and becomes its administrator."""

from zoneinfo import available_timezones

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from wtforms.fields.choices import SelectChoice

from admin_views.accounts.forms import SetUpForm
from admin_views.accounts.sign_in import REFUSED, pages
from admin_views.formats import today
from admin_views.identity import caller, is_empty, let_in, open_to_all, settings
from engine.accounts import login, setup
from engine.accounts.own import PasswordError
from engine.database import db
from engine.errors import PolicyError
from engine.packs.loader import load_packs
from models.accounts import Language
from models.words import Words, _, in_language

USUAL_ZONE = "Asia/Shanghai"


@pages.route("/setup", methods=["GET", "POST"], endpoint="setup")
@open_to_all
def set_up() -> ResponseReturnValue:
    """Ask for everything at once; nothing is written unless all of it holds."""
    if not is_empty():
        return redirect(url_for("admin.index"), 303)
    db.session.rollback()
    form = _form()
    if not form.validate_on_submit():
        return render_template("account/setup.html", form=form), REFUSED if form.is_submitted() else 200
    if errors := _objections(form):
        return _again(form, errors)
    let_in(login.log_in(db.session(), form.login.data, form.password.data, caller(), demo=settings().demo))
    flash(str(_("The department is ready. Enter teams and people next, then invite them.")), "good")
    return redirect(url_for("admin.index"), 303)


def _objections(form: SetUpForm) -> dict[str, list[Words]]:
    """Make everything; what speaks against it comes back by field, and then nothing is made."""
    try:
        setup.set_up(db.session(), settings().instance_dir, form.secret.data, _said(form))
    except setup.WrongKeyError as error:
        return {"secret": [error.sentence]}
    except PasswordError as error:
        return {"password": list(error.sentences)}
    except PolicyError as error:
        return _by_field(form, error)
    return {}


def _form() -> SetUpForm:
    locale = str(get_locale())
    form = SetUpForm(timezone=USUAL_ZONE, language=locale, valid_from=today())
    form.timezone.choices = [SelectChoice(zone) for zone in sorted(available_timezones()) if "/" in zone]
    form.pack.choices = [
        SelectChoice(code, in_language(pack.title.model_dump(), locale)) for code, pack in load_packs().items()
    ]
    return form


def _said(form: SetUpForm) -> setup.FirstStart:
    return setup.FirstStart(
        department=form.department.data.strip(),
        timezone=form.timezone.data,
        language=Language(form.language.data),
        pack=form.pack.data,
        valid_from=form.valid_from.data,
        name=form.name.data.strip(),
        number=form.number.data.strip(),
        login=form.login.data,
        password=form.password.data,
        phone=form.phone.data,
        manages=form.manages.data,
    )


def _by_field(form: SetUpForm, error: PolicyError) -> dict[str, list[Words]]:
    """Broken rules at the fields they are about, the others at the top of the form."""
    found: dict[str, list[Words]] = {}
    for violation in error.violations:
        name = violation.field if violation.field in form else "secret"
        found.setdefault(str(name), []).append(violation.text)
    return found


def _again(form: SetUpForm, errors: dict[str, list[Words]]) -> ResponseReturnValue:
    db.session.rollback()
    for name, sentences in errors.items():
        form[name].errors = [str(sentence) for sentence in sentences]
    return render_template("account/setup.html", form=form), REFUSED
