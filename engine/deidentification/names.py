"""Names of people, in Chinese characters, in pinyin and in English."""

from collections.abc import Iterator

from engine.deidentification import chinese_names, english_names
from engine.deidentification.finding import Found


def find(text: str) -> Iterator[Found]:
    """Names in either script."""
    yield from chinese_names.find(text)
    yield from english_names.find(text)
