"""The graph in Python and notebooks: a store, a dump or an endpoint, asked for tables, networks and pictures.

Read ``docs/python.md``; ``from kg import Graph`` is all that is needed.
"""

from kg.graph.graph import Graph
from kg.graph.opening import SourceError

__all__ = ["Graph", "SourceError"]
