"""Who may write: a token with a scope, told by its digest alone."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from http import HTTPStatus
from pathlib import Path

from flask import Response, request

from kg.config import Settings
from kg.errors import SettingsError
from kg.web.http.errors import problem
from kg.web.service import service

#: What a token may be for: SPARQL Update, and the Graph Store Protocol's writes.
SCOPES = ("update", "graphs")
_NAME = re.compile(r"[\w.@-]{1,64}")


def _digest(token: str) -> str:
    # a token of this project has 256 bits of chance: a plain digest of it cannot be guessed back
    return hashlib.sha256(token.encode()).hexdigest()


def new_token(file: Path, name: str, scopes: tuple[str, ...]) -> str:
    """Make a token, put its digest into the file, and give it back: it cannot be had again.

    Raises:
        SettingsError: the name or a scope cannot be used, or the file cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{name!r} is no name for a token: letters, digits, '.', '-', '_' and '@', up to 64.")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise SettingsError(f"A token's scopes are some of {', '.join(SCOPES)}.")
    token = secrets.token_urlsafe(32)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        with file.open("a", encoding="utf-8") as out:
            out.write(f"{name} {','.join(scopes)} {_digest(token)}\n")
    except OSError as error:
        raise SettingsError(f"The file of tokens {file} cannot be written: {error.strerror}.") from None
    return token


def _scopes_of(file: Path, token: str) -> set[str] | None:
    """The scopes of a token; None for one that is not known. All lines are compared, so that time tells nothing."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found, digest = None, _digest(token)
    for line in lines:
        parts = line.split()
        if len(parts) == 3 and hmac.compare_digest(parts[2], digest):
            found = set(parts[1].split(","))
    return found


def refusal(scope: str) -> Response | None:
    """The answer to a request that may not write; None for one that may."""
    settings: Settings = service().settings
    if settings.replica_of:
        return problem(HTTPStatus.FORBIDDEN, "This service is a read-only replica: write to its primary.")
    if settings.writes == "open":
        return None
    if settings.writes == "off":
        return problem(HTTPStatus.FORBIDDEN, "Writing over HTTP is turned off here.")
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    scopes = _scopes_of(settings.tokens, token.strip()) if kind.lower() == "bearer" else None
    if scopes is None:
        answer = problem(HTTPStatus.UNAUTHORIZED, "Writing needs a token: send it as 'Authorization: Bearer TOKEN'.")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="writing"'
        return answer
    if scope not in scopes:
        return problem(HTTPStatus.FORBIDDEN, f"This token is not for {scope!r}.")
    return None
