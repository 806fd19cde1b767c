"""What templates call: words, addresses, the main navigation."""

from __future__ import annotations

from flask import Flask, current_app

from kg.web.views.lists import address
from kg.web.views.words import EXTRACTORS, QUADS, days, kind_words, with_the

#: What people find at the top of every page, in this order. An entry is shown where its address is served.
ENTRIES = (
    ("Timeline", "/timeline"),
    ("Network", "/network"),
    ("Map", "/map"),
    ("Calendar", "/calendar"),
    ("Compare", "/compare"),
    ("Disputes", "/disagreements"),
    ("Ask", "/ask"),
    ("Query", "/query"),
    ("Ontology", "/ontology"),
    ("Docs", "/docs"),
    ("About", "/about"),
)
FORMAT_NAMES = {
    "json": "JSON",
    "xml": "XML",
    "csv": "CSV",
    "tsv": "TSV",
    "ttl": "Turtle",
    "jsonld": "JSON-LD",
    "nt": "N-Triples",
    "rdf": "RDF/XML",
    "trig": "TriG",
    "nq": "N-Quads",
    "n3": "N3",
}


def served(path: str) -> bool:
    """Whether a fixed address is one of the application's routes."""
    return any(rule.rule == path for rule in current_app.url_map.iter_rules())


def navigation() -> list[tuple[str, str]]:
    """Names and addresses for the header."""
    return [entry for entry in ENTRIES if served(entry[1])]


def register(app: Flask) -> None:
    """Let an application's templates use them."""
    for helper in (navigation, address, kind_words, with_the):
        app.add_template_global(helper)
    app.add_template_global(days, "span_words")
    app.add_template_filter(served)
    app.jinja_env.globals |= {"QUADS": QUADS, "EXTRACTORS": EXTRACTORS, "FORMAT_NAMES": FORMAT_NAMES}
