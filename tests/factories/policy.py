"""Documents of the department as people write them."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.organisation import Department, Staff
from models.policy import PolicyDocument


def policy_document(session: Session, home: Department, changed_by: Staff, **sides: Any) -> PolicyDocument:
    """A first edition, drafted on New Year's Day."""
    given: dict[str, Any] = {
        "code": "D-1",
        "name": {"zh": "规范"},
        "edition": "1",
        "main_change": "首版",
        "body": "",
        "changed_on": date(2026, 1, 1),
        "effective_on": date(2026, 1, 2),
    }
    made = PolicyDocument(department_id=home.id, changed_by_id=changed_by.id, **(given | sides))
    session.add(made)
    session.flush()
    return made
