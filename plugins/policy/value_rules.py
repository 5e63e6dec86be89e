"""What a parameter's value must be."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from engine.packs import declared
from engine.packs.loader import load_packs
from engine.rules import CREATE, EDIT, Facts, Verdict, rule
from models.policy import ParameterValue
from models.words import _
from plugins.policy.adoption_rules import ALWAYS


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


VALUE_RULES = (
    change_of_value_has_a_reason,
    value_has_a_known_name,
    value_keeps_type_and_bounds,
    pack_value_is_what_the_pack_says,
    history_is_kept,
)
