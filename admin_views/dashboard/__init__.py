"""The dashboard: how duties were kept, what customers brought up, how satisfied they were, how quality moves.

Every figure leads to the rows behind it; every chart stands beside the same figures as a table.

- `page`: the page and what it is asked for
- `charts`: what a chart is
- `duties`: obligations by clause and by month
- `service`: service records, by the one reckoning of `engine.service_figures`
- `quality`: the mean score of inspections
"""

from admin_views.dashboard.page import views

__all__ = ["views"]
