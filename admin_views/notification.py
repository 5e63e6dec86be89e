"""How people are told: each person's own setting, and the group chats that hear notices. The notices are in `inbox`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement

from admin_views.base import EntityView, SeveralField
from admin_views.rulebook import sentence_of
from engine.acting import current_act
from engine.hooks import hookimpl
from engine.registry import registry
from models.notification import GroupWebhook, NoticePreference
from models.words import Words, _


def _notice_codes() -> Sequence[tuple[str, Words]]:
    """Every notice that some domain sends, by its subject."""
    return [(code, sentence_of(notice.subject)) for code, notice in sorted(registry.notices.items())]


class NoticePreferenceView(EntityView):
    """One's own quiet hours, digest and e-mail; nobody sets another person's."""

    model = NoticePreference
    category = "system"
    list_columns = ("staff_id", "by_email", "quiet_from", "quiet_until", "digest_at")
    form_columns = ("by_email", "quiet_from", "quiet_until", "digest_at")
    not_in_form = ("staff_id",)
    filters = ("by_email",)
    default_sort = ("staff_id", False)
    labels = {
        "by_email": _("Also by e-mail"),
        "quiet_from": _("Quiet from"),
        "quiet_until": _("Quiet until"),
        "digest_at": _("All in one mail, at"),
    }
    help = {
        "quiet_from": _("Such as 22:00. What is urgent comes all the same."),
        "digest_at": _("Such as 08:30. Leave it empty to be told at once."),
    }
    empty_hint = _(
        "Without a setting of your own you are told at once, also by e-mail, and quietly from 22:00 to 08:00."
    )

    def base_conditions(self) -> Sequence[ColumnElement[bool]]:
        """Only one's own, whatever the role."""
        return (NoticePreference.staff_id == current_act().actor.staff_id,)

    def on_model_change(self, form: Any, model: NoticePreference, is_created: bool) -> None:  # noqa: FBT001 Flask-Admin's signature
        """A setting is its writer's."""
        model.staff_id = model.staff_id or current_act().actor.staff_id or 0


class GroupWebhookView(EntityView):
    """Group chats that hear the department's notices. The address is a secret: set anew, never shown."""

    model = GroupWebhook
    category = "system"
    list_columns = ("name", "kind", "team_id", "active")
    form_columns = ("name", "kind", "address", "team_id", "codes", "active")
    write_only = ("address",)
    fields = {"codes": lambda label: SeveralField(label, choices=_notice_codes)}
    filters = ("kind", "active", "team_id")
    search = ("name",)
    default_sort = ("name", False)
    labels = {"address": _("Address"), "codes": _("Which notices")}


@hookimpl
def views() -> list[EntityView]:
    """The screens of this domain."""
    return [NoticePreferenceView(), GroupWebhookView()]
