"""Columns as JSON Schema (2020-12)."""

from collections.abc import Mapping
from typing import Any

from api.columns import LARGE, LONGEST, LONGEST_NAME, MOST_LINKS, SMALL, Column, Kind


def schema_of(column: Column) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the column's values, without what its record says of it."""
    schema = dict(SCHEMAS[column.kind])
    if column.kind is Kind.TEXT:
        schema["maxLength"] = column.length or LONGEST
    elif column.kind is Kind.WHOLE:
        greatest = LARGE if column.large else SMALL
        schema |= {"minimum": -greatest, "maximum": greatest}
    elif column.kind is Kind.DECIMAL:
        precision, scale = column.digits or (18, 6)
        schema["pattern"] = rf"^-?[0-9]{{1,{precision - scale}}}(\.[0-9]{{1,{scale}}})?$"
    elif column.kind is Kind.CHOICE and column.choices is not None:
        schema["enum"] = [member.value for member in column.choices]
    elif column.kind is Kind.JSON:
        schema = column.shape.json_schema() if column.shape is not None else {}
    if column.kind in {Kind.LINK, Kind.LINKS} and column.target is not None:
        schema["x-entity"] = column.target.__tablename__
    return schema


ID = {"type": "integer", "minimum": 1, "maximum": SMALL}
SCHEMAS: Mapping[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.WHOLE: {"type": "integer"},
    Kind.DECIMAL: {"type": "string"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
    Kind.CLOCK: {"type": "string", "pattern": r"^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"},
    Kind.CHOICE: {"type": "string"},
    Kind.BILINGUAL: {
        "type": "object",
        "properties": {code: {"type": "string", "maxLength": LONGEST_NAME} for code in ("zh", "en")},
        "minProperties": 1,
        "additionalProperties": False,
    },
    Kind.JSON: {},
    Kind.LINK: ID,
    Kind.LINKS: {"type": "array", "items": ID, "maxItems": MOST_LINKS, "uniqueItems": True},
}
