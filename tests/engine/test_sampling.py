from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sampling import Candidate, draw

ROWS = [Candidate(n, f"C{n:04}", agent_id=n % 7, channel_id=n % 3) for n in range(400)]


@pytest.mark.clause("QA-3")
def test_same_seed_draws_the_same_whatever_the_order() -> None:
    assert draw(ROWS, "seed", 5) == draw(ROWS[::-1], "seed", 5)


@pytest.mark.clause("QA-3")
def test_other_seed_draws_another_sample_from_the_same_population() -> None:
    one, other = draw(ROWS, "one", 5), draw(ROWS, "other", 5)
    assert one.population_hash == other.population_hash
    assert one.sample_hash != other.sample_hash


def test_changed_population_shows_in_its_fingerprint() -> None:
    assert draw(ROWS[1:], "seed", 5).population_hash != draw(ROWS, "seed", 5).population_hash


@given(st.text(min_size=1, max_size=20), st.integers(1, 12))
def test_sample_is_even_across_agents_and_within_each(seed: str, per_agent: int) -> None:
    drawn = draw(ROWS, seed, per_agent)
    of_agent = Counter(row.agent_id for row in drawn.sample)
    assert set(of_agent.values()) == {per_agent}
    for agent in of_agent:
        channels = Counter(row.channel_id for row in drawn.sample if row.agent_id == agent)
        counts = [channels[c] for c in range(3)]
        assert max(counts) - min(counts) <= 1


def test_agent_with_few_records_gives_all_of_them() -> None:
    assert len(draw(ROWS[:3], "seed", 5).sample) == 3


def test_nothing_is_drawn_from_nothing() -> None:
    assert draw([], "seed", 5).sample == ()
