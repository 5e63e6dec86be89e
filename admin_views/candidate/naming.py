"""How a candidate is called on a page: by name for whoever may read it, else by the opening and a number."""

from admin_views.base.masking import readable
from models.candidate import Candidate
from models.words import _


def shown_name(candidate: Candidate) -> str:
    """The name; for whoever may not read it the title, which holds nothing of the person."""
    if not readable("candidate", "name"):
        return candidate.label
    return candidate.name or str(_("Erased"))
