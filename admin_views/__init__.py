"""What is shown: one file a domain, Flask-Admin views, their templates and static files.

`BUILT_IN` lists the view modules in the order of the menu. Each implements the `views` hook.
"""

from flask import Flask
from flask_admin import Admin

from admin_views import accounts, calendar_feed, errors, headers, identity, languages, standing, theme, trouble
from admin_views.desk import desk
from engine.registry import registry
from models.words import _

BUILT_IN: tuple[str, ...] = (
    "admin_views.ledger",
    "admin_views.calendar_page",
    "admin_views.calendar_feed",
    "admin_views.inbox",
    "admin_views.training_matrix",
    "admin_views.training_session",
    "admin_views.question",
    "admin_views.exam",
    "admin_views.learning_resource",
    "admin_views.certificate",
    "admin_views.course",
    "admin_views.training_plan",
    "admin_views.service_record",
    "admin_views.import_job",
    "admin_views.qa_inspection",
    "admin_views.qa_plan",
    "admin_views.scorecard",
    "admin_views.qa_appeal",
    "admin_views.qa_talk",
    "admin_views.rectification",
    "admin_views.qa_report",
    "admin_views.calibration",
    "admin_views.training_case",
    "admin_views.confidentiality_ack",
    "admin_views.consent",
    "admin_views.data_share_request",
    "admin_views.breach_incident",
    "admin_views.dashboard",
    "admin_views.rulebook",
    "admin_views.adoption",
    "admin_views.organisation",
    "admin_views.career_plan",
    "admin_views.post_change",
    "admin_views.candidate",
    "admin_views.interview",
    "admin_views.job_opening",
    "admin_views.incident_report",
    "admin_views.policy",
    "admin_views.notification",
    "admin_views.event_subscription",
    "admin_views.accounts",
    "admin_views.audit",
    "admin_views.backup",
    "admin_views.job",
    "admin_views.prepared",
)


def init_app(app: Flask) -> None:
    """Hang languages, identity, the theme and every plugin's views on the application."""
    identity.init_app(app)
    languages.init_app(app)
    accounts.init_app(app)
    errors.init_app(app)
    trouble.init_app(app)
    standing.init_app(app)
    calendar_feed.init_app(app)
    theme.init_app(app)
    admin = Admin(
        app, name=_("Dutybook"), theme=theme.THEME, url="/", index_view=desk(), csp_nonce_generator=headers.csp_nonce
    )
    # pluggy calls the last registered first; the menu keeps the order in which modules are listed.
    for views in reversed(registry.hook.views()):
        admin.add_views(*views)
