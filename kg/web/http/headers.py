"""Headers for every answer: what a browser may do with it, and that any site may read what is public anyway."""

from __future__ import annotations

from flask import Flask, Response, request

from kg.store import Replica
from kg.web.http.compression import compress
from kg.web.service import service

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def _add(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    # everything here is public and read without cookies: scripts of other sites may read it
    response.headers.setdefault("Access-Control-Allow-Origin", "*")
    if request.method == "OPTIONS":
        response.headers.setdefault("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, OPTIONS")
        response.headers.setdefault(
            "Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, If-Match, If-None-Match"
        )
    response.headers.setdefault(
        "Access-Control-Expose-Headers",
        "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, X-Store-Generation, X-Store-Published",
    )
    states = service().snapshots
    if isinstance(states, Replica) and (standing := states.standing()):
        response.headers["X-Store-Generation"] = str(standing.publication.generation)
        response.headers["X-Store-Published"] = standing.publication.made
    return compress(response)


def register(app: Flask) -> None:
    """Add the headers to all answers of an application."""
    app.after_request(_add)
