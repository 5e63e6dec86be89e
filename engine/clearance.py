"""What may leave the department: the approvals under which a person may take internal data away (CNF-4).

Entities declare themselves `internal`; the domain that keeps the approvals answers through the hook `clearances`.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from engine import clock
from engine.acting import Actor, consequences, seeing_all
from engine.answers import Clearance
from engine.registry import registry


def is_internal(entity: str) -> bool:
    """Whether rows of the entity are internal data that leave the department on an approval only."""
    model = registry.entities.get(entity)
    return model is not None and model.__entity__.internal


def clearances(session: Session, entity: str, actor: Actor) -> Sequence[Clearance]:
    """The approvals under which the actor may take rows of `entity` out of the department at this moment."""
    if not is_internal(entity):
        return ()
    with seeing_all():
        answers = registry.hook.clearances(session=session, entity=entity, actor=actor, now=clock.now())
    return [each for answer in reversed(answers) for each in answer]


def taken(session: Session, clearance: Clearance, entity: str, rows: int) -> None:
    """Tell the domain of the approval that a file was taken under it. The caller commits."""
    with consequences(), seeing_all():
        registry.hook.taken(session=session, clearance=clearance, entity=entity, rows=rows)
