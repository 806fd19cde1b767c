"""Facts of one article as the quads of its named graph. No blank nodes, no clock: the same facts give the same quads."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

import pyoxigraph as ox

from kg.config import Settings
from kg.facts.record import event_codes
from kg.model import (
    Actor,
    ActorKind,
    Article,
    ArticleFacts,
    DateSpan,
    Event,
    Instrument,
    Participant,
    Place,
    Span,
    Statement,
    Tenure,
)
from kg.registry import party_name
from kg.triples.builder import GraphBuilder
from kg.triples.iris import Iris
from kg.triples.labels import class_name, event_label, office_label, statement_label, tenure_label
from kg.triples.vocab import PREFIXES, code, named, term


class _ArticleWriter:
    """Writes one article's facts into a graph."""

    def __init__(self, facts: ArticleFacts, iris: Iris) -> None:
        self.facts, self.iris, self.id = facts, iris, facts.article.id
        self.article = iris.article(self.id)
        self.graph = GraphBuilder(iris.article_graph(self.id))
        self.tenures = {(t.person.key, t.office): self._fact("tenure", t.key) for t in facts.tenures}

    def _fact(self, kind: str, key: str) -> ox.NamedNode:
        return self.iris.fact(kind, self.id, key)

    def write(self) -> list[ox.Quad]:
        self._article()
        for actor in self.facts.actors:
            self._actor(actor)
        for place in self.facts.places:
            self._place(place)
        for tenure in self.facts.tenures:
            self._tenure(tenure)
        for instrument in self.facts.instruments:
            self._instrument(instrument)
        for statement in self.facts.statements:
            self._statement(statement)
        for event in self.facts.events:
            self._event(event)
        return self.graph.quads()

    def _article(self) -> None:
        add, article, node = self.graph.add, self.facts.article, self.article
        title = article.title or f"Article {article.id}"
        self.graph.thing(node, "Article", title)
        add(node, "schema:headline", article.title, article.language)
        add(node, "schema:inLanguage", article.language)
        add(node, "schema:datePublished", article.published)
        add(node, "schema:author", article.author)
        add(node, "schema:publisher", article.outlet)
        add(node, "schema:license", article.license)
        if article.url:
            add(node, "schema:url", _iri(article.url))
        if self.facts.reference:
            add(node, "dipl:referenceDate", self.facts.reference.latest)
            add(node, "dipl:referenceDateInferred", self.facts.reference_inferred)
        self.graph.thing(self.graph.graph, "ArticleGraph", f"What is read from: {title}")
        add(self.graph.graph, "prov:wasDerivedFrom", node)

    def _actor(self, actor: Actor) -> None:
        node = self.iris.actor(self.id, actor)
        if actor.curated:
            self._party(actor.party)
            return
        self.graph.thing(node, actor.kind.value.capitalize(), actor.name)
        if actor.kind is not ActorKind.GROUP:
            self.graph.add(node, "foaf:name", actor.name)
        for alias in actor.aliases:
            self.graph.add(node, "skos:altLabel", alias, "en")
        self.graph.add(node, "dipl:size", actor.size)
        if actor.party and actor.party != actor.name:
            self.graph.add(node, "dipl:actsFor", self._party(actor.party))

    def _party(self, party: str | None) -> ox.NamedNode | None:
        """The state or organisation; its name stands in every graph that speaks of it, so that each is readable alone."""
        if party is None:
            return None
        node = self.iris.party(party)
        kind = "State" if "/id/state/" in node.value else "Organization"
        self.graph.thing(node, kind, party_name(party) or party)
        return node

    def _place(self, place: Place) -> ox.NamedNode:
        node = self.iris.place(place)
        if "/id/state/" in node.value:
            self._party(place.state)
            return node
        self.graph.thing(node, "Place", place.name)
        if place.geonames:
            self.graph.add(node, "owl:sameAs", ox.NamedNode(f"https://sws.geonames.org/{place.geonames}/"))
        if place.latitude is not None and place.longitude is not None:
            self.graph.add(node, "geo:lat", Decimal(str(place.latitude)))
            self.graph.add(node, "geo:long", Decimal(str(place.longitude)))
        if place.within:
            self.graph.add(node, "schema:containedInPlace", self._place(place.within))
        return node

    def _passage(self, span: Span) -> ox.NamedNode:
        add, node = self.graph.add, self.iris.passage(self.id, span)
        quote, position = (self.iris.passage(self.id, span, part) for part in ("quote", "position"))
        self.graph.thing(node, "Passage")
        add(node, "oa:hasSource", self.article)
        add(node, "oa:hasSelector", quote)
        add(node, "oa:hasSelector", position)
        add(quote, "rdf:type", named("oa:TextQuoteSelector"))
        add(quote, "oa:exact", span.text)
        add(position, "rdf:type", named("oa:TextPositionSelector"))
        add(position, "oa:start", span.start)
        add(position, "oa:end", span.end)
        return node

    def _grounds(self, node: ox.NamedNode, evidence: Sequence[Span], confidence: float) -> None:
        for span in evidence:
            self.graph.add(node, "dipl:evidence", self._passage(span))
        self.graph.add(node, "dipl:confidence", Decimal(str(round(confidence, 2))))

    def _date(self, node: ox.NamedNode, date: DateSpan | None) -> None:
        if date is None:
            return
        self.graph.add(node, "dipl:earliestDate", date.earliest)
        self.graph.add(node, "dipl:latestDate", date.latest)
        self.graph.add(node, "dipl:datePrecision", code("precision", date.precision.value))

    def _topics(self, node: ox.NamedNode, topics: Iterable[str]) -> None:
        for topic in topics:
            self.graph.add(node, "dipl:topic", term(f"topic-{topic}"))

    def _participation(
        self, node: ox.NamedNode, number: int, p: Participant, evidence: Sequence[Span], confidence: float
    ) -> None:
        add, part = self.graph.add, self.iris.participation(node, number)
        actor = self.iris.actor(self.id, p.actor)
        self._actor(p.actor)
        self.graph.thing(part, "Participation", f"{p.actor.name} as {p.role.value}")
        add(node, "dipl:participation", part)
        add(node, "sem:hasActor", actor)
        add(part, "dipl:actor", actor)
        add(part, "dipl:role", code("role", p.role.value))
        add(part, "dipl:side", code("side", p.side))
        add(part, "dipl:onBehalfOf", self._party(p.on_behalf_of or p.actor.party))
        add(part, "dipl:officeTitle", p.office)
        add(part, "dipl:inCapacity", self.tenures.get((p.actor.key, p.office or "")))
        add(part, "dipl:mention", p.mention.text)
        self._grounds(part, _around(p.mention, evidence), confidence)

    def _event(self, event: Event) -> None:
        add, node = self.graph.add, self._fact("event", event.key)
        self.graph.thing(node, class_name(event), event_label(event))
        codes = event_codes()
        plover, cameo, quad = codes.get((event.type.value, event.kind or "-")) or codes[event.type.value, "-"]
        add(node, "dipl:ploverType", plover)
        add(node, "dipl:cameoCode", cameo)
        add(node, "dipl:quadClass", quad)
        add(node, "dipl:modality", code("modality", event.modality.value))
        self._date(node, event.date)
        add(node, "dipl:dateText", event.date_text)
        if event.place:
            add(node, "dipl:place", self._place(event.place))
        add(node, "dipl:placeText", event.place_text)
        self._topics(node, event.topics)
        for words in event.about:
            add(node, "dipl:about", words)
        if event.instrument:
            add(node, "dipl:concerns", self._fact("instrument", event.instrument))
        if event.according_to:
            add(node, "dipl:accordingTo", self._fact("statement", event.according_to))
        if event.part_of:
            add(node, "dipl:partOf", self._fact("event", event.part_of))
        add(node, "dipl:trigger", event.trigger.text)
        add(node, "dipl:extractor", event.extractor)
        self._grounds(node, event.evidence, event.confidence)
        for number, participant in enumerate(event.participants, 1):
            self._participation(node, number, participant, event.evidence, event.confidence)

    def _statement(self, statement: Statement) -> None:
        add, node = self.graph.add, self._fact("statement", statement.key)
        self.graph.thing(node, "Statement", statement_label(statement))
        add(node, "dipl:speaker", self.iris.actor(self.id, statement.speaker.actor))
        for quote in statement.quotes:
            add(node, "dipl:quote", quote.text)
        add(node, "dipl:paraphrase", statement.paraphrase.text if statement.paraphrase else None)
        add(node, "dipl:sayingVerb", statement.verb.text if statement.verb else None)
        add(node, "dipl:channel", code("channel", statement.channel) if statement.channel else None)
        add(node, "dipl:stance", code("stance", statement.stance) if statement.stance else None)
        add(node, "dipl:negated", statement.negated or None)
        self._date(node, statement.date)
        add(node, "dipl:dateText", statement.date.text if statement.date else None)
        self._topics(node, statement.topics)
        self._grounds(node, statement.evidence, statement.confidence)
        for number, participant in enumerate((statement.speaker, *statement.addressees), 1):
            self._participation(node, number, participant, statement.evidence, statement.confidence)

    def _tenure(self, tenure: Tenure) -> None:
        add, node = self.graph.add, self._fact("tenure", tenure.key)
        office = self.iris.office(tenure.office, tenure.of)
        self._actor(tenure.person)
        self.graph.thing(node, "Tenure", tenure_label(tenure))
        self.graph.thing(office, "Office", office_label(tenure.office, tenure.of))
        add(office, "dipl:officeTitle", tenure.office)
        add(office, "dipl:officeOf", self._party(tenure.of))
        add(node, "dipl:holder", self.iris.actor(self.id, tenure.person))
        add(node, "dipl:office", office)
        add(node, "dipl:officeTitle", tenure.office)
        add(node, "dipl:former", tenure.former)
        if tenure.observed_on:
            add(node, "dipl:observedFrom", tenure.observed_on.earliest)
            add(node, "dipl:observedUntil", tenure.observed_on.latest)
        self._grounds(node, tenure.evidence, tenure.confidence)

    def _instrument(self, instrument: Instrument) -> None:
        add, node = self.graph.add, self._fact("instrument", instrument.key)
        self.graph.thing(node, "Instrument", instrument.name)
        add(node, "dipl:instrumentKind", code("instrument-kind", instrument.kind))
        add(node, "dipl:instrumentStatus", code("status", instrument.status) if instrument.status else None)
        for party in instrument.parties:
            add(node, "dipl:party", self._party(party))
        for actor, position in instrument.positions:
            self._actor(actor)
            side = "dipl:supportedBy" if position == "for" else "dipl:opposedBy"
            add(node, side, self.iris.actor(self.id, actor))
        if instrument.body:
            self._actor(instrument.body)
            add(node, "dipl:underDebateAt", self.iris.actor(self.id, instrument.body))
        self._topics(node, instrument.topics)
        self._grounds(node, instrument.evidence, instrument.confidence)


