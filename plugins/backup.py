"""Backups: what administrators are told when one is missing. No clause asks for them; every clause rests on them."""

from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from models.words import _

NOTICES = (
    Notice(
        "backup.failed",
        _("The backup failed"),
        _(
            "The backup %(slot)s failed. The page “State of the installation” says why; it is tried again up to three "
            "times."
        ),
    ),
    Notice(
        "backup.drill_failed",
        _("A backup could not be put back as it should"),
        _(
            "The restore drill of the backup %(slot)s found something wrong. The page “State of the installation” says "
            "what. Until it is mended, do not rely on that backup."
        ),
    ),
)


@hookimpl
def domain() -> Domain:
    """What this domain brings."""
    return Domain(name="backup", label=_("Backups"), notices=NOTICES)
