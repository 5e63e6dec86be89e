"""Being told: the notices of every duty, how each person wants to hear of them, and the group chats that hear them too.

No clause asks for this; it is how the reminders of all the others reach people. Its rules bind without a policy pack.
"""

import re

from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.groups import is_vendors
from engine.registry import registry
from engine.rules import Facts, Verdict, rule
from models.notification import GroupWebhook, NoticePreference
from models.words import _

TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
TIMES = ("quiet_from", "quiet_until", "digest_at")


@rule(
    "",
    GroupWebhook,
    field="address",
    changed=("address", "kind"),
    says=_("This is no webhook address of %(kind)s. Copy it from the group's robot settings, with https:// in front."),
)
def address_is_the_vendors(webhook: GroupWebhook, facts: Facts) -> Verdict:
    """Messages go to the vendor's own host and nowhere else: another address might lead inside."""
    return is_vendors(webhook.kind, webhook.address or "") or {"kind": webhook.kind.label}


@rule("", GroupWebhook, field="codes", says=_("Choose what the group is told: at least one kind of notice."))
def group_is_told_something(webhook: GroupWebhook, facts: Facts) -> Verdict:
    """A group hears what was chosen for it, never everything by itself."""
    return bool(webhook.codes) and set(webhook.codes) <= registry.notices.keys()


@rule("", NoticePreference, says=_("Write a time of day as hours and minutes, such as 22:00."))
def times_are_times_of_day(preference: NoticePreference, facts: Facts) -> Verdict:
    """Quiet hours and digests are reckoned with these."""
    return [{"field": name} for name in TIMES if not _is_time(getattr(preference, name))]


@rule(
    "",
    NoticePreference,
    field="quiet_until",
    says=_("Quiet hours need both their beginning and their end, or neither."),
)
def quiet_hours_have_two_ends(preference: NoticePreference, facts: Facts) -> Verdict:
    """Quiet hours that never end would keep everything back."""
    return bool(preference.quiet_from) == bool(preference.quiet_until)


def _is_time(text: str | None) -> bool:
    return not text or TIME_OF_DAY.fullmatch(text) is not None


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="notification",
        label=_("Notices"),
        entities=(GroupWebhook, NoticePreference),
        rules=(address_is_the_vendors, group_is_told_something, times_are_times_of_day, quiet_hours_have_two_ends),
        notices=(
            Notice(
                "obligation.due", _("Due %(due_at)s: %(duty)s"), _("%(duty)s — %(title)s. Due %(due_at)s (%(clause)s).")
            ),
            Notice(
                "obligation.overdue",
                _("Overdue: %(duty)s"),
                _("%(duty)s — %(title)s. It was due %(due_at)s (%(clause)s)."),
            ),
            Notice(
                "obligation.escalated",
                _("Escalated to you: %(owners)s, %(duty)s"),
                _("%(duty)s — %(title)s, owed by %(owners)s, due %(due_at)s (%(clause)s)."),
            ),
            Notice(
                "email.given_up",
                _("Some e-mails could not be delivered"),
                _(
                    "On %(day)s e-mails were given up: the mail server or an address refused them for good or for too "
                    "long. The notices stand in their readers' inboxes; the ledger says of each duty who was not "
                    "reached."
                ),
            ),
            Notice(
                "group.given_up",
                _("Some messages to group chats could not be delivered"),
                _(
                    "On %(day)s messages to a group chat were given up. Check the address and the robot's settings "
                    "under Group webhooks."
                ),
            ),
            Notice(
                "call.given_up",
                _("Some calls to other programs were given up"),
                _(
                    "On %(day)s calls to another program were given up: it refuses them, does not answer, or is gone. "
                    "Event subscriptions show which, and make them again."
                ),
            ),
            Notice(
                "reminder.given_up",
                _("A reminder could not be made"),
                _(
                    "On %(day)s a reminder was given up after repeated errors of the program. The duty stands in the "
                    "ledger all the same; tell whoever looks after this installation."
                ),
            ),
        ),
    )
