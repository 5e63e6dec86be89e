"""A stratified random draw that anyone can do again: same seed and same population, same sample (QA-3).

Each row's place in the draw is the SHA-256 of seed and number, so no random generator of some library version is part
of the record. Within an agent, channels take turns, so a sample is even across agents and within each.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

METHOD = "sha256-stratified-1"


@dataclass(frozen=True)
class Candidate:
    """A record that can be drawn: its id and number, and the strata it lies in."""

    id: int
    number: str
    agent_id: int
    channel_id: int


@dataclass(frozen=True)
class Stratum:
    """How many of an agent's records of one channel there were, and how many were drawn."""

    agent_id: int
    channel_id: int
    population: int
    drawn: int


@dataclass(frozen=True)
class Draw:
    """The sample in the order of its drawing, and what anyone needs to check it."""

    sample: tuple[Candidate, ...]
    population: int
    population_hash: str
    sample_hash: str
    strata: tuple[Stratum, ...]


def draw(candidates: Iterable[Candidate], seed: str, per_agent: int) -> Draw:
    """Draw up to `per_agent` records of each agent. The order in which candidates come in does not matter."""
    rows = sorted(candidates, key=lambda row: row.number)
    by_agent: defaultdict[int, defaultdict[int, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        by_agent[row.agent_id][row.channel_id].append(row)
    sample: list[Candidate] = []
    for agent_id in sorted(by_agent):
        sample += _of_one_agent(by_agent[agent_id], seed)[:per_agent]
    drawn = sorted(sample, key=lambda row: place(seed, row.number))
    return Draw(
        tuple(drawn),
        len(rows),
        fingerprint(row.number for row in rows),
        fingerprint(row.number for row in drawn),
        _strata(by_agent, drawn),
    )


def place(seed: str, number: str) -> str:
    """Where a record stands in the draw of a seed: the smaller, the earlier."""
    return hashlib.sha256(f"{seed}\0{number}".encode()).hexdigest()


def fingerprint(numbers: Iterable[str]) -> str:
    """SHA-256 over record numbers in the order given."""
    digest = hashlib.sha256()
    for number in numbers:
        digest.update(number.encode() + b"\n")
    return digest.hexdigest()


def _of_one_agent(channels: dict[int, list[Candidate]], seed: str) -> list[Candidate]:
    """Channels take turns; which begins is the seed's choice too."""
    queues = [sorted(rows, key=lambda row: place(seed, row.number)) for rows in channels.values()]
    queues.sort(key=lambda rows: place(seed, rows[0].number))
    return [row for row in chain.from_iterable(zip_longest(*queues)) if row is not None]


def _strata(by_agent: dict[int, defaultdict[int, list[Candidate]]], drawn: Sequence[Candidate]) -> tuple[Stratum, ...]:
    counts: defaultdict[tuple[int, int], int] = defaultdict(int)
    for row in drawn:
        counts[row.agent_id, row.channel_id] += 1
    return tuple(
        Stratum(agent, channel, len(rows), counts[agent, channel])
        for agent, channels in sorted(by_agent.items())
        for channel, rows in sorted(channels.items())
    )
