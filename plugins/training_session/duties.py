"""Reminders: of the start (TRN-2), of an excuse to decide (TRN-4), of a proposal (TRN-8), of the effect (TRN-7)."""

from datetime import datetime

from engine import clock
from engine.manifest import Notice
from engine.obligations.kinds import Kind
from engine.obligations.periods import end_of
from engine.rules import Facts
from models.organisation import Post
from models.training_session import Enrolment, EnrolmentReason, EnrolmentState
from models.words import _
from plugins.training_session.evaluation import ANSWER, CAME, EVALUATE


def _starts(enrolment: Enrolment, facts: Facts) -> datetime:
    return enrolment.starts_at or facts.now


def _proposal_due(enrolment: Enrolment, facts: Facts) -> datetime:
    day = clock.day_in(facts.zone, enrolment.created_at)
    return end_of(facts.calendar.add(day, int(facts.parameter("proposal_days"))), facts.zone)


ATTEND = Kind(
    "session_start",
    "TRN-2",
    Enrolment,
    _("Attend the training session"),
    owed=lambda e: e.state is EnrolmentState.ENROLLED and e.session_id is not None,
    met=lambda e: e.state in CAME and e.session_id is not None,
    due=_starts,
    owner=lambda e: e.staff_id,
)
DECIDE = Kind(
    "training_excuse",
    "TRN-4",
    Enrolment,
    _("Decide whether the absence from training is excused"),
    owed=lambda e: e.state is EnrolmentState.EXCUSE_ASKED,
    met=lambda e: e.decided_at is not None,
    due=_starts,
    post=Post.TRAINER,
)
PROPOSAL = Kind(
    "training_proposal",
    "TRN-8",
    Enrolment,
    _("Enrol the proposed person, or say why not"),
    owed=lambda e: e.state is EnrolmentState.PROPOSED and e.reason is EnrolmentReason.WEAK_CATEGORY,
    met=lambda e: e.state is not EnrolmentState.PROPOSED and e.reason is EnrolmentReason.WEAK_CATEGORY,
    due=_proposal_due,
    owner=lambda e: e.staff.superior_id,
)
DUTIES = (ATTEND, DECIDE, PROPOSAL, ANSWER, EVALUATE)

NOTICES = (
    Notice(
        "training.placed",
        _("Training: %(training)s, %(starts_at)s"),
        _("You are enrolled in “%(training)s”, %(starts_at)s, %(place)s."),
    ),
    Notice(
        "training.rescheduled",
        _("Moved: %(training)s, now %(starts_at)s"),
        _("“%(training)s” now starts %(starts_at)s, %(place)s."),
    ),
    Notice(
        "training.cancelled",
        _("Cancelled: %(training)s"),
        _("“%(training)s” is not held. Reason: %(reason)s. You will be given another date."),
    ),
    Notice(
        "training.excused",
        _("You are excused from %(training)s"),
        _("Your absence from “%(training)s” is excused: %(verdict)s"),
    ),
    Notice(
        "training.excuse_refused",
        _("You are not excused from %(training)s"),
        _("Your absence from “%(training)s” is not excused: %(verdict)s. You are expected to attend."),
    ),
    Notice(
        "training.absent",
        _("Absent without excuse: %(training)s"),
        _("You were recorded absent without excuse from “%(training)s”. It counts in the attitude indicator."),
    ),
    Notice(
        "training.feedback",
        _("What did you think of %(training)s?"),
        _("Please answer the short questionnaire about “%(training)s” by %(due_at)s. Nobody is shown your name."),
    ),
    Notice(
        "training.not_taken_up",
        _("Your wish is not taken up: %(training)s"),
        _("Your wish to take part in “%(training)s” is not taken up. Reason: %(reason)s"),
    ),
    Notice(
        "training.proposed",
        _("%(person)s is proposed for “%(course)s”"),
        _("%(person)s is proposed for the course “%(course)s”: %(grounds)s. Enrol them, or say why not."),
    ),
)
