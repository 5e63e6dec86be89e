"""What records are called, as engine.titles tells every door."""

from engine.titles import title_loads, title_of, titled, titles_of

__all__ = ["title_loads", "title_of", "titled", "titles_of"]
