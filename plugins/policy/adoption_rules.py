"""What the adoption of a pack must be."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.packs.loader import load_packs
from engine.rules import EDIT, Facts, Verdict, need, rule
from models.policy import Adoption, ParameterValue
from models.words import _

ALWAYS = ""
"""The clause of rules by which adoption itself works: they bind whichever packs are adopted."""


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


ADOPTION_RULES = (pack_is_known, rank_is_its_own, adopted_pack_keeps_its_place, adoption_brings_its_values)
