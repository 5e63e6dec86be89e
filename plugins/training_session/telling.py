"""What those enrolled are told of their session."""

from sqlalchemy.orm import Session

from engine.notices.inbox import notify
from models.training_session import Enrolment, TrainingSession


def tell(session: Session, enrolment: Enrolment, training: TrainingSession, code: str, once: str, **more: str) -> None:
    """Tells whoever is enrolled about `training`, once for each `once`; `more` goes into the text."""
    data = {"training": training.name, "starts_at": training.starts_at, "place": training.place, **more}
    key = f"enrolment:{enrolment.id}:{once}"
    notify(session, enrolment.department_id, [enrolment.staff_id], code, key, data, subject=enrolment)


def tell_of_place(session: Session, enrolment: Enrolment) -> None:
    """Once for each session that somebody is given a place in."""
    training = session.get_one(TrainingSession, enrolment.session_id)
    tell(session, enrolment, training, "training.placed", f"placed:{training.id}")
