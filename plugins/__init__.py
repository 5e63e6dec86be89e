"""What must be: one file a domain, its rules, transitions and obligations. Each reads like its chapter of the rulebook.

`BUILT_IN` lists the domains in the order in which people meet them; nothing is found by scanning folders. Plugins from
outside are folders dropped in here (each with an `__init__.py` that implements hooks) or installed packages with the
entry point group `dutybook`.
"""

BUILT_IN = (
    "plugins.policy",
    "plugins.notification",
    "plugins.backup",
    "plugins.event_subscription",
    "plugins.organisation",
    "plugins.accounts",
    "plugins.job_opening",
    "plugins.candidate",
    "plugins.interview",
    "plugins.incident_report",
    "plugins.career_plan",
    "plugins.post_change",
    "plugins.saved_filter",
    "plugins.attachment",
    "plugins.training_plan",
    "plugins.course",
    "plugins.training_session",
    "plugins.question",
    "plugins.exam",
    "plugins.learning_resource",
    "plugins.certificate",
    "plugins.service_record",
    "plugins.consent",
    "plugins.import_job",
    "plugins.scorecard",
    "plugins.qa_plan",
    "plugins.qa_inspection",
    "plugins.qa_appeal",
    "plugins.qa_talk",
    "plugins.rectification",
    "plugins.qa_report",
    "plugins.calibration",
    "plugins.confidentiality_ack",
    "plugins.data_share_request",
    "plugins.breach_incident",
    "plugins.training_case",
)
