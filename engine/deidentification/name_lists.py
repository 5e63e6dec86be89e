"""The lists by which names are told from other words (`lists/`): whoever finds a miss or a false alarm adds to them."""

from pathlib import Path

FOLDER = Path(__file__).parent / "lists"


def _words(name: str) -> frozenset[str]:
    return frozenset((FOLDER / f"{name}.txt").read_text(encoding="utf-8").split())


def _characters(name: str) -> str:
    return "".join((FOLDER / f"{name}.txt").read_text(encoding="utf-8").split())


COMPOUND_SURNAMES = _words("compound_surnames")
USUAL_SURNAMES = _characters("usual_surnames")
SURNAMES = frozenset(USUAL_SURNAMES + _characters("rare_surnames"))
GIVEN_CHARACTERS = frozenset(_characters("given_characters"))
"""Characters that people are called by and that seldom go on an everyday word."""
SINGLE_GIVEN = frozenset(_characters("single_given"))
"""Those of them by which people are called alone, as in 张伟."""
COMMON_WORDS = _words("everyday_words")
"""Everyday words that begin with a character that is also a surname."""
ENGLISH_GIVEN = _words("english_given")
PINYIN_SURNAMES = _words("pinyin_surnames")
PINYIN_SYLLABLE = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:iang|iong|uang|ang|eng|ong|ian|iao|ing|uai|uan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|ve|a|o|e|i|u|v)"
)
