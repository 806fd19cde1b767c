"""Which endpoints a query asks by SERVICE: those alone that the operator lists, told from the tokens.

What stands after SERVICE must be a listed IRI, or a prefixed name of one. The engine never sees it: where it stood, the worker
puts an address of its own (see ``kg.sparql.forwarder``), so that a mistake made here could lead to another listed endpoint at
the worst.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from kg.errors import QueryError
from kg.sparql.lexer import Token

_PORTS = {"http": 80, "https": 443}
#: Local parts of prefixed names that are taken as they are written (there are also escapes and points; they are refused).
_LOCAL = re.compile(r"[A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Asked:
    """An endpoint that a query asks: where its IRI stands in the text, and the operator's own address of it."""

    start: int
    end: int
    endpoint: str


def normalised(iri: str) -> str:
    """An http or https IRI in the form in which two are compared (RFC 3986, section 6.2.3); empty for what is none."""
    try:
        parts = urlsplit(iri)
        port = parts.port
    except ValueError:
        return ""
    if (
        parts.scheme not in _PORTS
        or not parts.hostname
        or parts.username is not None
        or "#" in iri
        or not iri.isascii()
    ):
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    return f"{parts.scheme}://{place}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def listed(endpoints: Iterable[str]) -> dict[str, str]:
    """The operator's endpoints by their normalised IRIs."""
    return {normalised(iri): iri for iri in endpoints}


class Services:
    """Follows a query's tokens and notes the endpoints that it asks; raises at the first that it may not.

    Args:
        allowed: the operator's endpoints, see ``listed``.
    """

    def __init__(self, allowed: Mapping[str, str]) -> None:
        self._allowed, self._prefixes = allowed, dict[str, str]()
        self._declared: str | None = None
        self._state, self._depth = "", 0
        self.asked: list[Asked] = []

    def see(self, token: Token) -> None:
        """The next token.

        Raises:
            QueryError: a SERVICE is not allowed.
        """
        if self._state == "in":
            self._within(token)
        elif self._state:
            self._after(token)
        elif token.word == "SERVICE":
            if not self._allowed:
                raise QueryError("SERVICE is not allowed here: this endpoint does not ask other ones.")
            self._state = "SERVICE"
        else:
            self._declare(token)

    def end(self) -> tuple[Asked, ...]:
        """What is asked, when all tokens were seen. Raises QueryError where a SERVICE is cut off."""
        if self._state:
            raise QueryError("The query ends within a SERVICE.")
        return tuple(self.asked)

    def _declare(self, token: Token) -> None:
        """PREFIX name: <IRI>."""
        if token.word == "PREFIX":
            self._declared = ""
        elif self._declared == "" and token.kind == "name" and token.text.endswith(":"):
            self._declared = token.text
        else:
            if self._declared and token.kind == "iri":
                self._prefixes[self._declared] = token.text[1:-1]
            self._declared = None

    def _after(self, token: Token) -> None:
        if self._state == "SERVICE" and token.word == "SILENT":
            self._state = "SILENT"
        elif self._state == "IRI":
            if token.text != "{":
                raise QueryError("After SERVICE and its IRI comes a group in braces.")
            self._state, self._depth = "in", 1
        else:
            self.asked.append(self._endpoint(token))
            self._state = "IRI"

    def _endpoint(self, token: Token) -> Asked:
        iri = ""
        if token.kind == "iri":
            iri = token.text[1:-1]
        elif token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if _LOCAL.fullmatch(local):
                iri = self._prefixes.get(f"{prefix}:", "") + local if f"{prefix}:" in self._prefixes else ""
        found = self._allowed.get(normalised(iri) or "none")
        if found is None:
            raise QueryError(
                f"SERVICE {token.text[:200]} is not allowed here: this service asks the endpoints alone that its operator lists, "
                "by their full IRIs."
            )
        return Asked(token.start, token.start + len(token.text), found)

    def _within(self, token: Token) -> None:
        # the engine would hand it on with the group that it stands in, and the address in its place means nothing elsewhere
        if token.word == "SERVICE":
            raise QueryError("A SERVICE within a SERVICE is not handed on.")
        self._depth += (token.text == "{") - (token.text == "}")
        if not self._depth:
            self._state = ""
