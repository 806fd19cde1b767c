"""Triples as one JSON-LD document in one of its forms."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

from kg.jsonld.compaction import AmbiguousIriError, Compaction
from kg.jsonld.nodes import Nesting, Node, nodes, roots
from kg.jsonld.profiles import EXPANDED, FLATTENED, FRAMED, MOST_FRAMED


def document(triples: Iterable[ox.Triple], profile: str, context: str, thing: str | None = None) -> bytes:
    """A document of triples, in UTF-8.

    Args:
        profile: the form, one of ``PROFILES``.
        context: address of the ontology's context, to which the document refers.
        thing: what it is about. The document is then one object: the thing, with what it points to inside it and all other
            nodes under "included"; but for the forms ``EXPANDED`` and ``FLATTENED``, and above ``MOST_FRAMED`` triples.

    Raises:
        ValueError: a triple speaks of a triple, for which JSON-LD has no form.
    """
    every = list(triples)
    found = nodes(every)
    if profile == EXPANDED:
        return _written(list(found.values()))
    nested = len(every) <= MOST_FRAMED and profile != FLATTENED
    try:
        if thing in found and nested:
            return _written(_about(found, thing, context))
        chosen = _nested(found) if profile == FRAMED and nested else list(found.values())
        short = [Compaction().node(node) for node in chosen]
    except AmbiguousIriError:
        return _written(list(found.values()))
    return _written({"@context": context} | (short[0] if len(short) == 1 else {"@graph": short}))


def _about(found: dict[str, Node], thing: str, context: str) -> dict[str, Any]:
    nesting = Nesting(found, thing)
    first = nesting.take(thing)
    assert first is not None
    made = {"@context": context} | Compaction().node(first)
    rest = [node for name in (*roots(found), *found) if (node := nesting.take(name))]
    if rest:
        made["included"] = [Compaction().node(node) for node in rest]
    return made


def _nested(found: dict[str, Node]) -> list[Node]:
    nesting = Nesting(found)
    return [node for name in (*roots(found), *found) if (node := nesting.take(name))]


def _written(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"
