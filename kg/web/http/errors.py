"""Every error as a page for people or a problem document (RFC 9457) for programs, with the status that tells the truth."""

from __future__ import annotations

import json
import re
from http import HTTPStatus

from flask import Flask, Response, render_template, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException

from kg.errors import EndingError, KgError, QueryError
from kg.exports.cache import MakingError
from kg.search import QueryTextError
from kg.sparql.errors import (
    AnswerTooLargeError,
    BusyError,
    ClientGoneError,
    QueryCrashError,
    QueryTimeoutError,
)
from kg.sparql.outward import EndpointError, ManyCallsError
from kg.store import (
    AnswerSizeError,
    ConditionError,
    ConflictError,
    NothingPublishedError,
    ReadOnlyError,
    StoreAnswerError,
    StoreGoneError,
    StoreInUseError,
    StoreTimeoutError,
    WriteTimeoutError,
)
from kg.web.http.negotiation import wants_page
from kg.web.http.presence import RemovedError, near, words_of


class LimitError(KgError):
    """A client has had as much as it may have for now.

    Args:
        policy: the limit's name, as the field ``RateLimit-Policy`` has it.
        wait: seconds after which the client may come again.
        fields: what tells of the limits, as fields of the answer's head.
    """

    def __init__(self, told: str, policy: str, wait: int, fields: list[tuple[str, str]]) -> None:
        super().__init__(told)
        self.policy, self.wait, self.fields = policy, wait, fields

    def members(self) -> dict[str, object]:
        """Members of a problem document (draft-ietf-httpapi-ratelimit-headers-11, section 5.1)."""
        kind = "https://iana.org/assignments/http-problem-types#quota-exceeded"
        return {"type": kind, "violated-policies": [self.policy]}


class StalledUploadError(KgError):
    """A body does not come, or comes too slowly."""


#: The status for each kind of our own errors; any other is a failure of the service.
STATUS: dict[type[KgError], HTTPStatus] = {
    QueryError: HTTPStatus.BAD_REQUEST,
    QueryTextError: HTTPStatus.BAD_REQUEST,
    ManyCallsError: HTTPStatus.BAD_REQUEST,
    QueryTimeoutError: HTTPStatus.GATEWAY_TIMEOUT,
    QueryCrashError: HTTPStatus.INSUFFICIENT_STORAGE,
    AnswerTooLargeError: HTTPStatus.INSUFFICIENT_STORAGE,
    ClientGoneError: HTTPStatus.REQUEST_TIMEOUT,
    EndingError: HTTPStatus.SERVICE_UNAVAILABLE,
    BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    MakingError: HTTPStatus.SERVICE_UNAVAILABLE,
    ConflictError: HTTPStatus.CONFLICT,
    ConditionError: HTTPStatus.PRECONDITION_FAILED,
    NothingPublishedError: HTTPStatus.SERVICE_UNAVAILABLE,
    ReadOnlyError: HTTPStatus.FORBIDDEN,
    StoreInUseError: HTTPStatus.SERVICE_UNAVAILABLE,
    WriteTimeoutError: HTTPStatus.GATEWAY_TIMEOUT,
    StoreGoneError: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreTimeoutError: HTTPStatus.GATEWAY_TIMEOUT,
    StoreAnswerError: HTTPStatus.BAD_GATEWAY,
    EndpointError: HTTPStatus.BAD_GATEWAY,
    AnswerSizeError: HTTPStatus.INSUFFICIENT_STORAGE,
    StalledUploadError: HTTPStatus.REQUEST_TIMEOUT,
    LimitError: HTTPStatus.TOO_MANY_REQUESTS,
}
#: Where Oxigraph's messages say that a query is wrong.
_PLACE = re.compile(r"\bat (\d+):(\d+)")


def _helping(status: int) -> dict[str, object]:
    """What the page of an error offers to go on with: where nothing is (any more), a search for the address's words."""
    if status not in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return {}
    words = words_of(request.path)
    return {"words": words, "near": near(words)}


def problem(status: int, detail: str, **more: object) -> Response:
    """An error as the request's sender can read it; ``more`` are members of the problem document beside the usual ones."""
    title = HTTPStatus(status).phrase
    # where the request names a host that can be none, a page cannot name the addresses of its own files
    if wants_page() and request_ctx.url_adapter is not None and not request.path.startswith("/data/"):
        body = render_template("error.html", title=title, detail=detail, **_helping(status))
        response = Response(body, status, content_type="text/html; charset=utf-8")
    else:
        body = json.dumps({"type": "about:blank", "title": title, "status": int(status), "detail": detail, **more})
        response = Response(body, status, content_type="application/problem+json")
    response.headers["Vary"] = "Accept"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    return response


def retry(error: KgError) -> dict[str, str]:
    """What tells in an answer's head when to come again, where an error is one that passes."""
    if isinstance(error, LimitError):
        return {"Retry-After": str(error.wait)}
    return {"Retry-After": "5"} if STATUS.get(type(error)) == HTTPStatus.SERVICE_UNAVAILABLE else {}


def _ours(error: KgError) -> Response:
    place = _PLACE.search(str(error)) if isinstance(error, QueryError) else None
    where = {"line": int(place[1]), "column": int(place[2])} if place else {}
    return problem(STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR), str(error), **where)


def _limited(error: LimitError) -> Response:
    response = problem(HTTPStatus.TOO_MANY_REQUESTS, str(error), **error.members())
    response.headers.extend(error.fields)
    response.headers["Retry-After"] = str(error.wait)
    response.headers["Cache-Control"] = "no-store"
    return response


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return Response(error.get_body(), error.code or 500, error.get_headers())
    more = {"removed": error.when} if isinstance(error, RemovedError) else {}
    response = problem(error.code, str(error.description or ""), **more)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "Content-Range"):
            response.headers[name] = value
    return response


def register(app: Flask) -> None:
    """Let an application tell its errors so."""
    app.register_error_handler(KgError, _ours)
    app.register_error_handler(LimitError, _limited)
    app.register_error_handler(HTTPException, _http)
