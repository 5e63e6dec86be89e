"""QA-7 and RCT-3: the talks that records ask of the QA supervisor."""

from collections.abc import Mapping
from typing import Any

from admin_views.base.view import EntityView
from admin_views.own_pages import DETAILS, OwnPages
from engine.hooks import hookimpl
from models.qa_talk import QaTalk
from models.words import _


class QaTalkView(OwnPages, EntityView):
    """Talks come from severe findings and poor rectifications; nobody adds one by hand."""

    model = QaTalk
    category = "quality"
    icon = "message-circle"
    own = {DETAILS: "quality/talk.html"}
    list_columns = ("agent_id", "reason", "finding_id", "asked_at", "held_at", "state")
    form_columns = ("note",)
    not_in_form = ("agent_id", "team_id", "finding_id", "reason", "asked_at", "held_at", "outcome")
    detail_columns = ("agent_id", "team_id", "reason", "finding_id", "asked_at", "held_at", "outcome", "note")
    filters = ("state", "reason", "agent_id", "team_id", "asked_at", "finding_id")
    default_sort = ("asked_at", True)
    empty_hint = _("A severe finding or a poor rectification asks for a talk by itself.")
    can_create = False

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the talk is about."""
        return {"finding": data["record"].finding}


@hookimpl
def views() -> list[EntityView]:
    """Talks."""
    return [QaTalkView()]
