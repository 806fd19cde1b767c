"""Writes what is known of one event across articles: its tellings, what they agree on, and where they contradict each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.identity.clusters import Cluster, decimal
from kg.identity.names import compatible
from kg.identity.scorer import apart
from kg.identity.told import Days, Told
from kg.registry import party_name
from kg.triples.builder import GraphBuilder, Value
from kg.triples.iris import Iris
from kg.triples.vocab import named, term


@dataclass(frozen=True)
class Claim:
    """What some of the tellings say where others say something else: a property's name, the value, and who says so."""

    about: str
    words: str
    value: Value
    tellings: tuple[Told, ...]
    days: Days | None = None


def _grouped(tellings: Iterable[tuple[str, Told]]) -> list[tuple[str, tuple[Told, ...]]]:
    found: dict[str, list[Told]] = defaultdict(list)
    for key, told in tellings:
        found[key].append(told)
    # the best supported first
    return [(key, tuple(v)) for key, v in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))]


def _shown(days: Days) -> str:
    first, last = days.earliest.isoformat(), days.latest.isoformat()
    return first if first == last else f"{first} to {last}"


def _date_claims(tellings: Sequence[Told]) -> Iterator[Claim]:
    dated = [(t, t.days) for t in tellings if t.days]
    if any(apart(a, b) for _, a in dated for _, b in dated):
        for words, group in _grouped((_shown(days), t) for t, days in dated):
            days = group[0].days
            assert days
            yield Claim("earliestDate", words, days.earliest, group, days)


def _place_claims(tellings: Sequence[Told]) -> Iterator[Claim]:
    # a place of which it is not known where it lies contradicts nothing: "UN headquarters" is in New York
    placed = [(t.place, t) for t in tellings if t.place and (len(t.places) > 1 or "/id/state/" in t.place)]
    if any(a not in y.places and b not in x.places for a, x in placed for b, y in placed):
        for place, group in _grouped(placed):
            yield Claim("place", place, ox.NamedNode(place), group)


def _person_claims(tellings: Sequence[Told]) -> Iterator[Claim]:
    by_party: dict[str, list[tuple[str, Told]]] = defaultdict(list)
    for told in tellings:
        for party, name in sorted(told.people):
            if party:
                by_party[party].append((name, told))
    for _, found in sorted(by_party.items()):
        others = [
            (name, told)
            for name, told in found
            if any(t is not told and not _any_fits(name, t, found) for _, t in found)
        ]
        for name, group in _grouped(others):
            yield Claim("actor", name, name, group)


def _any_fits(name: str, telling: Told, found: Sequence[tuple[str, Told]]) -> bool:
    return any(compatible(name, other) for other, told in found if told is telling)


def _party_claims(tellings: Sequence[Told]) -> Iterator[Claim]:
    """Each of two tellings names a party that the other does not."""
    lone = {
        party
        for a in tellings
        for b in tellings
        if len(a.parties) > 1 and len(b.parties) > 1 and a.parties - b.parties and b.parties - a.parties
        for party in a.parties ^ b.parties
    }
    for party, group in _grouped((p, t) for t in tellings for p in sorted(t.parties & lone)):
        name = party_name(party) or party
        yield Claim("onBehalfOf", name, name, group)


def _size_claims(tellings: Sequence[Told]) -> Iterator[Claim]:
    by_party: dict[str, list[tuple[str, Told]]] = defaultdict(list)
    for told in tellings:
        for party, size in sorted(told.sizes):
            by_party[party].append((size, told))
    for _, found in sorted(by_party.items()):
        if len({size for size, _ in found}) > 1:
            for size, group in _grouped(found):
                yield Claim("size", size, size, group)


def claims(tellings: Sequence[Told]) -> list[Claim]:
    """Every contradiction among tellings of one event; what an article leaves out contradicts nothing."""
    kinds = (_date_claims, _place_claims, _person_claims, _party_claims, _size_claims)
    return [claim for kind in kinds for claim in kind(tellings)]


def agreed_days(tellings: Sequence[Told]) -> Days | None:
    """The date that most tellings bear out, among these the most exact, and of two the one that was told first."""
    dated = [(t, t.days) for t in tellings if t.days]

    def rank(item: tuple[Told, Days]) -> tuple[int, int, str, str]:
        told, days = item
        first = told.article.day.isoformat() if told.article.day else "9999"
        return (-sum(apart(days, d) == 0 for _, d in dated), (days.latest - days.earliest).days, first, _shown(days))

    return min(dated, key=rank)[1] if dated else None


def _agreed_place(tellings: Sequence[Told]) -> str | None:
    placed = [t for t in tellings if t.place]

    def rank(told: Told) -> tuple[int, int, str]:
        return (-sum(t.place in told.places for t in placed), -len(told.places), told.place or "")

    return min((t for t in placed), key=rank).place if placed else None


