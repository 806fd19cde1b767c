"""The formats of answers, and which of them a request prefers (RFC 9110, section 12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pyoxigraph as ox
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_options_header

from kg.jsonld.profiles import profile_of


@dataclass(frozen=True)
class Format:
    """One format: its short name (also a file's ending), media types (the first is sent), and Oxigraph's own.

    ``profile`` is the form of JSON-LD that a request asks for by that parameter; empty where it leaves it open.
    """

    name: str
    media_types: tuple[str, ...]
    oxigraph: ox.QueryResultsFormat | ox.RdfFormat
    profile: str = ""

    @property
    def content_type(self) -> str:
        """The Content-Type to send."""
        media = self.media_types[0]
        if self.profile:
            return f'{media}; profile="{self.profile}"'
        return f"{media}; charset=utf-8" if media.startswith("text/") else media


#: SPARQL 1.1 Query Results, for SELECT and (CSV and TSV excepted by the standard, but not by Oxigraph) ASK.
ROWS: tuple[Format, ...] = (
    Format("json", ("application/sparql-results+json", "application/json"), ox.QueryResultsFormat.JSON),
    Format("xml", ("application/sparql-results+xml", "application/xml", "text/xml"), ox.QueryResultsFormat.XML),
    Format("csv", ("text/csv",), ox.QueryResultsFormat.CSV),
    Format("tsv", ("text/tab-separated-values",), ox.QueryResultsFormat.TSV),
)
JSON_LD = "application/ld+json"
#: RDF 1.1, for CONSTRUCT, DESCRIBE and the data of a thing.
TRIPLES: tuple[Format, ...] = (
    Format("ttl", ("text/turtle", "application/x-turtle"), ox.RdfFormat.TURTLE),
    Format("jsonld", (JSON_LD, "application/json", "application/x-json+ld"), ox.RdfFormat.JSON_LD),
    Format("nt", ("application/n-triples", "text/plain"), ox.RdfFormat.N_TRIPLES),
    Format("rdf", ("application/rdf+xml", "application/xml", "text/xml"), ox.RdfFormat.RDF_XML),
    Format("trig", ("application/trig",), ox.RdfFormat.TRIG),
    Format("nq", ("application/n-quads",), ox.RdfFormat.N_QUADS),
    Format("n3", ("text/n3",), ox.RdfFormat.N3),
)


def choose_format(accept: MIMEAccept, formats: Sequence[Format]) -> Format | None:
    """The format that a request prefers; the first where it has no preference; None where it takes none of them."""
    return _chosen(tuple(accept), tuple(formats)) if accept else formats[0]


@lru_cache(
    maxsize=1024
)  # clients send the same few lists again and again, and weighing one takes longer than many a query
def _chosen(accept: tuple[tuple[str, float], ...], formats: tuple[Format, ...]) -> Format | None:
    # parameters ("text/turtle; charset=utf-8") do not part one of our formats from another, but for JSON-LD's profile
    plain = without_parameters(accept)
    named = {media for media, _ in plain}
    # not best_match: it gives "text/turtle;q=0, */*" Turtle, while the most particular range that fits a type decides
    weighed = [(plain.quality(media), media in named, media, form) for form in formats for media in form.media_types]
    # of equals what is asked for by name comes first, then the order of our own preference, which max() keeps
    quality, _, best, form = max(weighed, key=lambda row: row[:2])
    if quality <= 0:
        return None
    return replace(form, profile=_profile(accept)) if best == JSON_LD else form


def without_parameters(accept: Iterable[tuple[str, float]]) -> MIMEAccept:
    """Media ranges as they are compared, without their parameters."""
    return MIMEAccept([(media.partition(";")[0].strip().lower(), quality) for media, quality in accept])


def _profile(accept: tuple[tuple[str, float], ...]) -> str:
    """The form of JSON-LD that is asked for with the highest quality; the first of equals."""
    asked = [
        (quality, profile_of(parse_options_header(media)[1].get("profile", "")))
        for media, quality in accept
        if media.partition(";")[0].strip().lower() == JSON_LD
    ]
    return max(asked, key=lambda found: found[0], default=(0.0, ""))[1]
