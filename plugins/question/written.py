"""Keys and options as people write them in one cell or box."""

import re

from models.question import QuestionKind

LETTERS = "ABCDEFGHIJ"
MARK = re.compile(r"(?:^|(?<=[\s;；,，、|｜。]))[(（]?([A-J])(?:[.．、:：)）]|\s)\s*|(?<=[^\x00-\x7f])([A-J])[.．]\s*")
"""The letter before an option that stands in one line with others: `A. …`, `B、…`, `(C) …`, `D …`."""
BEGUN = re.compile(r"[(（]?([A-Ja-j])(?:[.．、:：)）]\s*|\s+|(?=[^\x00-\x7f]))")
"""The same at the beginning of a line of its own, also right before Chinese: `A红`."""
BETWEEN = (re.compile(r"[\r\n]+"), re.compile(r"[|｜]"), re.compile(r"[;；]"))
ENDS = " \t\r\n|｜;；,，、"
TRUE = frozenset({"true", "t", "yes", "y", "right", "对", "正确", "是", "√", "✓", "1"})
FALSE = frozenset({"false", "f", "no", "n", "wrong", "错", "错误", "否", "×", "x", "0"})


def key_from(kind: QuestionKind, text: str) -> list[str]:
    """The key as people write it in one cell or box: `A C`, `AC`, `对`, `80|eighty; 2`."""
    text = text.strip()
    match kind:
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE:
            return [letter for letter in text.upper() if letter.isalpha()]
        case QuestionKind.TRUE_FALSE:
            said = text.casefold()
            return ["true"] if said in TRUE else ["false"] if said in FALSE else [text] if text else []
        case QuestionKind.FILL_IN:
            lines = text.replace("；", "\n").replace(";", "\n").splitlines()
            return [line.strip() for line in lines if line.strip()]
    return []


def key_text(kind: QuestionKind, key: list[str]) -> str:
    """The key as people write it."""
    match kind:
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE:
            return " ".join(key)
        case QuestionKind.FILL_IN:
            return "\n".join(key)
    return "".join(key)


def options_from(text: str) -> list[str]:
    """The options of one cell, without their letters: `A. red B. blue`, `A red|B blue`, `red; blue`, or one a line."""
    split = (each.split(text.strip()) for each in BETWEEN)
    parts = [part.strip() for part in next((parts for parts in split if len(parts) > 1), [text]) if part.strip()]
    begun = [BEGUN.match(part) for part in parts]
    if len(parts) > 1 and [found and found[1].upper() for found in begun] == list(LETTERS[: len(parts)]):
        return [part[found.end() :].strip(ENDS) for part, found in zip(parts, begun, strict=True) if found]
    marks = _marks(text.strip())
    ends = [mark.start() for mark in marks[1:]] + [None]
    return [text.strip()[mark.end() : end].strip(ENDS) for mark, end in zip(marks, ends, strict=False)] or parts


def _marks(text: str) -> list[re.Match[str]]:
    """The marks A, B, C … in their order, the first at the very beginning; none where they are not such a row."""
    found: list[re.Match[str]] = []
    for mark in MARK.finditer(text):
        if len(found) < len(LETTERS) and (mark[1] or mark[2]) == LETTERS[len(found)]:
            found.append(mark)
    return found if len(found) > 1 and found[0].start() == 0 else []
