"""Number plates of vehicles."""

import re
from collections.abc import Iterator

from engine.deidentification.finding import Found, Identifying, matches

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_CHINESE = re.compile(
    rf"[{_PROVINCES}]\s?[A-HJ-NP-Z]\s?[·・•.\-]?\s?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:车牌号?码?|plate(?: number| no\.?)?|registration(?: number| no\.?)?|vehicle reg)\s?(?:是|为|is|was|:|：)?\s?"
    r"(?P<plate>(?=[A-Z\s\-·]{0,7}\d|\d)[A-Z0-9](?:[\s\-·]?[A-Z0-9]){4,9})(?![A-Za-z0-9])",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Found]:
    """Chinese plates by their shape, others by the word before."""
    yield from matches(_CHINESE, text, Identifying.PLATE)
    for found in _NAMED.finditer(text):
        if any(char.isdigit() for char in found["plate"]):
            yield Found(found.start("plate"), found.end("plate"), Identifying.PLATE)
