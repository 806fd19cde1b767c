"""The article that a page's JSON-LD describes, read as plain JSON: news pages use schema.org's terms without prefixes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

_WRAPPING = re.compile(
    # each run of white space is gone through once, wherever it stands
    r"^\s*+(?:<!--|(?://|/\*)?\s*+<!\[CDATA\[(?:\s*+\*/)?)"
    r"|(?:-->|(?:(?://|/\*)\s*+|(?<!\s)\s*+)\]\]>(?:\s*+\*/)?)\s*+(?:;\s*+)?$"
)
#: Deeper nesting is not description.
_DEEPEST = 12


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """All objects, the outer ones first."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner, depth + 1)


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    names = [k for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str)]
    return any(name.endswith(("Article", "Posting")) or name == "Report" for name in names)


class _Reader:
    def __init__(self, nodes: list[dict[str, Any]]) -> None:
        self._named = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}

    def text(self, value: Any, *keys: str) -> str | None:
        """A string, the first of some keys of an object (also one that is only referred to), or those of a list together."""
        if isinstance(value, list):
            return ", ".join(dict.fromkeys(filter(None, (self.text(v, *keys) for v in value[:20])))) or None
        if isinstance(value, dict):
            named = self._named.get(value.get("@id", ""), {}) if isinstance(value.get("@id", ""), str) else {}
            values = (node.get(key) for key in keys for node in (value, named))
            return next((v for v in values if isinstance(v, str) and v.strip()), None)
        return value if isinstance(value, str) else None


def article(scripts: Iterable[str], url: str | None) -> dict[str, str | None]:
    """What the scripts say of the page's article, by the names of ``PageData``'s fields; nothing where none describes one.

    Args:
        scripts: the contents of the page's JSON-LD elements; what is not JSON is passed over.
        url: the page's address; of several articles the one with this address is meant, else the first with a headline.
    """
    nodes: list[dict[str, Any]] = []
    for script in scripts:
        try:
            nodes += _nodes(json.loads(_WRAPPING.sub("", script), strict=False))
        except (ValueError, RecursionError):
            continue
    reader = _Reader(nodes)

    def address(node: dict[str, Any]) -> str | None:
        return reader.text(node.get("mainEntityOfPage"), "@id", "url") or reader.text(node.get("url"), "@id", "url")

    found = [n for n in nodes if _is_article(n) and (n.get("headline") or n.get("name"))]
    best = next((n for n in found if url and address(n) == url), found[0] if found else None)
    if best is None:
        return {}
    return {
        "title": reader.text(best.get("headline")) or reader.text(best.get("name")),
        "published": reader.text(best.get("datePublished")),
        "url": address(best),
        "outlet": reader.text(best.get("publisher"), "name", "legalName"),
        "author": reader.text(best.get("author"), "name") or reader.text(best.get("creator"), "name"),
        "license": reader.text(best.get("license"), "url", "@id", "name"),
    }
