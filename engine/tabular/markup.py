"""XML parts of a spreadsheet. The reader that follows is quick and trusting: on broken XML it can turn for ever."""

from collections.abc import Callable, Mapping
from typing import NoReturn
from xml.parsers import expat

from engine.tabular.problems import FileRefused
from models.words import _

SUFFIXES = (".xml", ".rels")
"""How the names of XML parts end."""

_Handler = Callable[[str, dict[str, str]], None]


def declared() -> FileRefused:
    """The refusal of a part that brings its own entities, which can be made to swell or to read other files."""
    return FileRefused(_("The file declares a document type or entities, which a spreadsheet never needs."))


def _refuse_declaration(*_details: object) -> NoReturn:
    raise declared()


def check(content: bytes, on_element: _Handler | None = None) -> None:
    """Reads one part to its end, telling `on_element` each element's name and attributes.

    Raises FileRefused when it is not well-formed or declares a document type.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_declaration
    parser.StartElementHandler = on_element
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise FileRefused(_("The file is damaged: a part of it is broken.")) from error


def check_sheets_are_xml(workbook: bytes, relations: bytes) -> None:
    """Raises FileRefused when an xlsx workbook names as a sheet a part that is not XML by its name.

    Only parts with such names are read to their end above, and any other would go unread to the reader.
    """
    others: set[str] = set()
    used: set[str] = set()

    def note_relation(_name: str, attributes: Mapping[str, str]) -> None:
        if not attributes.get("Target", "").lower().endswith(SUFFIXES):
            others.add(attributes.get("Id", ""))

    def note_sheet(name: str, attributes: Mapping[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            used.update(attributes.values())

    check(relations, note_relation)
    check(workbook, note_sheet)
    if others & used:
        raise FileRefused(_("The file is damaged: a sheet in it is none."))
