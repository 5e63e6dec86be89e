"""Spreadsheets that are zip files: refused before they are parsed when they would swell, lie or name entities."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from engine.tabular import markup
from engine.tabular.limits import MEGABYTE, Limits
from engine.tabular.problems import FileRefused
from models.words import _

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1
# No sheet of any office program declares a document type; letters may be two bytes wide in UTF-16.
_DECLARATION = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)", re.IGNORECASE)


def members(data: bytes, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Name and contents of every member, one at a time, each checked.

    Raises FileRefused for a broken or locked archive, for one larger than the limits (first by what its directory
    says, then by what really comes out), and for XML that is broken or has a document type or entities.
    """
    entries = _directory(data)
    _check_directory(entries, len(data), limits)
    room = limits.inflated_bytes
    for entry in entries:
        content = _inflate(data, entry, room)
        room -= len(content)
        if _DECLARATION.search(content):
            raise markup.declared()
        if entry.filename.lower().endswith(markup.SUFFIXES):
            markup.check(content)
        yield entry.filename, content


def _directory(data: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise FileRefused(_("The file is damaged: it cannot be unpacked.")) from error


def _check_directory(entries: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    if len(entries) > limits.members:
        raise FileRefused(
            _("The file holds more than %(most)s parts; a spreadsheet holds a few dozen.", most=limits.members)
        )
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise FileRefused(_("The file is protected by a password. Save it without one and try again."))
    inflated = sum(entry.file_size for entry in entries)
    if inflated > limits.inflated_bytes:
        raise _too_large(limits)
    if inflated > limits.ratio * size:
        raise FileRefused(_("The file unpacks to more than %(ratio)s times its size.", ratio=limits.ratio))


def _too_large(limits: Limits) -> FileRefused:
    most = limits.inflated_bytes // MEGABYTE
    return FileRefused(_("The file unpacks to more than %(most)s MB. Split it and import the parts.", most=most))


def _inflate(data: bytes, entry: zipfile.ZipInfo, room: int) -> bytes:
    """The member's bytes as its data gives them; the directory's word for the size is not trusted."""
    packed = _packed(data, entry)
    if entry.compress_type == zipfile.ZIP_STORED:
        content = packed
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        content = _deflated(packed, min(room, entry.file_size) + 1)
    else:
        raise FileRefused(_("The file is packed in a way that spreadsheets do not use."))
    if len(content) != entry.file_size:
        raise FileRefused(_("The file is damaged: its parts are not as large as it says."))
    return content


def _packed(data: bytes, entry: zipfile.ZipInfo) -> bytes:
    header = data[entry.header_offset : entry.header_offset + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size:
        raise FileRefused(_("The file is damaged: it cannot be unpacked."))
    _magic, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    start = entry.header_offset + _LOCAL_HEADER.size + name_length + extra_length
    return data[start : start + entry.compress_size]


def _deflated(packed: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most)
    except zlib.error as error:
        raise FileRefused(_("The file is damaged: it cannot be unpacked.")) from error
