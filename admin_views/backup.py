"""The state of the installation, for administrators: the last backup, the last drill, accounts that nobody uses."""

from flask_admin import expose

from admin_views.identity import settings
from admin_views.pages import Page
from engine.accounts import idle
from engine.backup import runs
from engine.database import db
from engine.hooks import hookimpl
from models.words import _

MEGABYTE = 1_000_000


class InstallationPage(Page):
    """Red where a backup or a drill is later than it should be."""

    needs = ("backup_run", "read")
    icon = "database"

    @expose("/")
    def index(self) -> str:
        """Backups, drills and idle accounts as they stand."""
        here, session = settings(), db.session()
        return self.render(
            "backup/index.html",
            standing=runs.standing(session, here.drill_days),
            scheduled=not here.demo,
            plan=here,
            idle=idle.idle(session),
            days=idle.DAYS,
            megabytes=lambda size: f"{size / MEGABYTE:,.1f}",
        )


@hookimpl
def views() -> list[Page]:
    """Among the pages of the system."""
    return [
        InstallationPage(
            name=_("State of the installation"), endpoint="installation", url="/installation", category="system"
        )
    ]
