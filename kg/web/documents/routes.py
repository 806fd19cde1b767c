"""The routes of the HTTP API as a document shows them: from the OpenAPI description, each with an address to try."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

#: What routes are for, in the order in which they are shown: heading -> tags of the description.
GROUPS: dict[str, tuple[str, ...]] = {
    "Things and their data": ("things", "downloads", "catalogue", "feeds", "changes"),
    "Questions, search and fragments": ("ask", "named_queries", "search", "query", "fragments", "views"),
    "Pictures and widgets": ("pictures", "widgets"),
    "Reconciliation": ("reconcile",),
    "Graphs, read and written": ("graph_store",),
    "Ontology and documents": ("ontology", "documents", "openapi"),
    "The service itself": (),
}
_EXAMPLES = Path(__file__).parent / "examples.tsv"


@dataclass(frozen=True)
class Example:
    """An address of a route to try; ``later`` is one that there is nothing at before somebody has made it."""

    address: str
    accept: str = ""
    later: bool = False

    def command(self, base: str) -> str:
        """The command that asks for it."""
        address = self.address.replace("http://127.0.0.1:8000/", base)
        # curl takes braces for a pattern of its own
        glob = "-g " if "{" in address else ""
        accept = f"-H 'Accept: {self.accept}' " if self.accept else ""
        return f"curl {glob}{accept}'{base.rstrip('/')}{address}'"


@dataclass(frozen=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    anchor: str
    summary: str
    parameters: tuple[tuple[str, str, str], ...]
    body: tuple[str, ...]
    #: Statuses, each with its media types.
    answers: tuple[tuple[str, str, tuple[str, ...]], ...]
    errors: tuple[str, ...]
    secured: bool
    example: Example | None


@cache
def examples() -> dict[str, Example]:
    """The example of each route that is asked with GET."""
    lines = _EXAMPLES.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {row[0]: Example(row[1], "".join(row[2:3]), row[3:] == ["later"]) for row in rows}


def _route(method: str, path: str, told: Mapping[str, Any]) -> Route:
    answers = {s: r for s, r in told["responses"].items() if "$ref" not in r}
    return Route(
        method.upper(),
        path,
        re.sub(r"\W+", "-", f"{method} {path}").strip("-").lower(),
        told["summary"],
        tuple((p["name"], p["in"], p.get("description", "")) for p in told["parameters"]),
        tuple(told.get("requestBody", {}).get("content", ())),
        tuple((s, HTTPStatus(int(s)).phrase, tuple(r.get("content", ()))) for s, r in answers.items()),
        tuple(f"{s} {HTTPStatus(int(s)).phrase}" for s in told["responses"] if s not in answers),
        "security" in told,
        examples().get(path) if method == "get" else None,
    )


def groups(description: Mapping[str, Any]) -> dict[str, list[Route]]:
    """All routes of an OpenAPI description under the headings of ``GROUPS``; what has no other stands under the last."""
    found: dict[str, list[Route]] = {title: [] for title in GROUPS}
    heading = {tag: title for title, tags in GROUPS.items() for tag in tags}
    last = next(reversed(GROUPS))
    for path, operations in description["paths"].items():
        for method, told in operations.items():
            found[heading.get(told["tags"][0], last)].append(_route(method, path, told))
    return found
