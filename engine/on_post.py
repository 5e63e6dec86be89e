"""Who may stand on which channel today, and what speaks against it: one answer for the whole product.

Domains say what they know through the hook `impediments` (onboarding unfinished, an exam not passed, an undertaking
unsigned); whoever puts people to work asks here and nowhere else.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from engine.acting import seeing_all
from engine.answers import Impediment
from engine.packs.parameters import binds, clauses_in_force
from engine.registry import registry
from models.organisation import Staff, StaffStatus
from models.words import Words, _

NOT_AT_WORK: Mapping[StaffStatus, Words] = {
    StaffStatus.CANDIDATE: _("%(person)s has not been taken on yet."),
    StaffStatus.TRAINEE: _("%(person)s is a trainee and has not been put on post yet."),
    StaffStatus.SUSPENDED: _("%(person)s is suspended."),
    StaffStatus.LEFT: _("%(person)s has left."),
}


def impediments(session: Session, people: Sequence[Staff], on: date) -> Mapping[int, Sequence[Impediment]]:
    """What keeps each person off post on a day of the department, by staff id; nothing: they may stand there."""
    found: defaultdict[int, list[Impediment]] = defaultdict(list)
    for person in people:
        if says := NOT_AT_WORK.get(person.status):
            told = {"person": person.label}
            found[person.id].append(Impediment(person.id, "staff.is_at_work", "ORG-1", says, told))
    for each in beyond_status(session, people, on):
        found[each.person_id].append(each)
    return found


def beyond_status(session: Session, people: Sequence[Staff], on: date) -> Sequence[Impediment]:
    """The same without the person's own status: what has to be settled before the status may change (TRN-3)."""
    if not people:
        return ()
    department_of = {person.id: person.department_id for person in people}
    binding = {number: clauses_in_force(session, number) for number in set(department_of.values())}
    with seeing_all():
        answers = registry.hook.impediments(session=session, people=people, on=on)
    return [
        each
        for answer in reversed(answers)
        for each in answer
        if binds(each.clause, binding[department_of[each.person_id]])
    ]
