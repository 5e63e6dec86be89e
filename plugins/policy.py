"""ORG-8: the company's documents are versioned, reviewed, and take effect on their day; staff are told."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendar_seed import FIRST_YEAR, seed_calendar
from engine.circumstances import today_in
from engine.hooks import hookimpl
from engine.manifest import Domain, Notice
from engine.notices.inbox import notify
from engine.packs import declared
from engine.packs.loader import load_packs
from engine.rules import CREATE, EDIT, Facts, Fill, Verdict, four_eyes, last_editor, need, rule
from engine.transitions.kinds import Ask, Transition
from engine.transitions.performing import perform
from models.calendar import CalendarDay, CalendarYear
from models.organisation import Department, Staff, StaffStatus
from models.policy import Adoption, DocumentState, ParameterValue, PolicyDocument
from models.words import _

ALWAYS = ""
"""The clause of rules by which adoption itself works: they bind whichever packs are adopted."""


@rule(
    "ORG-8",
    PolicyDocument,
    field="main_change",
    says=_("Say what the main change is, so that people know what to read."),
)
def main_change_is_stated(document: PolicyDocument, facts: Facts) -> Verdict:
    """A version without its main change cannot be told to anybody."""
    return bool(document.main_change and document.main_change.strip())


@rule(
    "ORG-8",
    PolicyDocument,
    field="effective_on",
    changed=("effective_on", "changed_on"),
    says=_("A version takes effect on or after the day it was changed (%(changed)s)."),
)
def effect_follows_change(document: PolicyDocument, facts: Facts) -> Verdict:
    """No version is in effect before it was written."""
    return document.effective_on >= document.changed_on or {"changed": document.changed_on}


@rule(
    "ORG-8",
    PolicyDocument,
    on=frozenset({EDIT}),
    changed=("code", "name", "edition", "main_change", "body", "effective_on"),
    says=_("A reviewed version is not edited: return it to draft first, and have it reviewed again."),
)
def reviewed_text_stays(document: PolicyDocument, facts: Facts) -> Verdict:
    """What takes effect is what was reviewed."""
    return document.state is not DocumentState.REVIEWED


@need(default=frozenset())
def ranks_of_other_packs(session: Session, adoptions: Sequence[Adoption]) -> Mapping[Adoption, frozenset[int]]:
    """For each adoption, the ranks that the department's other packs hold."""
    departments = {adoption.department_id for adoption in adoptions}
    query = select(Adoption.department_id, Adoption.pack, Adoption.rank).where(Adoption.department_id.in_(departments))
    held = {(department, pack): rank for department, pack, rank in session.execute(query)}
    held |= {(each.department_id, each.pack): each.rank for each in adoptions}
    return {
        each: frozenset(rank for (home, pack), rank in held.items() if home == each.department_id and pack != each.pack)
        for each in adoptions
    }


@need(default=0)
def values_written_with_it(session: Session, adoptions: Sequence[Adoption]) -> Mapping[Adoption, int]:
    """For each adoption, how many values of its pack's version this very write brings."""
    values = Counter(
        (value.department_id, value.pack, value.pack_version)
        for value in session.new
        if isinstance(value, ParameterValue)
    )
    return {each: values[each.department_id, each.pack, each.pack_version] for each in adoptions}


@rule(ALWAYS, Adoption, field="pack", says=_("There is no policy pack %(pack)s. There are: %(known)s."))
def pack_is_known(adoption: Adoption, facts: Facts) -> Verdict:
    """Only a pack whose file is sound can be adopted."""
    return adoption.pack in load_packs() or {"pack": adoption.pack, "known": ", ".join(sorted(load_packs()))}


@rule(
    ALWAYS,
    Adoption,
    field="rank",
    needs=(ranks_of_other_packs,),
    says=_("Another pack already has rank %(rank)s: it would be open which of the two wins."),
)
def rank_is_its_own(adoption: Adoption, facts: Facts) -> Verdict:
    """Of two packs that set the same value, the higher rank wins."""
    return adoption.rank not in facts.loaded(ranks_of_other_packs) or {"rank": adoption.rank}


@rule(
    ALWAYS,
    Adoption,
    on=frozenset({EDIT}),
    changed=("pack", "rank", "department_id"),
    says=_("An adopted pack keeps its rank: past records would be judged anew."),
)
def adopted_pack_keeps_its_place(adoption: Adoption, facts: Facts) -> Verdict:
    """Last month's records are judged by last month's rules."""
    return False


@rule(
    ALWAYS,
    Adoption,
    field="pack",
    changed=("pack_version",),
    needs=(values_written_with_it,),
    says=_("A pack is adopted together with its values: use the page of the packs."),
)
def adoption_brings_its_values(adoption: Adoption, facts: Facts) -> Verdict:
    """An adoption without values would promise rules that nothing judges by."""
    return adoption.pack not in load_packs() or facts.loaded(values_written_with_it) > 0


def clause_of_the_name(session: Session, values: Sequence[ParameterValue]) -> None:
    """A value belongs to the clause that the packs name for it."""
    for value in values:
        said = declared.declaration(value.name)
        if said is not None:
            value.clause = said.clause


@rule(
    ALWAYS,
    ParameterValue,
    field="reason",
    on=frozenset({CREATE}),
    says=_("Say why the value changes: the history keeps it."),
)
def change_of_value_has_a_reason(value: ParameterValue, facts: Facts) -> Verdict:
    """A pack's own values come with the pack; whoever changes one says why."""
    return value.pack is not None or bool(value.reason and value.reason.strip())


@rule(
    ALWAYS, ParameterValue, field="name", on=frozenset({CREATE}), says=_("No policy pack knows a value named %(name)s.")
)
def value_has_a_known_name(value: ParameterValue, facts: Facts) -> Verdict:
    """A value that no rule asks for would be changed in vain."""
    return declared.is_known(value.name) or {"name": value.name}


