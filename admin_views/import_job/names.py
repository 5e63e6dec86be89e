"""Names that nobody knows yet: each is created, said to be somebody known, or its rows are left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from admin_views.import_job import forms
from admin_views.import_job.own import own_file, written
from admin_views.import_job.steps import steps
from engine.acting import current_act
from engine.database import db
from engine.importing import jobs
from engine.importing.choices import LEFT_OUT, Choices
from engine.importing.importable import Asked, Importable, Reference
from engine.importing.unknown import Unknown, create, decide, may_create, read_answers, unknown_names
from engine.registry import registry
from models.import_job import ImportJob
from models.words import Words, _

CREATE, SKIP = "create", "skip"


@dataclass(frozen=True)
class Group:
    """The unknown names of one field: what may be done with them, and what must be said to create them."""

    field: str
    label: str
    entity: Words
    table: str
    names: list[Unknown]
    known: list[forms.Option]
    may_create: bool
    is_created_here: bool
    asks: list[tuple[Asked, list[forms.Option]]]


class NamePages:
    """The step of an import in which names are settled."""

    @expose("/names/", methods=("GET", "POST"))
    def names_view(self: Any) -> ResponseReturnValue:
        """Every unknown name with what can become of it."""
        job, table = own_file()
        importable = registry.importable(job.entity)
        names = unknown_names(db.session(), job, importable, table)
        if not names:
            return redirect(url_for(".details_view", id=job.id), 303)
        problems: dict[str, Words] = {}
        if request.method == "POST":
            problems = _missing(job, importable, names)
            if not problems and written(lambda: _decide_all(job, importable, names)):
                flash(_("The names are settled."), "good")
                return redirect(url_for(".details_view", id=job.id), 303)
        groups = [_group(job, importable, field, names) for field in dict.fromkeys(each.field for each in names)]
        page = self.render(
            "import/names.html", job=job, groups=groups, steps=steps("names"), problems=problems, given=request.form
        )
        return page, 422 if problems else 200


def _group(job: ImportJob, importable: Importable, field: str, names: list[Unknown]) -> Group:
    reference = importable.references[field]
    return Group(
        field,
        forms.label_of(importable.field(field)),
        reference.entity.__entity__.label,
        reference.entity.__tablename__,
        [each for each in names if each.field == field],
        forms.options(db.session(), reference.entity, job.department_id),
        may_create(current_act().actor, reference),
        reference.make is not None,
        [(ask, forms.ask_options(db.session(), job, ask)) for ask in reference.asks],
    )


def _missing(job: ImportJob, importable: Importable, names: list[Unknown]) -> dict[str, Words]:
    """What has not been said, by the name of the control."""
    found: dict[str, Words] = {}
    for each in names:
        if request.form.get(f"name-{each.code}") == CREATE:
            _answers, missing = read_answers(
                db.session(), job, importable.references[each.field].asks, _given(each, importable)
            )
            found |= {f"{each.field}-{ask.name}": _("Say this for those who are to be created.") for ask in missing}
        elif request.form.get(f"name-{each.code}", "") == "":
            found[f"name-{each.code}"] = _("Say what “%(name)s” stands for, or leave its rows out.", name=each.text)
    return found


def _given(each: Unknown, importable: Importable) -> Mapping[str, str]:
    """The answers for one name: its own, else those for all of its field."""
    asks = importable.references[each.field].asks
    form = request.form
    return {
        ask.name: form.get(f"name-{each.code}-{ask.name}") or form.get(f"{each.field}-{ask.name}", "") for ask in asks
    }


def _decide_all(job: ImportJob, importable: Importable, names: list[Unknown]) -> None:
    choices = Choices.of(job.choices)
    for each in names:
        reference = importable.references[each.field]
        choices = decide(choices, each.field, each.key, _meant(job, importable, reference, each))
    jobs.keep_choices(db.session(), job, choices)


def _meant(job: ImportJob, importable: Importable, reference: Reference, name: Unknown) -> int:
    chosen = request.form.get(f"name-{name.code}", "")
    if chosen == SKIP:
        return LEFT_OUT
    if chosen == CREATE:
        answers, _unsaid = read_answers(db.session(), job, reference.asks, _given(name, importable))
        return create(db.session(), job, reference, name.text, answers, current_act().actor)
    known = {option.value for option in forms.options(db.session(), reference.entity, job.department_id)}
    if chosen not in known:
        abort(400)
    return int(chosen)
