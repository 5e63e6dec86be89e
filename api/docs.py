"""The page for people who write programs: how to begin, and the document in readable form."""

from flask import render_template
from flask.typing import ResponseReturnValue

from api import limits
from api.bulk import MOST as MOST_ROWS
from api.door import PREFIX, pages, settings
from api.idempotency import KEPT
from api.queries import MOST


@pages.get("/docs")
def docs() -> ResponseReturnValue:
    """Open to all: what needs a token is fetched by the page with the token that its reader gives it."""
    numbers = {
        "most": MOST,
        "rows": MOST_ROWS,
        "hours": int(KEPT.total_seconds() // 3600),
        "per_minute": settings().api_per_minute,
        "window": limits.WINDOW,
    }
    return render_template("api/docs.html", base=f"{settings().public_url}{PREFIX}", prefix=PREFIX, **numbers)
