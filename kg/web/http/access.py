"""Who may write, who may read where reading is not open, and who may see the service's figures: by tokens with scopes."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, Response, request

from kg.config import Settings
from kg.web.http.errors import problem
from kg.web.http.tokens import Token, secret_of
from kg.web.service import service

#: What everybody may have: whether the service is well, and the pages' own files.
_ALWAYS = frozenset({"observe.health", "observe.live", "observe.ready", "static"})
#: Views that ask for a scope of their own before they do anything.
_ASK_THEMSELVES = frozenset({"graph_store.put", "graph_store.post", "graph_store.delete", "sparql.by_post"})
_FIGURES = "observe.metrics"


def _sent(*, basic: bool) -> Token | None:
    """The token that the request was sent with, where it counts."""
    tokens = service().tokens
    return tokens.find(secret_of(request.headers.get("Authorization", ""), basic=basic))


def _unknown(detail: str, realm: str, *, basic: bool) -> Response:
    answer = problem(HTTPStatus.UNAUTHORIZED, detail)
    if basic:  # the first is the one that browsers know
        answer.headers.add("WWW-Authenticate", f'Basic realm="{realm}", charset="UTF-8"')
    answer.headers.add("WWW-Authenticate", f'Bearer realm="{realm}"')
    return answer


def refusal(scope: str) -> Response | None:
    """The answer to a request that may not write; None for one that may.

    A browser sends what it knows for Basic with requests that other sites' scripts make; so it does not count for writing.
    """
    settings: Settings = service().settings
    if settings.replica_of:
        return problem(HTTPStatus.FORBIDDEN, "This service is a read-only replica: write to its primary.")
    if settings.writes == "open":
        return None
    if settings.writes == "off":
        return problem(HTTPStatus.FORBIDDEN, "Writing over HTTP is turned off here.")
    token = _sent(basic=False)
    if token is None:
        told = "Writing needs a token: send it as 'Authorization: Bearer TOKEN'."
        return _unknown(told, "writing", basic=False)
    if not token.allows(scope):
        return problem(HTTPStatus.FORBIDDEN, f"This token is not for {scope!r}.")
    return None


def reading_refusal(scope: str = "read") -> Response | None:
    """The answer to a request that may not read, or may not see the figures (scope "admin"); None for one that may."""
    settings: Settings = service().settings
    if settings.reads == "open" and (scope == "read" or settings.metrics == "open"):
        return None
    token = _sent(basic=True)
    if token is None:
        told = "Reading needs a token: send it as 'Authorization: Bearer TOKEN', or as the password, with any name."
        return _unknown(told, "reading", basic=True)
    if not token.allows(scope):
        return problem(HTTPStatus.FORBIDDEN, f"This token is not for {scope!r}.")
    return None


def _check() -> Response | None:
    """Before any view, also where no view is: what is not read by everybody is not read without a token."""
    if request.endpoint in _ALWAYS or request.endpoint in _ASK_THEMSELVES or request.method == "OPTIONS":
        return None
    figures = request.endpoint == _FIGURES and service().settings.metrics == "token"
    return reading_refusal("admin" if figures else "read")


def _keep_private(response: Response) -> Response:
    """Where reading is not open, no cache between may give an answer to others, and no other site's page may take it in."""
    settings: Settings = service().settings
    if settings.reads == "open" or request.endpoint in _ALWAYS:
        return response
    told = [part.strip() for part in response.headers.get("Cache-Control", "").split(",")]
    kept = [part for part in told if part and part not in ("public", "private")]
    response.headers["Cache-Control"] = ", ".join(["private", *kept] if "no-store" not in kept else kept)
    response.vary.add("Authorization")
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def register(app: Flask) -> None:
    """Let an application ask for tokens where its settings say so."""
    app.before_request(_check)
    app.after_request(_keep_private)
