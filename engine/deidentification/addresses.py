"""Postal addresses: where somebody lives, works, or has parcels brought to."""

from collections.abc import Iterator

from engine.deidentification import chinese_addresses, english_addresses
from engine.deidentification.finding import Found


def find(text: str) -> Iterator[Found]:
    """Addresses in either script."""
    yield from chinese_addresses.find(text)
    yield from english_addresses.find(text)
