"""What reverse proxies say about the caller: believed from exactly as many of them as stand in front."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.config import Settings


def trust(app: Flask, settings: Settings) -> None:
    """Read address, scheme and host from the headers of the trusted proxies; with none in front, from no header.

    Waitress does the same by itself; this is for servers that hand headers on as they came.
    """
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way
