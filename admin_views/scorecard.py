"""QA-2: the scoring standard, edition by edition."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup
from werkzeug.utils import redirect
from wtforms import Field

from admin_views.base import access
from admin_views.base.columns import Computed
from admin_views.base.fields import given
from admin_views.base.inline import Inline
from admin_views.base.saving import write
from admin_views.base.view import EntityView
from admin_views.own_pages import DETAILS, OwnPages
from engine.database import db
from engine.hooks import hookimpl
from models.qa_inspection import Severity
from models.scorecard import Scorecard, ScorecardItem
from models.words import Words, _
from plugins.scorecard import next_edition

ENDS = ("low", "high")
SHORT_NAMES: Mapping[str, Words] = {
    "code": _("Short name of the item, for programs"),
    "category": _("Short name of the category, for programs"),
    "category_name": _("Category"),
}
BOX = Markup('<input type="text" inputmode="decimal" name="{name}" id="{name}" value="{value}" aria-label="{label}">')


def bands_in_words(card: Scorecard) -> str:
    """`Minor 1–3 · General 4–6 · Severe 7–10`."""
    bands = card.bands or {}
    return " · ".join(f"{s.label} {bands[s.value][0]}–{bands[s.value][1]}" for s in Severity if s.value in bands)


class BandsField(Field):
    """The lowest and the highest deduction of each severity: six numbers."""

    control = "bands"

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the six boxes; what is no number stays as it was typed and is said."""
        self.process_errors = []
        self.object_data = data
        self.data = {name: list(points) for name, points in (data if isinstance(data, dict) else {}).items()}
        for severity in Severity:
            typed = [given(self, formdata, f"-{severity.value}-{end}") for end in ENDS]
            if None not in typed:
                self.data[severity.value] = [self._read(str(text)) for text in typed]

    def _read(self, text: str) -> str:
        try:
            number = Decimal(text.strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self.process_errors = [str(_("This is not a number."))]
            return text.strip()
        return f"{number.normalize():f}"

    def __call__(self, **options: Any) -> str:
        """The boxes, a row a severity."""
        return Markup("").join(self._row(severity) for severity in Severity)

    def _row(self, severity: Severity) -> str:
        values = self.data.get(severity.value) or ("", "")
        labels = (_("%(severity)s from", severity=severity.label), _("%(severity)s to", severity=severity.label))
        boxes = [
            BOX.format(name=f"{self.name}-{severity.value}-{end}", value=value, label=str(label))
            for end, value, label in zip(ENDS, values, labels, strict=True)
        ]
        return Markup('<div class="field-row"><span class="label">{}</span>{}</div>').format(
            str(severity.label), Markup("").join(boxes)
        )


class ScorecardView(OwnPages, EntityView):
    """Editions of the standard, with their items."""

    model = Scorecard
    category = "quality"
    icon = "clipboard-list"
    own = {DETAILS: "quality/scorecard.html"}
    list_columns = ("edition", "name", "base_score", "floor", "points", "state")
    form_columns = ("edition", "name", "base_score", "floor", "bands")
    not_in_form = ("pack",)
    detail_columns = ("edition", "name", "base_score", "floor", "points", "pack")
    computed = {"points": Computed(_("Points by severity"), bands_in_words, ("bands",))}
    fields = {"bands": BandsField}
    filters = ("state",)
    search = ("edition", "name")
    inline = (
        Inline(
            ScorecardItem,
            "scorecard_id",
            ("position", "code", "name", "category", "category_name", "weight"),
            order="position",
            read=("position", "name", "category_name", "weight"),
            labels=SHORT_NAMES,
        ),
    )

    @expose("/next-edition/", methods=("POST",))
    def next_edition_view(self) -> ResponseReturnValue:
        """A draft that begins as a copy of this edition."""
        if not self.can_create:
            access.deny(self.table, "create")
        card: Scorecard = access.one(Scorecard, access.row_id(request.form.get("id"), Scorecard))
        made: list[Scorecard] = []
        refused = write(lambda: made.append(next_edition(db.session(), card)))
        if refused is not None:
            flash(refused.text, "bad")
            return redirect(url_for(".details_view", id=card.id), 303)
        flash(_("A draft of the next edition was made. Change it, then put it into use."), "good")
        return redirect(url_for(".edit_view", id=made[0].id), 303)

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Whether this person may begin the next edition."""
        return {"may_continue": self.can_create}


class ScorecardItemView(EntityView):
    """Items, for look-ups and links; they are edited inside their scorecard."""

    model = ScorecardItem
    category = "quality"
    icon = "square-check"
    in_menu = False
    list_columns = ("name", "category_name", "weight", "scorecard_id", "position")
    detail_columns = ("scorecard_id", "name", "category_name", "weight", "position", "code", "category")
    labels = SHORT_NAMES
    form_columns = ("scorecard_id", "code", "name", "category", "category_name", "weight", "position")
    filters = ("scorecard_id",)
    search = ("code", "name")
    default_sort = ("position", False)


@hookimpl
def views() -> list[EntityView]:
    """Scorecards and their items."""
    return [ScorecardView(), ScorecardItemView()]
