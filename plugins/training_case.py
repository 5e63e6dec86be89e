"""TRN-12: a case made from real life is kept only once nothing in it tells who the customer was."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.deidentification import Identifying, find
from engine.hooks import hookimpl
from engine.manifest import Domain
from engine.rules import Facts, Verdict, first_writer, need, rule
from engine.transitions.kinds import Ask, Transition
from models.column_names import column_name
from models.service_record import ServiceRecord
from models.training_case import CaseState, TrainingCase
from models.words import _

CLAUSE = "TRN-12"
TEXTS = ("name", "situation", "handling", "lesson")
"""Every column of a case in which somebody writes freely."""


def told_of_the_customer(record: ServiceRecord) -> Mapping[str, Identifying]:
    """What a real record says of its customer, each text with what it is: to be looked for exactly."""
    told = {record.number: Identifying.ORDER_NUMBER}
    for text, kind in ((record.customer_name, Identifying.NAME), (record.customer_contact, Identifying.PHONE)):
        if text and text.strip():
            told[text.strip()] = kind
    details = record.customer_details or ""
    return told | {details[each.start : each.end]: each.kind for each in find(details)}


@need(default={})
def told_by_the_record(
    session: Session, cases: Sequence[TrainingCase]
) -> Mapping[TrainingCase, Mapping[str, Identifying]]:
    """For each case made from a real record, what that record says of its customer."""
    numbers = {case.service_record_id for case in cases if case.service_record_id is not None}
    if not numbers:
        return {}
    records = session.scalars(select(ServiceRecord).where(ServiceRecord.id.in_(numbers)))
    told = {record.id: told_of_the_customer(record) for record in records}
    return {case: told[case.service_record_id] for case in cases if case.service_record_id in told}


@rule(
    CLAUSE,
    TrainingCase,
    needs=(told_by_the_record,),
    says=_("“%(label)s” still tells who somebody is: %(found)s. Mask it, then save."),
)
def case_identifies_nobody(case: TrainingCase, facts: Facts) -> Verdict:
    """The sentence names kinds and numbers only: what was found is not repeated anywhere."""
    kinds = [Identifying(code) for code in facts.parameter("identifying_details")]
    told = facts.loaded(told_by_the_record)
    broken = []
    for name in TEXTS:
        found = Counter(each.kind for each in find(getattr(case, name) or "", kinds, told))
        if found:
            broken.append({"field": name, "label": column_name(name), "found": Kinds(found)})
    return broken


class Kinds:
    """Kinds with how often each was found, in the reader's words: `Name × 2, E-mail address × 1`."""

    def __init__(self, found: Counter[Identifying]) -> None:
        """`found` counts."""
        self.found = found

    def __str__(self) -> str:
        """As a sentence says it."""
        return ", ".join(f"{kind.label} × {times}" for kind, times in self.found.items())


def _publish(session: Session, case: TrainingCase, facts: Facts) -> None:
    case.published_by_id, case.published_at = facts.actor.staff_id, facts.now


MOVES = (
    Transition(
        "publish",
        TrainingCase,
        frozenset({CaseState.DRAFT}),
        CaseState.PUBLISHED,
        _("Publish"),
        CLAUSE,
        effect=_publish,
        tone="good",
    ),
    Transition(
        "return_to_draft",
        TrainingCase,
        frozenset({CaseState.PUBLISHED, CaseState.RETIRED}),
        CaseState.DRAFT,
        _("Return to draft"),
        CLAUSE,
        asks=(Ask("reason", _("Reason")),),
        tone="warn",
    ),
    Transition(
        "retire",
        TrainingCase,
        frozenset({CaseState.PUBLISHED}),
        CaseState.RETIRED,
        _("Retire"),
        CLAUSE,
        tone="quiet",
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="training_case",
        label=_("Training cases"),
        built=(CLAUSE,),
        entities=(TrainingCase,),
        fills=(first_writer(TrainingCase, "author_id"),),
        rules=(case_identifies_nobody,),
        transitions=MOVES,
    )
