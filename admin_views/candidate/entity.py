"""One candidate: what is known, how the interviews went, what comes next; and the hire in one press."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from admin_views.base import EntityView, access
from admin_views.base.masking import readable
from admin_views.candidate.naming import shown_name
from admin_views.formats import today
from admin_views.identity import settings
from admin_views.numbering import next_number
from admin_views.own_pages import DETAILS, OwnPages
from engine.accounts import joining, posting
from engine.acting import current_act, seeing_all
from engine.database import db
from engine.notices.mail import mail_sender
from engine.permissions import may
from models.accounts import Account
from models.candidate import Candidate, Stage
from models.interview import Interview, InterviewState, Round
from models.job_opening import JobOpening, OpeningState
from models.organisation import Staff
from models.words import _

HIRE, INVITE = "hire", "invite_to_account"
INVITING = frozenset({HIRE, INVITE})
STAGE_OF_ROUND = {Round.FIRST: Stage.FIRST_INTERVIEW, Round.SECOND: Stage.SECOND_INTERVIEW}


def _published() -> Sequence[ColumnElement[bool]]:
    return (JobOpening.state == OpeningState.PUBLISHED,)


class CandidateView(OwnPages, EntityView):
    """Candidates (HIRE-2). What is known of them is HR's and their interviewers'."""

    model = Candidate
    category = "hiring"
    icon = "user-plus"
    own = {DETAILS: "hiring/candidate.html"}
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
    only_filled = detail_columns[4:]
    groups = (
        (_("Candidate"), ("opening_id", "name", "phone", "email", "source", "applied_on", "expected_pay", "about")),
        (_("Background check"), ("check_result", "check_evidence", "checked_by_id")),
        (_("Decision"), ("offered_pay", "starts_on", "proposed_by_id", "approved_by_id", "approved_at")),
        (_("Outcome"), ("staff_id", "closed_at", "closed_cause", "closed_reason", "erased_at")),
    )
    labels = {
        "opening_id": _("Opening"),
        "stage": _("Stage"),
        "name": _("Full name"),
        "source": _("Source of application"),
        "applied_on": _("Applied on"),
        "expected_pay": _("Pay expected"),
        "about": _("About the person"),
        "check_result": _("Result of the check"),
        "check_evidence": _("Evidence"),
        "checked_by_id": _("Checked by"),
        "offered_pay": _("Pay offered"),
        "starts_on": _("First day"),
        "first_interview_at": _("Invited to the first interview"),
        "second_interview_at": _("Invited to the second interview"),
        "background_check_at": _("Background check begun"),
        "decision_at": _("Came to the decision"),
        "proposed_by_id": _("Hire proposed by"),
        "approved_by_id": _("Hire approved by"),
        "approved_at": _("Hire approved on"),
        "staff_id": _("Hired as"),
        "closed_at": _("Decided on"),
        "closed_cause": _("Why not hired"),
        "closed_reason": _("The reason in words"),
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
    formatters = {"name": lambda name: name or str(_("Erased"))}
    related = (("interview", "candidate_id"),)
    empty_hint = _("Nobody has applied yet. Publish an opening, then enter who applies, or import a list.")

    def first_values(self) -> Mapping[str, Any]:
        """Most applications are entered on the day on which they come."""
        return {"applied_on": today()}

    def own_data(self, template: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The stages behind and ahead, and the sheets of both rounds as far as the reader may see them."""
        candidate: Candidate = data["record"]
        query = select(Interview).where(Interview.candidate_id == candidate.id).order_by(Interview.planned_at)
        sheets = db.session.scalars(query.options(joinedload(Interview.interviewer))).all()
        present = next((r for r, stage in STAGE_OF_ROUND.items() if stage is candidate.stage), None)
        return {
            "called": shown_name(candidate),
            "stages": [(stage, candidate.entered_at(stage)) for stage in list(Stage)[:5]],
            "rounds": [(each, [sheet for sheet in sheets if sheet.round is each]) for each in Round],
            "planned": InterviewState.PLANNED,
            "me": current_act().actor.staff_id,
            "round_to_plan": present if may(current_act().actor, "interview", "create") else None,
        }

    def offered(self, record: Any) -> list[Any]:
        """Once the account is in use nobody is invited any more, and nobody need be told so."""
        return [each for each in super().offered(record) if not (each.move.name == INVITE and each.against)]

    def files_of(self, record: Any) -> list[Any]:
        """A résumé says more than any field: it is for whoever may read what is known of the person."""
        return super().files_of(record) if readable(self.table, "about") else []

    def own_file(self, record: Any, key: str | None) -> Any:
        """The file, for the same people."""
        if not readable(self.table, "about"):
            abort(access.NOT_FOUND)
        return super().own_file(record, key)

    def move_page(self, record: Any, move: Any, given: Any = None, *rest: Any, **more: Any) -> ResponseReturnValue:
        """A hire begins with the next free staff number and the login made of it."""
        if move.name == HIRE and given is None:
            number = next_number(Staff, record.department_id, "S0001")
            given = {"number": number, "login": number.lower()}
        return super().move_page(record, move, given, *rest, **more)  # type: ignore[no-any-return]  # the base is untyped

    def make_move(self, record: Any, move: Any) -> ResponseReturnValue:
        """An invitation that the move issued is mailed, or shown this once."""
        answered = super().make_move(record, move)
        if move.name in INVITING and record.staff_id is not None:
            return self._hand_over(record) or answered
        return answered  # type: ignore[no-any-return]  # the base is untyped

    def _hand_over(self, record: Candidate) -> ResponseReturnValue | None:
        with seeing_all():
            account = db.session.scalars(select(Account).where(Account.staff_id == record.staff_id)).one()
            secret = joining.handed_over(db.session(), account.id)
            if secret is None:
                return None
            welcome = f"{settings().public_url}{url_for('identity.redeem')}"
            mailed = posting.post_link(mail_sender(settings()), account, secret, welcome)
            person, login = account.staff, account.login
        secret = None if mailed else secret
        return self.render(
            "hiring/joined.html", record=record, person=person, login=login, secret=secret, welcome=welcome
        )
