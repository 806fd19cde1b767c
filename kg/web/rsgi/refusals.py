"""Answers that the application is not asked for, as problem documents (RFC 9457)."""

from __future__ import annotations

import json
from http import HTTPStatus

from kg.errors import KgError
from kg.web.http.errors import LimitError


class FullError(KgError):
    """All threads are at work, and as many requests wait as may."""

    def __init__(self) -> None:
        super().__init__("The service is answering as many requests as it can; try again in a moment.")


def refusal(status: HTTPStatus, error: KgError, own: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, fields of the head and body of an answer that tells of an error.

    Args:
        own: the request's id.
    """
    members: dict[str, object] = {"type": "about:blank", "title": status.phrase, "status": int(status)}
    fields = [
        ("content-type", "application/problem+json"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", "RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"),
        ("x-request-id", own),
    ]
    if isinstance(error, LimitError):
        members |= error.members()
        fields += [*error.fields, ("retry-after", str(error.wait))]
    elif isinstance(error, FullError):
        fields.append(("retry-after", "5"))
    else:
        fields.append(("connection", "close"))
    return int(status), fields, json.dumps(members | {"detail": str(error)}).encode()
