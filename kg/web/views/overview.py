"""What the front page and the page about the data tell of the whole. It is counted once for each state of the store."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from kg.triples.vocab import DIPL
from kg.web.views.facts import Fact, fact
from kg.web.views.lists import counted
from kg.web.views.page import Counted, ranked
from kg.web.views.parts import link
from kg.web.views.reader import Reader
from kg.web.views.words import EVENT_KINDS, QUADS, Link, days, kind_words

#: What is put forward was read with at least this confidence; the rest is found by looking for it.
_SURE = 0.45
_LATEST, _PLANNED, _PARTIES, _TOPICS, _ARTICLES, _OUTLETS = 8, 4, 14, 12, 6, 40
_COUNTED = ("Article", "Event", "Statement", "Person", "Instrument", "Office", "Group")
#: What several articles tell of comes once, as the event across them.
_EVENTS = """SELECT DISTINCT ?f ?d {{ ?f dipl:modality {modality} ; dipl:latestDate ?d ; dipl:confidence ?c .
 FILTER (?c >= {sure}) FILTER NOT EXISTS {{ ?x dipl:reportedAs ?f }} }} ORDER BY DESC(?d) ?f LIMIT {most}"""


@dataclass(frozen=True)
class Overview:
    """Numbers and lists of the whole graph; things by IRI alone, their labels are read with the page."""

    counts: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]
    quads: tuple[tuple[int, int], ...]
    parties: tuple[tuple[str, int], ...]
    topics: tuple[tuple[str, int], ...]
    latest: tuple[str, ...]
    planned: tuple[str, ...]
    articles: tuple[str, ...]


def _number(reader: Reader, pattern: str, variable: str = "s") -> int:
    rows = reader.rows(f"SELECT (COUNT(DISTINCT ?{variable}) AS ?n) {{ {pattern} }}")
    return int(rows[0][0].value)


def _iris(reader: Reader, query: str) -> tuple[str, ...]:
    # DISTINCT counts rows: one event with two days would come twice
    return tuple(dict.fromkeys(row[0].value for row in reader.rows(query)))


def _counts(reader: Reader) -> tuple[tuple[str, int], ...]:
    """How many things of each kind articles speak of: states and bodies count where they act."""
    found = {name: _number(reader, f"?s a dipl:{name}") for name in _COUNTED}
    # a state that acts does so on its own behalf; a body need not
    parties = set(_iris(reader, "SELECT DISTINCT ?s { ?x dipl:onBehalfOf ?s }"))
    bodies = set(_iris(reader, "SELECT DISTINCT ?s { ?s a dipl:Organization }"))
    acting = _iris(reader, "SELECT DISTINCT ?s { { SELECT DISTINCT ?s { ?s a dipl:Organization } } ?x dipl:actor ?s }")
    found["State"] = len(parties & set(_iris(reader, "SELECT DISTINCT ?s { ?s a dipl:State }")))
    found["Organization"] = len((parties & bodies) | set(acting))
    found["Place"] = _number(reader, "?x dipl:place ?s FILTER NOT EXISTS { ?s a dipl:State }")
    order = "Article Event Statement Person State Organization Place Office Instrument Group".split()
    return tuple((name, found[name]) for name in order)


def _kinds(reader: Reader) -> tuple[tuple[str, int], ...]:
    """How many events there are of each class, of its own and not only of one below it."""
    names = " ".join(f"dipl:{kind}" for kind in EVENT_KINDS)
    rows = reader.rows(f"SELECT ?k (COUNT(DISTINCT ?s) AS ?n) {{ VALUES ?k {{ {names} }} ?s a ?k }} GROUP BY ?k")
    numbers = {row[0].value.removeprefix(DIPL): int(row[1].value) for row in rows}
    below = {
        "Consultation": EVENT_KINDS[:6],
        "Commitment": ("Signing",),
        "Concession": ("Release", "Easing"),
        "Sanction": ("Embargo",),
    }
    own = {
        kind: numbers.get(kind, 0) - sum(numbers.get(k, 0) for k in below.get(kind, ())) for kind in EVENT_KINDS[:-1]
    }
    return tuple(sorted(((kind, n) for kind, n in own.items() if n > 0), key=lambda row: (-row[1], row[0])))


def overview(reader: Reader) -> Overview:
    """The numbers of this state of the store."""
    return reader.kept(("overview",), lambda: _overview(reader))


def _overview(reader: Reader) -> Overview:
    # the ontology gives its classes of events a class of quads too
    events = f"?s dipl:quadClass ?q FILTER (!STRSTARTS(STR(?s), '{DIPL}'))"
    quads = reader.rows(f"SELECT ?q (COUNT(DISTINCT ?s) AS ?n) {{ {events} }} GROUP BY ?q")
    numbers = {row[0].value: int(row[1].value) for row in quads}
    by_party = "SELECT ?o (COUNT(DISTINCT ?x) AS ?n) { ?x dipl:onBehalfOf ?o } GROUP BY ?o"
    by_topic = "SELECT ?o (COUNT(DISTINCT ?s) AS ?n) { ?s dipl:topic ?o } GROUP BY ?o"
    return Overview(
        _counts(reader),
        _kinds(reader),
        tuple((q, numbers.get(str(q), 0)) for q in QUADS),
        counted(reader, ("parties",), by_party, _PARTIES),
        counted(reader, ("topics",), by_topic, _TOPICS),
        _iris(reader, _EVENTS.format(modality="dipl:modality-actual", sure=_SURE, most=_LATEST)),
        _iris(reader, _EVENTS.format(modality="dipl:modality-planned", sure=_SURE, most=_PLANNED)),
        _iris(
            reader,
            "SELECT DISTINCT ?a ?d { ?a a dipl:Article OPTIONAL { ?a dipl:referenceDate ?d } } "
            f"ORDER BY DESC(?d) ?a LIMIT {_ARTICLES}",
        ),
    )


@dataclass(frozen=True)
class Front:
    """What the front page shows."""

    counts: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, str, int], ...]
    quads: tuple[tuple[int, int], ...]
    parties: tuple[Counted, ...]
    topics: tuple[Counted, ...]
    latest: tuple[Fact, ...]
    planned: tuple[Fact, ...]
    articles: tuple[tuple[Link, str], ...]


def front(reader: Reader) -> Front:
    """The front page."""
    whole = overview(reader)
    shown = [*whole.latest, *whole.planned]
    reader.about(shown)
    tellings = [t for f in shown for t in reader.bundle.nodes(f, "dipl:reportedAs")]
    reader.facts([*shown, *tellings])
    reader.about(whole.articles)
    reader.labels(*(iri for iri, _ in (*whole.parties, *whole.topics)))
    bundle = reader.bundle
    return Front(
        whole.counts,
        tuple((kind, kind_words(kind, number), number) for kind, number in whole.kinds),
        whole.quads,
        ranked(bundle, whole.parties),
        ranked(bundle, whole.topics),
        tuple(fact(bundle, f) for f in whole.latest),
        tuple(fact(bundle, f) for f in whole.planned),
        tuple((link(bundle, a), bundle.text(a, "schema:publisher")) for a in whole.articles),
    )


@dataclass(frozen=True)
class About:
    """What the page about the data shows beside the counts."""

    counts: tuple[tuple[str, int], ...]
    first: str
    last: str
    outlets: tuple[tuple[str, int], ...]
    licenses: tuple[tuple[str, int], ...]
    extractors: tuple[tuple[str, int], ...]
    imported: tuple[Link, ...]


def about(reader: Reader) -> About:
    """The page about the data: of what they are made, and of whose articles."""
    whole = overview(reader)

    def values(name: str, pattern: str, most: int) -> tuple[tuple[str, int], ...]:
        def ask() -> tuple[tuple[str, int], ...]:
            rows = reader.rows(f"SELECT ?v (COUNT(DISTINCT ?s) AS ?n) {{ {pattern} }} GROUP BY ?v")
            found = [(str(row[0].value), int(row[1].value)) for row in rows]
            return tuple(sorted(found, key=lambda row: (-row[1], row[0]))[:most])

        return reader.kept(("values", name), ask)

    def span() -> tuple[str, str]:
        row = reader.rows("SELECT (MIN(?d) AS ?a) (MAX(?d) AS ?b) { ?s a dipl:Article ; dipl:referenceDate ?d }")
        return (getattr(row[0][0], "value", ""), getattr(row[0][1], "value", "")) if row else ("", "")

    first, last = reader.kept(("span",), span)
    graphs = reader.rows("SELECT DISTINCT ?g { ?g a dipl:ImportedGraph } ORDER BY ?g LIMIT 200")
    imported = [row[0].value for row in graphs if isinstance(row[0], ox.NamedNode)]
    reader.labels(*imported)
    return About(
        whole.counts,
        days(first, first),
        days(last, last),
        values("outlets", "?s a dipl:Article ; schema:publisher ?v", _OUTLETS),
        values("licenses", "?s a dipl:Article ; schema:license ?v", _OUTLETS),
        values("extractors", "?s dipl:extractor ?v", _OUTLETS),
        tuple(link(reader.bundle, g) for g in imported),
    )
