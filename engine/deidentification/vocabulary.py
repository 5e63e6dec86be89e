"""How likely words, family names and given characters are: what is read as a name is what is no likelier as words.

- `lists/words.txt`: words of Chinese by how rare they are, the negative natural logarithm of their share
- `lists/trade_words.txt`: words of contact centres that are too young to stand there; a false alarm is mended here
- `lists/english_words.txt`: the usual words of English that are no names

`lists/NOTICE.txt` says where they come from.
"""

from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "lists"
TRADE_WORD, UNKNOWN = 10.0, 14.0
"""How rare a word of the trade is, and a character that is no word by itself."""
USUAL_SURNAME, COMPOUND_SURNAME, RARE_SURNAME, ODD_SURNAME = 4.0, 5.0, 7.0, 12.0
USUAL_GIVEN, ODD_GIVEN = 5.5, 8.0
OTHER_PEOPLES_NAME, OTHER_PEOPLES_CHARACTER = 4.0, 4.5
LONGEST_WORD = 4


def _texts(name: str) -> list[str]:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split()


def _words() -> Iterator[tuple[str, float]]:
    for line in (FOLDER / "words.txt").read_text(encoding="utf-8").splitlines():
        rarity, *words = line.split()
        yield from ((word, float(rarity)) for word in words)


WORDS = dict(_words()) | dict.fromkeys(_texts("trade_words"), TRADE_WORD)
COMPOUND_SURNAMES = frozenset(_texts("compound_surnames"))
USUAL_SURNAMES = frozenset("".join(_texts("usual_surnames")))
RARE_SURNAMES = frozenset("".join(_texts("rare_surnames")))
GIVEN_CHARACTERS = frozenset("".join(_texts("given_characters")))

OTHER_PEOPLES = frozenset("".join(_texts("other_peoples")))
"""Characters by which names of Mongols, Tibetans, Uygurs and others are written down."""
ENGLISH_WORDS = frozenset(_texts("english_words"))
ENGLISH_GIVEN = frozenset(_texts("english_given"))

PINYIN_SYLLABLE = (
    "(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:iang|iong|uang|ang|eng|ong|ian|iao|ing|uai|uan|ai|ei|ao|ou|an|en|er|ia|ie|iu|in|ua|uo|ui|un|ue|ve|[aeiouvü]))"
)


def word(characters: str) -> float | None:
    """How rare a word is; None when it is none. Every single character may stand for itself."""
    return WORDS.get(characters, UNKNOWN if len(characters) == 1 else None)


def surname(characters: str) -> float:
    """How rare a family name of one character or two is; infinite when two are none."""
    if len(characters) > 1:
        return COMPOUND_SURNAME if characters in COMPOUND_SURNAMES else float("inf")
    if characters in USUAL_SURNAMES:
        return USUAL_SURNAME
    return RARE_SURNAME if characters in RARE_SURNAMES else ODD_SURNAME


def given(characters: str) -> float:
    """How rare given names are of these characters."""
    return sum(USUAL_GIVEN if char in GIVEN_CHARACTERS else ODD_GIVEN for char in characters)


def other_peoples(characters: str) -> float:
    """How rare a name of another people is; infinite when it is none."""
    if not OTHER_PEOPLES.issuperset(characters):
        return float("inf")
    return OTHER_PEOPLES_NAME + OTHER_PEOPLES_CHARACTER * len(characters)
