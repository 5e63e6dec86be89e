"""Text tables: their encoding, delimiter and rows, decided by what the bytes allow, never by the file's name."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper

from engine.tabular.problems import FileRefused
from models.words import _

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ",;\t|"
_PROBE_ROWS = 50
_PROBE_LETTERS = 100_000
_CONTROLS = frozenset(map(chr, range(32))) - set("\t\n\r\f")
_ODD_SHARE = 0.01
_WHOLE_PER_BROKEN = 4


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text table: its bytes, the `encoding` they are in (a Python codec name) and its `delimiter`.

    `skipped`: lines before the table.
    """

    data: bytes
    encoding: str
    delimiter: str
    skipped: int = 0

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every row with its number as a spreadsheet would show it, blank rows too.

        Raises FileRefused when a quotation mark is never closed: all rows behind it would be swallowed silently.
        """
        lines = _Lines(self.data, self.encoding)
        number = self.skipped
        try:
            for number, row in enumerate(csv.reader(lines, delimiter=self.delimiter), 1):
                if number > self.skipped:
                    yield number, row
                if not lines.left:
                    self._check_closed(lines.taken, number)
                lines.taken.clear()
        except csv.Error as error:
            raise _unclosed(number + 1) from error

    def _check_closed(self, lines: list[str], number: int) -> None:
        try:
            list(csv.reader(lines, delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise _unclosed(number) from error


class _Lines:
    """The lines of a text, remembering those that the current row has used and whether any are left.

    They are decoded one by one: a large text as a whole takes four bytes a letter.
    """

    def __init__(self, data: bytes, encoding: str) -> None:
        self._lines = TextIOWrapper(BytesIO(data), encoding, newline="")
        self._ahead = next(self._lines, None)
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._ahead
        if line is None:
            raise StopIteration
        self._ahead = next(self._lines, None)
        self.taken.append(line)
        return line

    @property
    def left(self) -> bool:
        return self._ahead is not None


def _unclosed(row: int) -> FileRefused:
    return FileRefused(_("Row %(row)s opens a quotation mark that is never closed.", row=row))


def read_delimited(data: bytes) -> Delimited:
    """The text table in these bytes. Raises FileRefused when they are no text or their encoding cannot be told."""
    text, encoding = decode(data)
    delimiter, hinted = _hinted_delimiter(text)
    return Delimited(data, encoding, delimiter or sniff_delimiter(text), skipped=int(hinted))


def decode(data: bytes) -> tuple[str, str]:
    """The text and the codec it was read with: the byte order mark's, else UTF-8, else GB18030, each strictly."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _checked(_strictly(data, encoding)), encoding
    for encoding in ("utf-8", "gb18030"):
        try:
            return _checked(data.decode(encoding)), encoding
        except UnicodeDecodeError:
            if encoding == "utf-8" and _is_broken_utf8(data):
                break
    raise _undecodable()


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable() from error


def _undecodable() -> FileRefused:
    return FileRefused(
        _(
            "The file's text is neither UTF-8 nor GB18030, or it is damaged. "
            "Open it in a spreadsheet and save it as xlsx."
        )
    )


def _is_broken_utf8(data: bytes) -> bool:
    """Whether this is UTF-8 with a few broken characters, which GB18030 would turn into other characters silently."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for letter in text if ord(letter) > 127) - broken  # noqa: PLR2004 - the end of ASCII
    return whole > broken * _WHOLE_PER_BROKEN


def _checked(text: str) -> str:
    probe = text[:20_000]
    if "\0" in text or sum(letter in _CONTROLS for letter in probe) > len(probe) * _ODD_SHARE:
        raise FileRefused(_("The file is neither a spreadsheet nor a text table."))
    start = probe.lstrip()[:200].lower()
    if start.startswith(("<!doctype", "<html", "<table", "<?xml", "<meta", "<head", "{", "%pdf", "{\\rtf")):
        raise FileRefused(
            _("The file is a web page or document under another name. Open it in a spreadsheet and save it as xlsx.")
        )
    return text


def _hinted_delimiter(text: str) -> tuple[str, bool]:
    """The delimiter that a first line such as `sep=;` states for Excel."""
    first = text[:10].splitlines()[:1]
    if first and first[0].lower().startswith("sep=") and len(first[0]) == len("sep=;"):
        return first[0][-1], True
    return "", False


def sniff_delimiter(text: str) -> str:
    """Of comma, semicolon, tab and bar the one that cuts the first rows most evenly into several columns."""
    scores = {delimiter: _evenness(text, delimiter) for delimiter in _DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > (0, 0) else ","


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    """How many of the first rows share the commonest width above one, as a share, and that width."""
    widths: list[int] = []
    try:
        for row in csv.reader(StringIO(text[:_PROBE_LETTERS], newline=""), delimiter=delimiter):
            if any(row):
                widths.append(len(row))
            if len(widths) >= _PROBE_ROWS:
                break
    except csv.Error:
        return (0, 0)
    common = Counter(width for width in widths if width > 1).most_common(1)
    return (common[0][1] / len(widths), common[0][0]) if common else (0, 0)
