"""Policy packs: the rulebook's values as data."""