def _agreed_actors(tellings: Sequence[Told]) -> list[str]:
    counts = Counter(actor for t in tellings for actor in t.actors)
    return sorted(actor for actor, count in counts.items() if 2 * count >= len(tellings))


def _label(kind: str, tellings: Sequence[Told], days: Days | None, articles: int) -> str:
    counts = Counter(p for t in tellings for p in t.parties)
    parties = [party_name(p) or p for p, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:4]]
    who = f": {' – '.join(parties)}" if parties else ""
    return f"{kind}{who}{f', {_shown(days)}' if days else ''} (in {articles} articles)"


def first_member(tellings: Iterable[Told]) -> Told:
    """The telling after which an event across articles is named: that of the earliest article."""
    return min(tellings, key=lambda t: (t.article.day.isoformat() if t.article.day else "9999", t.iri))


class EventGraph:
    """The graph of one event across articles."""

    def __init__(self, cluster: Cluster, tellings: Sequence[Told], iris: Iris) -> None:
        first = ox.NamedNode(first_member(tellings).iri)
        self.node = iris.across(first)
        self.graph = GraphBuilder(iris.identity_graph("event", first.value.rpartition("/")[2]))
        self._cluster, self._tellings, self._claims = cluster, tellings, claims(tellings)

    @property
    def disagrees(self) -> bool:
        """Whether the articles contradict each other."""
        return bool(self._claims)

    def quads(self) -> list[ox.Quad]:
        """All that the graph says."""
        articles = sorted({t.article.iri for t in self._tellings})
        outlets = sorted({t.article.outlet for t in self._tellings if t.article.outlet})
        kinds = Counter(t.kind for t in self._tellings)
        kind = min(kinds, key=lambda k: (-kinds[k], k))
        days, add = agreed_days(self._tellings), self.graph.add
        self.graph.thing(self.node, "EventAcrossArticles", _label(kind, self._tellings, days, len(articles)))
        add(self.node, "dcterms:type", term(kind))
        for told in self._tellings:
            add(self.node, "dipl:reportedAs", ox.NamedNode(told.iri))
        for article in articles:
            add(self.node, "dipl:reportedBy", ox.NamedNode(article))
        for outlet in outlets:
            add(self.node, "schema:publisher", outlet)
        add(self.node, "dipl:articleCount", len(articles))
        add(self.node, "dipl:outletCount", len(outlets))
        add(self.node, "dipl:confidence", decimal(self._cluster.confidence))
        self._agreed(days)
        self._follows()
        for number, claim in enumerate(self._claims, 1):
            self._claim(number, claim)
        return self.graph.quads()

    def _agreed(self, days: Days | None) -> None:
        self._days(self.node, days)
        modalities = [t.modality for t in self._tellings]
        best = min(("actual", "planned", "possible", "negated"), key=lambda m: (m not in modalities,))
        self.graph.add(self.node, "dipl:modality", term(f"modality-{best}"))
        place = _agreed_place(self._tellings)
        self.graph.add(self.node, "dipl:place", ox.NamedNode(place) if place else None)
        for actor in _agreed_actors(self._tellings):
            self.graph.add(self.node, "sem:hasActor", ox.NamedNode(actor))

    def _days(self, node: ox.NamedNode, days: Days | None) -> None:
        if days:
            self.graph.add(node, "dipl:earliestDate", days.earliest)
            self.graph.add(node, "dipl:latestDate", days.latest)
            self.graph.add(node, "dipl:datePrecision", term(f"precision-{days.precision}"))

    def _follows(self) -> None:
        """The event that took place carries out the one that was planned."""
        for deed in (t for t in self._tellings if t.modality == "actual"):
            for plan in (t for t in self._tellings if t.modality in ("planned", "possible")):
                self.graph.add(ox.NamedNode(deed.iri), "dipl:follows", ox.NamedNode(plan.iri))

    def _claim(self, number: int, claim: Claim) -> None:
        node, add = ox.NamedNode(f"{self.node.value}#claim{number}"), self.graph.add
        words = claim.words.rpartition("/")[2]
        self.graph.thing(node, "Claim", f"{term(claim.about).value.rpartition('#')[2]}: {words}")
        add(self.node, "dipl:disagreesOn", named(f"dipl:{claim.about}"))
        add(self.node, "dipl:claim", node)
        add(node, "dipl:claimAbout", named(f"dipl:{claim.about}"))
        add(node, "dipl:claimedValue", claim.value)
        self._days(node, claim.days)
        for told in claim.tellings:
            add(node, "dipl:claimedBy", ox.NamedNode(told.article.iri))
            add(node, "dipl:claimedIn", ox.NamedNode(told.iri))
