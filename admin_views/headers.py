"""What every answer tells the browser: run only what is ours, keep nothing, show us in nobody's frame."""

import secrets

from flask import Flask, Response, current_app, g, request

NONCE_BYTES = 16
HSTS = "max-age=31536000; includeSubDomains"
FIXED = {
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": over TLS the check of forms against forgery reads it.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


def init_app(app: Flask) -> None:
    """Put the headers on every answer, errors and static files included, and `csp_nonce` into every template."""
    app.after_request(_add)
    app.context_processor(lambda: {"csp_nonce": csp_nonce()})


def csp_nonce() -> str:
    """The word that lets a script or style of ours run; another one for each request."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(NONCE_BYTES)
    nonce: str = g.csp_nonce
    return nonce


def is_static() -> bool:
    """Whether the request asks for a file that is the same for everybody."""
    return (request.endpoint or "").rpartition(".")[2] == "static"


def _add(response: Response) -> Response:
    response.headers.update(FIXED)
    response.headers["Content-Security-Policy"] = POLICY.format(nonce=csp_nonce())
    if current_app.config["DUTYBOOK"].is_secure:
        response.headers["Strict-Transport-Security"] = HSTS
    if not is_static():
        response.headers["Cache-Control"] = "no-store"
        # Files that are sent carry the static files' year, which an old proxy might believe.
        response.headers.pop("Expires", None)
    return response
