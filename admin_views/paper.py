"""Pages as PDF. They read nothing but what stands in themselves: no network, no file of this machine."""

from functools import cache
from pathlib import Path
from typing import Any

from flask import render_template
from flask_babel import format_datetime

from models.words import Words, _

CHINESE_FONTS = (
    "notosanscjk",
    "notoserifcjk",
    "sourcehan",
    "wqy",
    "simsun",
    "simhei",
    "msyh",
    "pingfang",
    "notosanssc",
    "droidsansfallback",
)
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)

LACKING = _(
    "This server cannot make PDF files: the library Pango is not installed. Ask your administrator (Debian: "
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0); the Excel file holds the same figures."
)


class PaperError(Exception):
    """No PDF can be made here. `sentence` says what is missing."""

    def __init__(self, sentence: Words) -> None:
        """For the person who asked for it."""
        super().__init__(str(sentence))
        self.sentence = sentence


def pdf_of(template: str, **data: Any) -> bytes:
    """The template, a whole page of its own, as PDF. Raises PaperError when the libraries that draw it are lacking."""
    try:
        from weasyprint import HTML  # noqa: PLC0415 it loads system libraries, which a small installation may lack
        from weasyprint.urls import URLFetcher  # noqa: PLC0415 the same
    except OSError as error:
        raise PaperError(LACKING) from error
    page = render_template(template, lacks_font=not has_chinese_font(), at=format_datetime, **data)
    return bytes(
        HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=("data",), allow_redirects=False)).write_pdf()
    )


@cache
def has_chinese_font() -> bool:
    """Whether a font for Chinese seems to be installed, judging by the names of font files."""
    folders = (Path(folder).expanduser() for folder in FONT_FOLDERS)
    files = (file for folder in folders if folder.is_dir() for file in folder.rglob("*.[ot]t[fc]"))
    return any(
        name in file.name.casefold().replace("-", "").replace("_", "") for file in files for name in CHINESE_FONTS
    )
