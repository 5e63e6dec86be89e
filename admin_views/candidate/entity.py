"""One candidate: what is known, how the interviews went, what comes next; and the hire in one press."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from admin_views.base import EntityView
from models.candidate import Candidate
from models.job_opening import JobOpening, OpeningState
from models.words import _


def _published() -> Sequence[ColumnElement[bool]]:
    return (JobOpening.state == OpeningState.PUBLISHED,)


class CandidateView(EntityView):
    """Candidates (HIRE-2). What is known of them is HR's and their interviewers'."""

    model = Candidate
    category = "hiring"
    icon = "user-plus"
    list_columns = ("name", "opening_id", "applied_on", "source", "stage")
    form_columns = ("opening_id", "name", "phone", "email", "source", "applied_on", "expected_pay", "about")
    not_in_form = (
        "phone_index",
        "first_interview_at",
        "second_interview_at",
        "background_check_at",
        "decision_at",
        "check_result",
        "check_evidence",
        "checked_by_id",
        "offered_pay",
        "starts_on",
        "proposed_by_id",
        "approved_by_id",
        "approved_at",
        "staff_id",
        "closed_at",
        "closed_cause",
        "closed_reason",
        "erased_at",
    )
    detail_columns = (
        *form_columns,
        "check_result",
        "check_evidence",
        "checked_by_id",
        "offered_pay",
        "starts_on",
        "proposed_by_id",
        "approved_by_id",
        "approved_at",
        "staff_id",
        "closed_at",
        "closed_cause",
        "closed_reason",
        "erased_at",
    )
    groups = (
        (_("Person"), ("opening_id", "name", "phone", "email", "source", "applied_on", "expected_pay", "about")),
        (_("Background check"), ("check_result", "check_evidence", "checked_by_id")),
        (_("Decision"), ("offered_pay", "starts_on", "proposed_by_id", "approved_by_id", "approved_at")),
        (_("Outcome"), ("staff_id", "closed_at", "closed_cause", "closed_reason", "erased_at")),
    )
    labels = {
        "opening_id": _("Opening"),
        "stage": _("Stage"),
        "name": _("Full name"),
        "source": _("Came through"),
        "applied_on": _("Applied on"),
        "expected_pay": _("Pay expected"),
        "about": _("About the person"),
        "check_result": _("Result of the check"),
        "check_evidence": _("Evidence"),
        "checked_by_id": _("Checked by"),
        "offered_pay": _("Pay offered"),
        "starts_on": _("First day"),
        "proposed_by_id": _("Hire proposed by"),
        "approved_by_id": _("Hire approved by"),
        "approved_at": _("Hire approved on"),
        "staff_id": _("Hired as"),
        "closed_at": _("Decided on"),
        "closed_cause": _("Cause"),
        "closed_reason": _("Reason"),
        "erased_at": _("Personal data erased on"),
    }
    help = {
        "about": _("Education, experience, what the résumé says. Attach the résumé itself on the candidate's page.")
    }
    filters = ("stage", "opening_id", "source", "applied_on", "closed_cause")
    search = ()
    default_sort = ("applied_on", True)
    narrow = {"opening_id": _published}
    attachments = True
    related = (("interview", "candidate_id"),)
    empty_hint = _("Nobody has applied yet. Publish an opening, then enter who applies.")
