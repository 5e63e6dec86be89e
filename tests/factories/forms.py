"""A form as a browser would send it, read from the page that holds it."""

from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict


class _Reader(HTMLParser):
    """Collects the successful controls of the form that carries a mark."""

    def __init__(self, mark: str) -> None:
        super().__init__()
        self.mark, self.inside, self.blank = mark, False, 0
        self.fields: MultiDict[str, str] = MultiDict()
        self.select: str | None = None
        self.area: str | None = None
        self.first = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self.inside = self.mark in has
        if tag == "template":
            self.blank += 1
        if not self.inside or self.blank:
            return
        name, value = has.get("name") or "", has.get("value") or ""
        if tag == "input" and name and (has.get("type") != "checkbox" or "checked" in has):
            self.fields.add(name, value)
        elif tag == "textarea":
            self.area = name
            self.fields.add(name, "")
        elif tag == "select":
            self.select, self.first = name, True
        elif tag == "option" and self.select and (self.first or "selected" in has):
            self.fields.setlist(self.select, [value])
            self.first = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.blank -= 1
        elif tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area is not None and self.inside and not self.blank:
            self.fields.setlist(self.area, [self.fields.get(self.area, "") + data])


def form_in(page: str, mark: str) -> MultiDict[str, str]:
    """What the form with the attribute `mark` sends when nobody changes anything."""
    reader = _Reader(mark)
    reader.feed(page)
    return reader.fields