@rule(ALWAYS, ParameterValue, field="value", on=frozenset({CREATE}), says=_("This value cannot be set: %(problem)s"))
def value_keeps_type_and_bounds(value: ParameterValue, facts: Facts) -> Verdict:
    """The pack says of what type a value is and between which bounds it lies."""
    return [{"problem": problem} for problem in declared.problems(value.name, value.value)]


@rule(
    ALWAYS,
    ParameterValue,
    field="value",
    on=frozenset({CREATE}),
    says=_("Pack %(pack)s does not set this value: leave the pack empty to set a value of the department's own."),
)
def pack_value_is_what_the_pack_says(value: ParameterValue, facts: Facts) -> Verdict:
    """Where a value came from is shown beside it, so nothing passes under a pack's name that the pack does not say."""
    if value.pack is None:
        return True
    pack = load_packs().get(value.pack)
    said = declared.declarations(value.pack).get(value.name) if pack else None
    kept = pack is not None and said is not None and (said.value, pack.version) == (value.value, value.pack_version)
    return kept or {"pack": value.pack}


@rule(
    ALWAYS,
    ParameterValue,
    on=frozenset({EDIT}),
    says=_("A value in force is not edited. Add the next value with its date."),
)
def history_is_kept(value: ParameterValue, facts: Facts) -> Verdict:
    """The history is the record: values are added."""
    return False


def _keep_reviewer(session: Session, document: PolicyDocument, facts: Facts) -> None:
    document.reviewed_by_id, document.reviewed_at = facts.actor.staff_id, facts.now


def _forget_reviewer(session: Session, document: PolicyDocument, facts: Facts) -> None:
    document.reviewed_by_id = document.reviewed_at = None


def _replace_former(session: Session, document: PolicyDocument, facts: Facts) -> None:
    """The version that was in effect is replaced, and everybody is told what changed."""
    former = session.scalars(
        select(PolicyDocument).where(
            PolicyDocument.department_id == document.department_id,
            PolicyDocument.code == document.code,
            PolicyDocument.state == DocumentState.IN_EFFECT,
            PolicyDocument.id != document.id,
        )
    ).all()
    for old in former:
        perform(session, old, "replace")
    present = select(Staff.id).where(
        Staff.department_id == document.department_id,
        Staff.status.not_in([StaffStatus.LEFT, StaffStatus.CANDIDATE]),
    )
    data = {"name": document.name, "edition": document.edition, "change": document.main_change, "from": facts.today}
    notify(
        session,
        document.department_id,
        session.scalars(present),
        "policy.in_effect",
        f"document:{document.id}",
        data,
        subject=document,
    )


@hookimpl
def due(session: Session, now: datetime) -> int:
    """Reviewed documents take effect on their day."""
    waiting = session.scalars(select(PolicyDocument).where(PolicyDocument.state == DocumentState.REVIEWED)).all()
    effective = [d for d in waiting if d.effective_on <= today_in(session, d.department_id)]
    for document in sorted(effective, key=lambda d: d.effective_on):
        perform(session, document, "take_effect")
    return len(effective)


@hookimpl
def adopted(session: Session, department: Department) -> None:
    """Deadlines count in working days, so a department begins with the official calendar."""
    seed_calendar(session, department, range(FIRST_YEAR, today_in(session, department.id).year + 2))


DRAFT = frozenset({DocumentState.DRAFT})
MOVES = (
    Transition(
        "review",
        PolicyDocument,
        DRAFT,
        DocumentState.REVIEWED,
        _("Review"),
        "ORG-8",
        guards=(four_eyes("ORG-8", PolicyDocument, "changed_by_id"),),
        effect=_keep_reviewer,
        tone="good",
    ),
    Transition(
        "return_to_draft",
        PolicyDocument,
        frozenset({DocumentState.REVIEWED}),
        DocumentState.DRAFT,
        _("Return to draft"),
        "ORG-8",
        asks=(Ask("reason", _("Reason")),),
        effect=_forget_reviewer,
        tone="warn",
    ),
    Transition(
        "take_effect",
        PolicyDocument,
        frozenset({DocumentState.REVIEWED}),
        DocumentState.IN_EFFECT,
        _("Take effect"),
        "ORG-8",
        effect=_replace_former,
        by_system=True,
    ),
    Transition(
        "replace",
        PolicyDocument,
        frozenset({DocumentState.IN_EFFECT}),
        DocumentState.REPLACED,
        _("Replace"),
        "ORG-8",
        by_system=True,
    ),
)


@hookimpl
def domain() -> Domain:
    """What this chapter brings."""
    return Domain(
        name="policy",
        label=_("Rulebook"),
        built=("ORG-8",),
        entities=(Adoption, ParameterValue, PolicyDocument, CalendarDay, CalendarYear),
        fills=(Fill(ParameterValue, clause_of_the_name), last_editor(PolicyDocument, "changed_by_id", DRAFT)),
        rules=(
            main_change_is_stated,
            effect_follows_change,
            reviewed_text_stays,
            pack_is_known,
            rank_is_its_own,
            adopted_pack_keeps_its_place,
            adoption_brings_its_values,
            change_of_value_has_a_reason,
            value_has_a_known_name,
            value_keeps_type_and_bounds,
            pack_value_is_what_the_pack_says,
            history_is_kept,
        ),
        transitions=MOVES,
        notices=(
            Notice(
                "policy.in_effect",
                _("%(name)s %(edition)s is in effect"),
                _("%(name)s, version %(edition)s, is in effect from %(from)s. Main change: %(change)s"),
            ),
        ),
    )
