"""Whoever is enrolled is reminded before the start (TRN-2); an excuse is decided before it (TRN-4)."""

from datetime import datetime

from engine.manifest import Notice
from engine.obligations.kinds import Kind
from engine.rules import Facts
from models.organisation import Post
from models.training_session import Enrolment, EnrolmentState
from models.words import _

CAME = frozenset({EnrolmentState.ATTENDED, EnrolmentState.COMPLETED})


def _starts(enrolment: Enrolment, facts: Facts) -> datetime:
    return enrolment.starts_at or facts.now


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
DUTIES = (ATTEND, DECIDE)

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
)
