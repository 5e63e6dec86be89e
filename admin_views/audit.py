"""Who did what, when and through which door: read by the auditor and the administrator, changed by nobody."""

from typing import Any

from markupsafe import Markup

from admin_views.base import EntityView
from admin_views.base.columns import Computed, label_of
from admin_views.base.history import action, door
from admin_views.base.masking import masked, readable, visible
from admin_views.formats import NOTHING
from admin_views.links import entity_label
from engine.hooks import hookimpl
from models.audit import AuditEntry
from models.base import Entity
from models.words import _


def _told(entry: AuditEntry) -> str:
    """Before and after, field by field, as they were recorded (encrypted fields were not) and as the reader may see."""
    lines = [
        Markup("<li>{}: {} → {}</li>").format(str(label_of(name, {})), *(_seen(entry.entity, name, v) for v in pair))
        for name, pair in entry.changes.items()
        if isinstance(pair, list) and len(pair) == 2 and visible(entry.entity, name)  # noqa: PLR2004 before and after
    ]
    return Markup('<ul class="list-plain">{}</ul>').format(Markup().join(lines)) if lines else NOTHING


def _seen(entity: str, name: str, value: Any) -> Any:
    if value is None:
        return ""
    return value if readable(entity, name) else masked(value)


class AuditView(EntityView):
    """The audit."""

    model = AuditEntry
    entity = Entity(_("Audit entry"), _("Audit"), (), icon="scroll-text")
    category = "system"
    list_columns = ("at", "actor_id", "action_words", "what", "record_title", "door")
    detail_columns = (
        "at",
        "actor_id",
        "action_words",
        "what",
        "record_title",
        "door",
        "told",
        "rules",
        "request_id",
    )
    filters = ("at", "actor_id", "action", "entity", "door")
    default_sort = ("id", True)
    labels = {
        "at": _("When"),
        "actor_id": _("Who"),
        "action": _("What was done (code)"),
        "entity": _("Entity (code)"),
        "door": _("How"),
        "record_title": _("Record"),
        "rules": _("Rules that were asked"),
        "request_id": _("Request"),
    }
    computed = {
        "action_words": Computed(
            _("What was done"), lambda entry: action(entry.entity, entry.action), needs=("entity", "action")
        ),
        "told": Computed(_("Before and after"), _told, needs=("entity", "changes")),
        "what": Computed(_("Entity"), lambda entry: entity_label(entry.entity) or entry.entity, needs=("entity",)),
    }
    formatters = {"door": lambda code: str(door(code)), "rules": ", ".join}


@hookimpl
def views() -> list[EntityView]:
    """The screen of the audit."""
    return [AuditView()]
