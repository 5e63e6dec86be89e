"""Names: the Hundred Family Surnames with given names of any character, peoples with other names, and English ones."""

from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent / "words"


def _words(name: str) -> list[str]:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split()


USUAL, HUNDRED, GIVEN = ("".join(_words(name)) for name in ("usual_surnames", "hundred_surnames", "given_characters"))
COMPOUND, FARTHER = _words("compound_surnames"), _words("other_peoples")
FIRST, LAST = _words("english_first"), _words("english_last")
PINYIN, SYLLABLES = _words("pinyin_surnames"), _words("pinyin_given")


def surname(chance: Random) -> str:
    """A Chinese family name, every second one of any rarity."""
    if chance.random() < 0.06:
        return chance.choice(COMPOUND)
    return chance.choice(USUAL if chance.random() < 0.5 else HUNDRED)


def chinese(chance: Random) -> str:
    """A full name in Chinese characters."""
    if chance.random() < 0.05:
        return chance.choice(FARTHER)
    family = surname(chance)
    given = "".join(chance.choice(GIVEN) for _character in range(1 if chance.random() < 0.2 else 2))
    return family + given


def familiar(chance: Random) -> str:
    """小王: how people who know each other speak."""
    return chance.choice("小老阿") + chance.choice(USUAL)


def english(chance: Random) -> str:
    """A full name in Latin letters, be it English, foreign or a Chinese one in pinyin."""
    if chance.random() < 0.3:
        given = chance.choice(SYLLABLES) + chance.choice(("", "-", "'")) + chance.choice(SYLLABLES).lower()
        family = chance.choice(PINYIN)
        return chance.choice((f"{family} {given}", f"{given} {family}"))
    middle = chance.choice(("", "", "", f"{chance.choice('ABCDEFGHJKLMNPRSTW')}. "))
    return f"{chance.choice(FIRST)} {middle}{chance.choice(LAST)}"


def english_surname(chance: Random) -> str:
    """A family name in Latin letters."""
    return chance.choice(LAST + PINYIN)
