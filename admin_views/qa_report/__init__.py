"""QA-9: the month's report: figures with the rows behind them, causes and measures, and what it looks like on paper.

- `entity`: the report's page, and taking proposals over
- `charts`: figures as geometry
- `workbook`: Excel
"""

from admin_views.base.view import EntityView
from admin_views.qa_report.entity import QaReportEditionView, QaReportView
from engine.hooks import hookimpl


@hookimpl
def views() -> list[EntityView]:
    """Reports and their editions."""
    return [QaReportView(), QaReportEditionView()]
