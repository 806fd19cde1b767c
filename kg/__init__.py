"""Diplomatic events from news text, as an RDF graph that can be queried, browsed and reused."""

__version__ = "0.1.0"
