"""TRN-2 to TRN-11 at a glance: people by courses, coloured by state; and one person's training record, also as PDF."""

from admin_views.pages import Page
from admin_views.training_matrix.page import TrainingMatrix
from engine.hooks import hookimpl
from models.words import _


@hookimpl
def views() -> list[Page]:
    """The matrix stands first in its group."""
    name, endpoint = _("Training matrix"), "training_matrix"
    return [TrainingMatrix(name=name, endpoint=endpoint, url=f"/{endpoint}", category="training")]
