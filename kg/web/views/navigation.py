"""The main navigation. An entry is shown where its address is served, so each part of the pages can be there or not."""

from __future__ import annotations

from flask import Flask, current_app

#: What people find at the top of every page, in this order.
ENTRIES = (
    ("Timeline", "/timeline"),
    ("Network", "/network"),
    ("Map", "/map"),
    ("Calendar", "/calendar"),
    ("Compare", "/compare"),
    ("Ask", "/ask"),
    ("Query", "/query"),
    ("Ontology", "/ontology"),
    ("About", "/about"),
)


def served(path: str) -> bool:
    """Whether a fixed address is one of the application's routes."""
    return any(rule.rule == path for rule in current_app.url_map.iter_rules())


def navigation() -> list[tuple[str, str]]:
    """Names and addresses for the header."""
    return [entry for entry in ENTRIES if served(entry[1])]


def register(app: Flask) -> None:
    """Let an application's templates use them."""
    app.add_template_global(navigation)
    app.add_template_filter(served)
