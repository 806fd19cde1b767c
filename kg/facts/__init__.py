"""Mentions to facts: events, statements, tenures and instruments of one article."""

from kg.facts.extract import extract

__all__ = ["extract"]
