"""The addresses of all pages, in parts of 50,000 as sitemaps have them, with the time since which each is as it is."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

import pyoxigraph as ox

from kg.triples.vocab import DIPL, ontology
from kg.web.views.reader import Reader

_TOPIC = f"{DIPL}topic-"
#: The most that one sitemap may hold.
SIZE = 50_000
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
#: Pages that are not of one thing.
_FIXED = ("", "about", "articles", "ontology", "ask", "questions", "timeline", "network", "map", "calendar", "compare")
#: By their labels, of which each graph gives a thing one; parts of things, which have no page, are named after a "#".
_THINGS = "SELECT ?s ?g {{ GRAPH ?g {{ ?s rdfs:label ?l }} FILTER (STRSTARTS(STR(?s), '{base}id/') && !CONTAINS(STR(?s), '#')) }}"
_TIMES = "SELECT DISTINCT ?g ?t { ?g prov:generatedAtTime ?t }"


@dataclass(frozen=True)
class Part:
    """One sitemap, packed, and the newest of its times (empty where none is known)."""

    packed: bytes
    changed: str

    @property
    def body(self) -> bytes:
        """The XML."""
        return zlib.decompress(self.packed)


def _entry(kind: str, address: str, changed: str) -> str:
    when = f"<lastmod>{escape(changed)}</lastmod>" if changed else ""
    return f"<{kind}><loc>{escape(address)}</loc>{when}</{kind}>\n"


def _part(found: list[tuple[str, str]]) -> Part:
    entries = "".join(_entry("url", address, changed) for address, changed in found)
    text = f"{_HEAD}<urlset {_SPACE}>\n{entries}</urlset>\n"
    return Part(zlib.compress(text.encode(), 6), max((changed for _, changed in found), default=""))


def parts(
    reader: Reader, base: str, link: Callable[[str], str], size: int = SIZE, others: tuple[str, ...] = ()
) -> tuple[Part, ...]:
    """All sitemaps: two queries, once for each state of the store. They are kept packed: a million addresses take some 10 MB.

    A page's time is that of the last reading of an article that tells of the thing, from the record of its ingestion.

    Args:
        base: the base IRI.
        link: from an IRI to the path of its page.
        others: paths of further pages that are not of one thing.
    """

    def make() -> tuple[Part, ...]:
        times = {row[0].value: row[1].value for row in reader.rows(_TIMES)}
        newest: dict[str, str] = {}
        for row in reader.rows(_THINGS.format(base=base)):
            thing, time = getattr(row[0], "value", ""), times.get(getattr(row[1], "value", ""), "")
            newest[thing] = max(newest.get(thing, ""), time)
        topics = {
            s.value
            for s in {t.subject for t in ontology()}
            if isinstance(s, ox.NamedNode) and s.value.startswith(_TOPIC)
        }
        newest |= dict.fromkeys(topics, "")
        found = [(base + path, max(newest.values(), default="") if not path else "") for path in (*_FIXED, *others)]
        found += sorted((base + link(thing).lstrip("/"), time) for thing, time in newest.items())
        return tuple(_part(found[start : start + size]) for start in range(0, len(found), size))

    return reader.kept(("sitemap", str(size), *others), make)


def index(found: tuple[Part, ...], start: str) -> str:
    """The list of the sitemaps, whose addresses are this start and their numbers."""
    entries = "".join(_entry("sitemap", f"{start}{n}.xml", part.changed) for n, part in enumerate(found, 1))
    return f"{_HEAD}<sitemapindex {_SPACE}>\n{entries}</sitemapindex>\n"
