"""HIRE-3: interviews as they are planned, and the sheet on which interviewers score them."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape
from sqlalchemy import ColumnElement
from wtforms import Field

from admin_views.base import EntityView
from admin_views.base.fields import given
from admin_views.base.masking import readable
from admin_views.candidate.naming import shown_name
from admin_views.formats import NOTHING, today
from admin_views.own_pages import DETAILS, MOVE, OwnPages
from engine import attachments
from engine.acting import current_act
from engine.database import db
from engine.hooks import hookimpl
from engine.packs import parameters
from models.candidate import UNDER_WAY, Candidate
from models.interview import Interview
from models.organisation import AGENT_POSTS, Staff, StaffStatus
from models.words import Words, _

ITEMS: Mapping[str, Words] = {
    "professional_knowledge": _("Professional knowledge"),
    "communication": _("Communication skills"),
    "service_awareness": _("Service awareness"),
}
"""The rulebook's items; what a department adds to its list reads as it was written there."""


def items() -> Sequence[str]:
    """What the reader's department scores at present."""
    department = current_act().actor.department_id
    try:
        found: Sequence[str] = parameters.value(db.session(), department or 0, "interview_criteria", today())
    except parameters.UnknownParameterError:
        return tuple(ITEMS)
    return found


def item_name(code: str) -> str:
    """An item as people read it."""
    return str(ITEMS.get(code, code))


class ScoresField(Field):
    """A box for each item."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Whole numbers by item; what is none says so."""
        self.process_errors = []
        self.raw_data = None
        self.data = data if isinstance(data, dict) else None
        if formdata is None:
            return
        typed = {code: (given(self, formdata, f"-{place}") or "").strip() for place, code in enumerate(items())}
        if any(typed.values()):
            self.data = {code: int(text) if _is_whole(text) else text for code, text in typed.items() if text}
        if any(text and not _is_whole(text) for text in typed.values()):
            self.process_errors = [str(_("Give each item a whole number from 0 to 100."))]

    def __call__(self, **options: Any) -> str:
        """The boxes, each with its label."""
        said = self.data or {}
        boxes = [
            Markup(
                '<span><label class="label small" for="{id}-{n}">{label}</label><input type="number" min="0" max="100"'
                ' inputmode="numeric" id="{id}-{n}" name="{name}-{n}" value="{value}" required></span>'
            ).format(id=self.id, n=n, name=self.name, label=item_name(code), value=said.get(code, ""))
            for n, code in enumerate(items())
        ]
        return Markup('<div class="field-row">{}</div>').format(Markup("").join(boxes))


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len("1000")


def scores_shown(value: Any) -> str:
    """The points of each item in a line."""
    if not isinstance(value, Mapping):
        return NOTHING
    return escape(str(_(", "))).join(f"{item_name(code)} {points}" for code, points in value.items())


def _under_way() -> Sequence[ColumnElement[bool]]:
    return (Candidate.stage.in_(UNDER_WAY),)


def _may_interview() -> Sequence[ColumnElement[bool]]:
    return (Staff.status == StaffStatus.ON_POST, Staff.post.not_in(sorted(AGENT_POSTS)))


class InterviewView(OwnPages, EntityView):
    """Interviews (HIRE-3): HR plans them, each interviewer fills in their own sheet."""

    model = Interview
    category = "hiring"
    icon = "message-square"
    own = {MOVE: "hiring/sheet.html", DETAILS: "hiring/interview.html"}
    list_columns = ("candidate_id", "round", "interviewer_id", "planned_at", "mean", "advice", "state")
    form_columns = ("candidate_id", "round", "interviewer_id", "planned_at", "place")
    not_in_form = ("scores", "mean", "advice", "remark", "scored_at")
    detail_columns = (*form_columns, "scores", "mean", "advice", "remark", "scored_at")
    only_filled = detail_columns[4:]
    groups = (
        (_("Appointment"), ("candidate_id", "round", "interviewer_id", "planned_at", "place")),
        (_("Interview sheet"), ("scores", "mean", "advice", "remark", "scored_at")),
    )
    labels = {
        "candidate_id": _("Candidate"),
        "round": _("Round"),
        "interviewer_id": _("Interviewer"),
        "planned_at": _("When"),
        "place": _("Where"),
        "scores": _("Points"),
        "mean": _("Mean score"),
        "advice": _("Advice"),
        "scored_at": _("Scored on"),
    }
    help = {"interviewer_id": _("Several may sit in one round: plan a sheet for each.")}
    filters = ("state", "round", "interviewer_id", "candidate_id", "planned_at")
    search = ()
    default_sort = ("planned_at", True)
    narrow = {"candidate_id": _under_way, "interviewer_id": _may_interview}
    formatters = {"scores": scores_shown}
    ask_fields = {"scores": ScoresField}
    empty_hint = _("HR plans interviews on the candidate's page.")

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Whom the interview is about: what the interviewer may know of them, and the résumé."""
        candidate: Candidate = data["record"].candidate
        return {
            "candidate": candidate,
            "called": shown_name(candidate),
            "about_them": candidate.about if readable("candidate", "about") else None,
            "resumes": attachments.of(db.session(), candidate) if readable("candidate", "about") else [],
        }


@hookimpl
def views() -> list[EntityView]:
    """Interviews."""
    return [InterviewView()]
