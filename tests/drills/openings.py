"""The holes H1 to H24, put back one at a time: a plugin for pytest that opens the one which HOLE names.

A function keeps its name and place and gets another body, so that whoever imported it meets the hole as well.
"""

# ruff: noqa: ARG005 each body keeps the signature of what it stands in for

import os
from collections.abc import Callable
from typing import Any

HOLE = "DUTYBOOK_HOLE"


def pytest_collection_finish() -> None:
    """Before the application is built."""
    OPENINGS[os.environ[HOLE]]()


def reopen(function: Any, body: Any) -> None:
    function.__code__ = body.__code__


def see_all_rows() -> None:
    from admin_views.base import access, links, querying
    from engine import scope

    reopen(scope.limit_rows, lambda state: None)
    reopen(access._readable, lambda model, who: [])
    reopen(querying.scope_of, lambda model, action="read": [])
    reopen(links.choosable, lambda model, narrow: [])


def h1() -> None:
    from admin_views import redirects

    reopen(redirects.safe_target, lambda url: url or None)


def h3() -> None:
    from engine import permissions

    reopen(permissions.may, lambda actor, entity, action: True)
    reopen(permissions.may_do_to, lambda session, actor, action, record: True)


def h4() -> None:
    from flask_wtf.csrf import CSRFProtect

    reopen(CSRFProtect.protect, lambda self: None)


def h5() -> None:
    from admin_views.base import EntityView

    reopen(EntityView.is_accessible, lambda self: True)


def h7() -> None:
    from admin_views.base import EntityView

    EntityView.fast_mass_delete = True


def h8() -> None:
    from admin_views.base import declaring

    reopen(declaring.check, lambda view: None)


def h9() -> None:
    from engine.permissions import Matrix

    reopen(Matrix.sight, lambda self, actor, entity, field: Sight.WRITE)  # type: ignore[name-defined]  # noqa: F821 a name of that module


def h10() -> None:
    from engine.tabular import writing

    reopen(writing.safe_cell, lambda value: value)


def h11() -> None:
    from admin_views.base import lookups

    lookups.SHORTEST, lookups.MOST = 0, 10**6


def h13() -> None:
    from admin_views.base import EntityView

    reopen(EntityView.may_read_fully, lambda self, name: True)


def h14() -> None:
    from admin_views.base import saving

    reopen(saving._constraint, lambda error: Refused(sentence=str(error)))  # type: ignore[name-defined]  # noqa: F821 a name of that module


def h15() -> None:
    from admin_views.base import cell_editing

    reopen(cell_editing._answer, lambda data, status: (str(data), status))


def h16() -> None:
    from admin_views.base import access

    reopen(access.row_id, lambda text, model: int(text))


def h17() -> None:
    from admin_views.base import access

    def body(entity: str, action: str, record_id: int | None = None, *, status: int = 403) -> None:
        from flask import abort, redirect

        abort(redirect("/"))

    reopen(access.deny, body)


def h18() -> None:
    from engine import attachments

    reopen(attachments.media_type, lambda path: "text/plain")
    attachments.ENDINGS.clear()


def h19() -> None:
    from engine import attachments

    reopen(attachments._plan, lambda session, when, act: act())


def h20() -> None:
    from flask import Flask

    reopen(Flask.select_jinja_autoescape, lambda self, filename: False)


def h21() -> None:
    from admin_views.base import conflicts

    reopen(conflicts.is_stale, lambda record, name="version": False)


def h22() -> None:
    from admin_views.base import inline

    reopen(inline._own_child, lambda inline, children, key: db.session.get_one(inline.model, int(key)))  # type: ignore[name-defined]  # noqa: F821 a name of that module


def h23() -> None:
    from admin_views import headers

    headers.POLICY = headers.POLICY.replace("'self'", "'self' 'unsafe-inline'")


def h24() -> None:
    from admin_views.base import EntityView

    EntityView.export_cap = 0


OPENINGS: dict[str, Callable[[], None]] = {
    "h1": h1, "h2": see_all_rows, "h3": h3, "h4": h4, "h5": h5, "h6": see_all_rows, "h7": h7, "h8": h8, "h9": h9,
    "h10": h10, "h11": h11, "h12": see_all_rows, "h13": h13, "h14": h14, "h15": h15, "h16": h16, "h17": h17,
    "h18": h18, "h19": h19, "h20": h20, "h21": h21, "h22": h22, "h23": h23, "h24": h24,
}  # fmt: skip
