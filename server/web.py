"""Waitress, set up for one installation."""

from typing import Any

from flask import Flask
from waitress.server import create_server

from engine.config import Settings, StartUpError
from engine.secret_files import Problem
from models.words import _

FORWARDED = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}


def web_server(app: Flask, settings: Settings) -> Any:  # noqa: ANN401 waitress ships no types
    """Bind the address and return a server whose `run()` serves until it is interrupted.

    What proxies say about the caller counts only when `settings.proxies` says how many stand in front.
    Raises StartUpError when the address is taken.
    """
    trusted = (
        {"trusted_proxy": "*", "trusted_proxy_count": settings.proxies, "trusted_proxy_headers": FORWARDED}
        if settings.proxies
        else {}
    )
    try:
        return create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
            **trusted,
        )
    except OSError as error:
        sentence = _(
            "Cannot listen on %(host)s:%(port)s: %(reason)s. Set DUTYBOOK_PORT to another one.",
            host=settings.host,
            port=settings.port,
            reason=error.strerror,
        )
        raise StartUpError([Problem("D041", sentence)]) from error