def _around(mention: Span, evidence: Sequence[Span]) -> Sequence[Span]:
    """The passages that hold the mention; all of them where none does (a participant known from elsewhere)."""
    return [s for s in evidence if s.start <= mention.start and mention.end <= s.end] or evidence


def _iri(address: str) -> ox.NamedNode | str:
    """An address as an IRI, or as plain words where it is none."""
    try:
        return ox.NamedNode(address)
    except ValueError:
        return address


def article_quads(facts: ArticleFacts, iris: Iris) -> list[ox.Quad]:
    """All quads of one article's named graph, in a fixed order.

    Raises:
        VocabularyError: a fact speaks of a code or topic that the ontology does not define.
    """
    return _ArticleWriter(facts, iris).write()


def duplicate_quads(article: Article, original: str, iris: Iris) -> list[ox.Quad]:
    """All quads of an article that repeats another one: what is known of it, and the link to the one that was read."""
    writer = _ArticleWriter(ArticleFacts(article, None, False, (), (), (), (), (), ()), iris)
    writer.graph.add(writer.article, "prov:alternateOf", iris.article(original))
    return writer.write()


def turtle(articles: Iterable[ArticleFacts], settings: Settings) -> str:
    """The triples of several articles together, as Turtle."""
    iris = Iris(settings.base_iri)
    triples = {quad.triple: None for facts in articles for quad in article_quads(facts, iris)}
    buffer = io.BytesIO()
    ox.serialize(triples, buffer, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    return buffer.getvalue().decode()
