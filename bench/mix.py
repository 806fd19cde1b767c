"""What the soak asks: kinds of requests in fixed shares, over the things of a store; the same every time."""

from __future__ import annotations

import heapq
import json
import random
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hurting import HURTFUL

from kg.triples.vocab import PREFIXES

#: Of a thousand requests. Those that hurt, and those whose clients behave badly, come seldom, as they do.
SHARES = {
    "small": 640,
    "page": 320,
    "leaver": 12,
    "update": 9,
    "huge": 7,
    "graph": 5,
    "hurtful": 4,
    "slow": 3,
}
#: Kinds that come at random; the others come evenly, so that a short run has its part of them.
EVERYDAY = ("small", "page")
ROWS = 100_000
#: Graphs that are written again and again, counters that are updated, and triples of a graph.
GRAPHS, COUNTERS, TRIPLES = 50, 50, 100
#: Those of the queries that hurt which a server without a guard survives.
ENDLESS = ("count", "filtered", "sort", "distinct", "all of", "regular", "paths from")
_PREFIXES = "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in ("dipl", "rdfs", "oa", "xsd"))
SMALL = {
    "point": "CONSTRUCT {{ <{event}> ?p ?o }} WHERE {{ <{event}> ?p ?o }}",
    "label": "SELECT ?l {{ <{party}> rdfs:label ?l }} LIMIT 5",
    "ask": "ASK {{ <{event}> dipl:participation/dipl:actor ?a }}",
    "events of a party": "SELECT ?e ?t {{ ?p dipl:actor <{party}> . ?e dipl:participation ?p ; dipl:earliestDate ?t }} LIMIT 50",
    "sentences": "SELECT ?w {{ <{event}> dipl:evidence/oa:hasSelector/oa:exact ?w }}",
    "said": "SELECT ?s ?w {{ ?s dipl:speaker/dipl:actor <{person}> ; dipl:paraphrase ?w }} LIMIT 20",
    "topics": "SELECT ?t (COUNT(?e) AS ?n) {{ ?e dipl:participation/dipl:actor <{party}> ; dipl:topic ?t }} GROUP BY ?t",
}


@dataclass(frozen=True)
class Dialect:
    """The addresses of a server, and whether it has pages; where it has none their things are described by SPARQL."""

    query: str
    update: str
    graphs: str
    pages: bool


OURS = Dialect("/sparql", "/sparql", "/gsp", pages=True)
NATIVE = Dialect("/query", "/update", "/store", pages=False)


@dataclass(frozen=True)
class Asked:
    """One request, and whether a body of status 200 is what was asked for."""

    kind: str
    method: str
    path: str
    accept: str = "*/*"
    body: bytes | None = None
    content_type: str = ""
    whole: Callable[[bytes], bool] = field(default=lambda _: True, repr=False)


def _json(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def _triples(body: bytes) -> bool:
    return not body or body.endswith(b" .\n")


class Mix:
    """Makes the requests of each kind.

    Args:
        things: paths of pages by kind of thing, the most sought first.
        base: what their IRIs begin with.
    """

    def __init__(self, things: dict[str, list[str]], base: str, dialect: Dialect, seed: int) -> None:
        self._base, self._dialect, self._rng, self._number = base, dialect, random.Random(seed), 0
        self._pages = [path for listed in things.values() for path in listed if path.startswith("/page/")]
        self._pages += [path for name in ("front", "articles", "topic") for path in things[name]] * 3
        random.Random(1).shuffle(self._pages)
        self._events, self._persons = things["event"], things["person"]
        self._parties = [*things["state"], *things["organization"]]
        self._hurtful = [text for name, text in HURTFUL.items() if name.startswith(ENDLESS)]

    def make(self, kind: str) -> Asked:
        """The next request of a kind."""
        self._number += 1
        made: dict[str, Callable[[], Asked]] = {
            "small": self._small,
            "page": self._page,
            "huge": self._huge,
            "slow": self._huge,
            "leaver": lambda: self._query(kind, self._rng.choice(self._hurtful), "text/csv"),
            "hurtful": lambda: self._query(kind, self._hurtful[self._number % len(self._hurtful)], "text/csv"),
            "update": self._update,
            "graph": self._graph,
        }
        return made[kind]()

    def _some(self, listed: list[str]) -> str:
        """One of many, the first ones far more often."""
        return listed[min(int(self._rng.paretovariate(0.7)) - 1, len(listed) - 1)]

    def _iri(self, path: str) -> str:
        return self._base + "id/" + path.removeprefix("/page/")

    def _query(self, kind: str, text: str, accept: str, whole: Callable[[bytes], bool] = lambda _: False) -> Asked:
        # a query that never ends and comes to an end has been cut
        text = f"{text} # {self._number}" if kind != "small" else text
        address = f"{self._dialect.query}?{urllib.parse.urlencode({'query': text})}"
        return Asked(kind, "GET", address, accept, whole=whole)

    def _small(self) -> Asked:
        name = self._rng.choice(list(SMALL))
        iris = {"event": self._events, "party": self._parties, "person": self._persons}
        text = _PREFIXES + SMALL[name].format(**{n: self._iri(self._some(some)) for n, some in iris.items()})
        if name == "point":
            return self._query("small", text, "application/n-triples", _triples)
        return self._query("small", text, "application/sparql-results+json", _json)

    def _page(self) -> Asked:
        path = self._some(self._pages)
        if self._dialect.pages:
            return Asked("page", "GET", path, "text/html", whole=lambda body: body.rstrip().endswith(b"</html>"))
        iri = self._iri(path) if path.startswith("/page/") else self._iri(self._events[0])
        return self._query("page", f"DESCRIBE <{iri}>", "application/n-triples", _triples)

    def _huge(self) -> Asked:
        text = f"SELECT ?s ?p ?o {{ ?s ?p ?o }} LIMIT {ROWS}"
        return self._query("huge", text, "text/tab-separated-values", lambda body: body.count(b"\n") >= ROWS)

    def _update(self) -> Asked:
        counter = f"<urn:counter:{self._number % COUNTERS}>"
        text = (
            f"DELETE {{ GRAPH <urn:counters> {{ {counter} <urn:is> ?old }} }} "
            f"INSERT {{ GRAPH <urn:counters> {{ {counter} <urn:is> {self._number} }} }} "
            f"WHERE {{ OPTIONAL {{ GRAPH <urn:counters> {{ {counter} <urn:is> ?old }} }} }}"
        )
        return Asked(
            "update", "POST", self._dialect.update, body=text.encode(), content_type="application/sparql-update"
        )

    def _graph(self) -> Asked:
        graph = urllib.parse.quote(f"urn:written:{self._number % GRAPHS}", safe="")
        text = "".join(f'<urn:thing:{n}> <urn:says> "{self._number} {n}" .\n' for n in range(TRIPLES))
        path = f"{self._dialect.graphs}?graph={graph}"
        return Asked("graph", "PUT", path, body=text.encode(), content_type="application/n-triples")


def arrivals(rate: float, seconds: float, seed: int) -> Iterator[tuple[float, str]]:
    """When requests come, in seconds from the start, and of which kinds: ``rate`` a second in all; the same every time."""
    total = sum(SHARES.values())

    def stream(kind: str) -> Iterator[tuple[float, str]]:
        rng = random.Random(f"{seed} {kind}")
        between = total / SHARES[kind] / rate
        at = rng.uniform(0, between)
        while at < seconds:
            yield at, kind
            at += rng.expovariate(1 / between) if kind in EVERYDAY else between * rng.uniform(0.5, 1.5)

    return heapq.merge(*map(stream, SHARES))
