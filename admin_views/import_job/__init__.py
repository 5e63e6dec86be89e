"""Importing what other systems exported: upload, map, settle, try, import, look at what became of each row (DAT-1)."""

from flask_admin import BaseView

from admin_views.import_job.mappings import MappingPages
from admin_views.import_job.pages import ImportPages
from engine.hooks import hookimpl
from models.words import _


@hookimpl
def views() -> list[BaseView]:
    """Imports stand with the data."""
    return [
        ImportPages(name=_("Imports"), endpoint="import_job", url="/import_job", category="data"),
        MappingPages(name=_("Remembered mappings"), endpoint="import_mapping", url="/import_mapping", category="data"),
    ]
