"""Postal addresses in Latin letters: a street with its number, and the flat, house, town and postcode round it."""

import re
from collections.abc import Iterator

from engine.deidentification.finding import Found, Identifying, matches

_WAY = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|"
    r"Crescent|Cres|Close|Parkway|Pkwy|"
    r"Highway|Hwy|Circle|Cir|Alley|Row|Mews|Gardens?|Way|Walk|Grove|Hill|Rise|Quay|Parade|Green|Park|Gate|Yard|"
    r"Wharf|View|Loop|Trail|Pike|Plaza|"
    r"Embankment|Esplanade|Promenade|Vale|Heights|Fields?|Meadows?|Bank|Villas|Chase|Drove|Hutong)"
)
_UNIT = (
    r"(?:(?:Apt|Apartment|Flat|Studio|Unit|Suite|Ste|Room|Rm|Building|Bldg|Block|Floor|Fl|Tower|House|No|Lane|"
    r"Level|Lot|Alley)\.?\s?#?\d[0-9A-Za-z\-]{0,5}(?:\sBuilding)?"
    r"|\d{1,3}(?:/F|(?:st|nd|rd|th)\s[Ff]loor)|#\s?\d{1,5}|Flat\s[A-Z]|Room\s[A-Z])\b"
)
_CAPITAL = r"(?:St\.|[A-Z][A-Za-zÀ-ž'’\-]{0,30})"
_NAME = rf"(?:{_CAPITAL}\s){{0,3}}{_CAPITAL}"
_POSTCODE = (
    r"(?:,?\s(?:(?:[A-Z]{2}\s)?\d{5,6}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]{0,2}\s?\d[A-Z]{2}\b|[A-Z]\d[\dW]\s?[A-Z\d]{4}\b))"
)
_AROUND = rf"(?:,\s?(?:{_UNIT}|{_NAME}{_POSTCODE}?))"
_ADDRESS = re.compile(
    rf"(?<!\w)(?:(?:{_UNIT}|{_NAME}),?\s){{0,3}}\d{{1,5}}[A-Za-z]?(?:-\d{{1,5}})?,?\s(?:(?:{_CAPITAL}|"
    rf"\d{{1,3}}(?:st|nd|rd|th))\s){{1,5}}{_WAY}\b\.?"
    rf"(?:\s{_UNIT})?{_AROUND}{{0,5}}{_POSTCODE}?"
)
_WITH_POSTCODE = re.compile(
    rf"(?<!\w)\d{{1,6}}[A-Za-z]?\s{_NAME}(?:,?\s{_UNIT}){{0,2}}(?:,\s{_NAME}){{0,3}}{_POSTCODE}(?:\s{_NAME})?"
)
_UNITS = re.compile(rf"(?<!\w){_UNIT}(?:,?\s{_UNIT}){{0,3}}{_AROUND}{{1,5}}{_POSTCODE}?")
_BOX = re.compile(rf"\b[Pp]\.?\s?[Oo]\.?\s?[Bb](?:ox|OX)\s\d+\b{_AROUND}{{0,3}}")
_POSTCODE_ALONE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]{0,2}\s\d[A-Z]{2}\b")
_NAMED = re.compile(
    r"\b(?:address(?:\sis|\swas|:)?|lives? at|living at|resid(?:es|ing) at|(?:delivered|deliver it|shipped|"
    r"ship it|ship|sent|send it|moved) to)\s?"
    r"(?P<address>(?=[^.;\n]{0,60}\d)[A-Z0-9#][^.;,\n!?]{3,60}(?:,\s?[A-Z0-9][^.;,\n!?]{1,40}){0,4})",
)


def find(text: str) -> Iterator[Found]:
    """Streets and flats with a number, postcodes, boxes, and what follows a word that says so."""
    for pattern in (_ADDRESS, _WITH_POSTCODE, _UNITS, _BOX, _POSTCODE_ALONE):
        yield from matches(pattern, text, Identifying.ADDRESS)
    yield from matches(_NAMED, text, Identifying.ADDRESS, "address")
