"""Diplomatic events from news text, as an RDF graph that can be queried, browsed and reused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.graph import Graph as Graph

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """``kg.Graph``, looked for when it is first asked for (PEP 562): whoever needs no more than the version waits for nothing."""
    if name == "Graph":
        from kg.graph import Graph

        return Graph
    raise AttributeError(f"module 'kg' has no attribute {name!r}")
