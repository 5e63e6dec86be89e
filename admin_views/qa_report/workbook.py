"""The report as an Excel workbook: a sheet a table, the trend as a chart of Excel's own."""

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from admin_views.formats import words
from engine.tabular.mark import Mark
from engine.tabular.writing import set_mark
from models.column_names import column_name
from models.qa_inspection import Severity
from models.words import Words, _

WIDTH_FIRST, WIDTH_OTHERS = 36, 14
TREND = _("Trend")


def workbook_of(figures: Mapping[str, Any], texts: Mapping[str, str | None], mark: Mark) -> bytes:
    """All figures of one edition, and the written parts. Text is written as text: nothing becomes a formula."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        for name, header, rows in _sheets(figures, texts):
            sheet = book.add_worksheet(str(name)[:31])
            sheet.set_column(0, 0, WIDTH_FIRST)
            sheet.set_column(1, len(header), WIDTH_OTHERS)
            for place, title in enumerate(header):
                sheet.write_string(0, place, str(title), bold)
            for line, row in enumerate(rows, start=1):
                for place, value in enumerate(row):
                    _write(sheet, line, place, value)
        _add_trend(book, figures)
        set_mark(book, book.worksheets(), mark)
    return file.getvalue()


Sheet = tuple[Words, Sequence[Words], Sequence[Sequence[Any]]]


def _sheets(figures: Mapping[str, Any], texts: Mapping[str, str | None]) -> list[Sheet]:
    records, mean, findings = _("Records"), _("Mean score"), _("Findings")
    scores, tasks = figures["scores"], figures["rectification"]
    return [
        (
            _("Overview"),
            (_("Figure"), _("Value")),
            [
                (_("Month"), figures["month"]),
                (records, scores["records"]),
                (mean, scores["mean"]),
                (_("Lowest"), scores["lowest"]),
                (_("Highest"), scores["highest"]),
                (_("Recurring findings"), figures["recurring"]),
                (_("Rectification tasks opened"), tasks["opened"]),
                (_("Verified"), tasks["verified"]),
                (_("Completed in time"), tasks["in_time"]),
                (_("Counted as poor"), tasks["failed"]),
                *((column_name(name), text or "") for name, text in texts.items()),
            ],
        ),
        (TREND, (_("Month"), records, mean), [(m["month"], m["records"], m["mean"]) for m in figures["trend"]]),
        (
            _("By item"),
            (_("Item"), _("Category"), findings, _("Points deducted")),
            [
                (words(r["item_name"]), words(r["category_name"]), r["findings"], r["points"])
                for r in figures["by_item"]
            ],
        ),
        (
            _("By severity"),
            (_("Severity"), findings),
            [(Severity(r["name"]).label, r["findings"]) for r in figures["by_severity"]],
        ),
        (_("Causes"), (_("Cause"), findings), [(r["name"], r["findings"]) for r in figures["causes"]]),
        (
            _("By agent"),
            (_("Agent"), records, mean),
            [(r["name"], r["records"], r["mean"]) for r in figures["by_agent"]],
        ),
        (_("By team"), (_("Team"), records, mean), [(r["name"], r["records"], r["mean"]) for r in figures["by_team"]]),
    ]


def _write(sheet: Any, line: int, place: int, value: Any) -> None:
    number = _number(value)
    if number is not None:
        sheet.write_number(line, place, number)
    elif value is not None:
        sheet.write_string(line, place, str(value))


def _number(value: Any) -> float | None:
    """Editions keep exact figures as text; Excel counts in floating point anyway."""
    if isinstance(value, int | Decimal):
        return float(value)
    if isinstance(value, str) and value.replace(".", "", 1).isdigit():
        return float(value)
    return None


def _add_trend(book: Any, figures: Mapping[str, Any]) -> None:
    sheet = book.get_worksheet_by_name(str(TREND))
    last = len(figures["trend"])
    chart = book.add_chart({"type": "line"})
    chart.add_series(
        {
            "name": str(_("Mean score")),
            "categories": [sheet.name, 1, 0, last, 0],
            "values": [sheet.name, 1, 2, last, 2],
            "marker": {"type": "circle"},
            "data_labels": {"value": True},
        }
    )
    chart.set_legend({"none": True})
    chart.set_title({"name": str(_("Mean score by month"))})
    sheet.insert_chart("E2", chart)
