"""What may leave the department is answered by whichever domain keeps the approvals."""

from datetime import date

from sqlalchemy.orm import Session

from engine.answers import Clearance
from engine.clearance import clearances, is_internal, taken
from engine.hooks import hookimpl
from engine.registry import registry
from models.organisation import Post
from tests.factories.organisation import actor_of, department, staff

APPROVAL = Clearance("somewhere", 7, "集团审计部", date(2026, 5, 20))


class Neighbour:
    """A domain that approves, and is told what was taken."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    @hookimpl
    def clearances(self, entity: str) -> list[Clearance]:
        return [APPROVAL] if entity == "qa_inspection" else []

    @hookimpl
    def taken(self, clearance: Clearance, entity: str, rows: int) -> None:
        if clearance.entity == "somewhere":
            self.told.append((entity, rows))


def test_hook_clearances_say_under_what_internal_data_may_leave(session: Session) -> None:
    home = department(session)
    boss = staff(session, home, Post.MANAGER)
    with registry.with_plugin(Neighbour()):
        assert clearances(session, "qa_inspection", actor_of(boss)) == [APPROVAL]
        assert clearances(session, "staff", actor_of(boss)) == ()
    assert clearances(session, "qa_inspection", actor_of(boss)) == []
    assert (is_internal("qa_inspection"), is_internal("staff"), is_internal("unknown")) == (True, False, False)


def test_hook_taken_tells_the_domain_of_the_approval(session: Session) -> None:
    neighbour = Neighbour()
    with registry.with_plugin(neighbour):
        taken(session, APPROVAL, "qa_inspection", 12)
    assert neighbour.told == [("qa_inspection", 12)]
