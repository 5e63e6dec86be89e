"""TRN-11: certificates and when they expire."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from admin_views.base import EntityView
from engine.hooks import hookimpl
from models.certificate import Certificate
from models.organisation import Staff, StaffStatus
from models.words import _


def _here() -> Sequence[ColumnElement[bool]]:
    return (Staff.status != StaffStatus.LEFT,)


class CertificateView(EntityView):
    """Certificates, the next to expire first."""

    model = Certificate
    category = "training"
    list_columns = ("name", "staff_id", "issuer", "issued_on", "expires_on", "state")
    form_columns = ("staff_id", "name", "issuer", "number", "issued_on", "expires_on", "course_id")
    not_in_form = ("team_id", "renewed_at")
    detail_columns = ("staff_id", "name", "issuer", "number", "issued_on", "expires_on", "course_id", "renewed_at")
    filters = ("state", "staff_id", "team_id", "expires_on", "course_id")
    default_sort = ("expires_on", False)
    narrow = {"staff_id": _here}
    attachments = True
    labels = {"course_id": _("Course that it stands for")}
    help = {"expires_on": _("Left empty: it holds for good. Otherwise its holder is reminded before.")}
    empty_hint = _("No certificate yet. Record it with its issue and expiry, and attach a copy.")


@hookimpl
def views() -> list[EntityView]:
    """Certificates."""
    return [CertificateView()]
