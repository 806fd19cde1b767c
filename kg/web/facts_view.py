"""What a page shows: a thing with its properties, and the facts about it with the sentences that say so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.triples.vocab import DIPL, named
from kg.web.graph_view import TYPE, GraphView, Node, local_name

#: Of the most particular kind first: a thing's name for its kind is the first of its classes here.
KINDS = (
    "Meeting Visit Call Negotiation Summit Mediation Signing Release Easing Embargo Commitment Consultation Support Cooperation "
    "Aid Concession Withdrawal Request Accusation Rejection Threat Protest Mobilization Sanction Coercion Assault Event "
    "EventAcrossArticles PersonAcrossArticles Statement Tenure Instrument Person State Organization Group Office Place Article "
    "ArticleGraph Claim IdentityLink"
).split()
FACTS = ("Event", "Statement", "Tenure", "Instrument")
#: More facts than this are not shown on one page; the data hold all.
MOST_FACTS = 200
#: Shown in a way of their own, told by what is shown, or of use to the program alone.
_HIDDEN = {
    named(name)
    for name in (
        "rdf:type rdfs:label dipl:evidence dipl:participation sem:hasActor foaf:name schema:headline rdfs:isDefinedBy "
        "skos:prefLabel skos:inScheme dipl:reportedAs dipl:reportedBy dipl:claim dipl:disagreesOn dipl:articleCount "
        "dipl:outletCount dipl:blockKey dipl:indexedPerson dipl:indexedState"
    ).split()
}


@dataclass(frozen=True)
class Link:
    """Words, and the IRI they lead to (None for plain words)."""

    text: str
    iri: str | None = None


@dataclass(frozen=True)
class Sentence:
    """A sentence of an article; ``anchor`` is the passage's fragment in its article's page."""

    text: str
    article: Link
    anchor: str


@dataclass(frozen=True)
class Part:
    """One participant of an event or statement."""

    actor: Link
    role: str
    on_behalf_of: Link | None
    office: str
    mention: str


@dataclass(frozen=True)
class Fact:
    """An event, statement, tenure or instrument in short."""

    link: Link
    kind: str
    when: str
    modality: str
    confidence: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Report:
    """One article that tells of an event across articles: itself, its outlet, and its own telling."""

    article: Link
    outlet: str
    telling: Link
    when: str
    modality: str


@dataclass(frozen=True)
class Dispute:
    """A property on which articles contradict each other: each value, with the articles that give it."""

    about: str
    claims: tuple[tuple[Link, tuple[Link, ...]], ...]


@dataclass(frozen=True)
class Thing:
    """A thing as its page shows it; ``properties`` are pairs of a property and its values.

    ``reports`` and ``disputes`` are those of an event across articles; ``across`` leads from an article's event to such a one.
    """

    iri: str
    label: str
    kind: str
    properties: tuple[tuple[Link, tuple[Link, ...]], ...]
    parts: tuple[Part, ...]
    sentences: tuple[Sentence, ...]
    facts: tuple[Fact, ...]
    left_out: int
    reports: tuple[Report, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    across: tuple[Link, ...] = ()


def kind_of(view: GraphView, node: Node) -> str:
    """The local name of a thing's most particular class; empty where it has none of ours."""
    classes = {q.object for q in view.store.quads_for_pattern(node, TYPE, None, None)}
    return next((name for name in KINDS if ox.NamedNode(DIPL + name) in classes), "")


def _sentences(view: GraphView, passages: Iterable[Node]) -> tuple[Sentence, ...]:
    """Passages with their words, in the order of the text."""
    found = []
    for passage in passages:
        article = view.value(passage, "oa:hasSource")
        selectors = view.nodes(passage, "oa:hasSelector")
        exact = next((text for s in selectors if (text := view.text(s, "oa:exact"))), "")
        start = next((int(text) for s in selectors if (text := view.text(s, "oa:start"))), 0)
        if isinstance(article, Node) and exact:
            link = Link(view.label(article), article.value)
            found.append((article.value, start, Sentence(exact, link, passage.value.rsplit("#", 1)[-1])))
    return tuple(sentence for *_, sentence in sorted(found, key=lambda f: f[:2]))


def sentences(view: GraphView, node: Node) -> tuple[Sentence, ...]:
    """The sentences that support a fact; of an article, all that anything was read from."""
    if view.is_a(node, "Article"):
        return _sentences(view, (s for s, p in view.incoming(node) if p == named("oa:hasSource")))
    return _sentences(view, view.nodes(node, "dipl:evidence"))


def _when(view: GraphView, node: Node) -> str:
    first, last = view.text(node, "dipl:earliestDate"), view.text(node, "dipl:latestDate")
    return first if first == last else f"{first} – {last}"


def fact(view: GraphView, node: Node) -> Fact:
    """A fact in short, with its sentences."""
    return Fact(
        Link(view.label(node), node.value),
        kind_of(view, node),
        _when(view, node),
        view.text(node, "dipl:modality"),
        view.text(node, "dipl:confidence"),
        sentences(view, node),
    )


def _fact_nodes(view: GraphView, node: Node, depth: int = 2) -> set[Node]:
    """The facts that speak of a thing: directly, through a part in them, an office of it, or a place within it."""
    found: set[Node] = set()
    for subject, predicate in view.incoming(node):
        whole = ox.NamedNode(subject.value.split("#", 1)[0])
        if any(view.is_a(whole, kind) for kind in FACTS):
            found.add(whole)
        elif depth and local_name(predicate.value) in ("officeOf", "containedInPlace", "actsFor", "broader"):
            found |= _fact_nodes(view, subject, depth - 1)
    return found - {node}


def _article_facts(view: GraphView, article: Node) -> set[Node]:
    graphs = [s for s, p in view.incoming(article) if p == named("prov:wasDerivedFrom") and view.has_graph(s)]
    subjects = {t.subject for graph in graphs for t in view.graph(graph) if t.predicate == named("dipl:evidence")}
    return {s for s in subjects if isinstance(s, Node) and "#" not in s.value}


def _parts(view: GraphView, node: Node) -> tuple[Part, ...]:
    found = []
    for part in sorted(view.nodes(node, "dipl:participation"), key=lambda n: int(n.value.rsplit("#p", 1)[-1])):
        actor = view.value(part, "dipl:actor")
        party = view.value(part, "dipl:onBehalfOf")
        if isinstance(actor, Node):
            behalf = Link(view.label(party), party.value) if isinstance(party, Node) and party != actor else None
            who = Link(view.label(actor), actor.value)
            role, office, mention = (view.text(part, f"dipl:{p}") for p in ("role", "officeTitle", "mention"))
            found.append(Part(who, role, behalf, office, mention))
    return tuple(found)


def _reports(view: GraphView, node: Node) -> tuple[Report, ...]:
    """The tellings of an event across articles, in the order of their days."""
    found = []
    for event in view.nodes(node, "dipl:reportedAs"):
        passages = view.nodes(event, "dipl:evidence")
        article = view.value(passages[0], "oa:hasSource") if passages else None
        if isinstance(article, Node):
            link, telling = Link(view.label(article), article.value), Link(view.label(event), event.value)
            outlet, day = view.text(article, "schema:publisher"), view.text(article, "dipl:referenceDate")
            row = Report(link, outlet, telling, _when(view, event), view.text(event, "dipl:modality"))
            found.append((day, event.value, row))
    return tuple(row for *_, row in sorted(found, key=lambda f: f[:2]))


def _disputes(view: GraphView, node: Node) -> tuple[Dispute, ...]:
    found: dict[str, list[tuple[Link, tuple[Link, ...]]]] = {}
    for claim in sorted(view.nodes(node, "dipl:claim"), key=lambda n: int(n.value.rsplit("#claim", 1)[-1])):
        value = view.value(claim, "dipl:claimedValue")
        if value is None:
            continue
        when = _when(view, claim)
        shown = Link(when or view.show(value), value.value if isinstance(value, Node) else None)
        articles = tuple(Link(view.label(a), a.value) for a in view.nodes(claim, "dipl:claimedBy"))
        found.setdefault(view.text(claim, "dipl:claimAbout"), []).append((shown, articles))
    return tuple(Dispute(about, tuple(claims)) for about, claims in found.items())


def _across(view: GraphView, node: Node) -> tuple[Link, ...]:
    """The events across articles that an article's event is a telling of, or the people that a person is."""
    wanted = (named("dipl:reportedAs"), named("dipl:knownAs"))
    return tuple(Link(view.label(s), s.value) for s, p in view.incoming(node) if p in wanted)


def _properties(view: GraphView, node: Node) -> tuple[tuple[Link, tuple[Link, ...]], ...]:
    found: dict[Node, list[Link]] = {}
    # an event across articles has no participations of its own that would show them
    hidden = _HIDDEN - {named("sem:hasActor")} if view.is_a(node, "EventAcrossArticles") else _HIDDEN
    for triple in view.triples(node):
        if triple.predicate in hidden or not isinstance(triple.object, ox.NamedNode | ox.Literal):
            continue
        iri = triple.object.value if isinstance(triple.object, Node) else None
        found.setdefault(triple.predicate, []).append(Link(view.show(triple.object), iri))
    return tuple((Link(_words(view, p), p.value), tuple(values)) for p, values in found.items())


def _words(view: GraphView, predicate: Node) -> str:
    """A property in words: its label, else its name with the words apart."""
    label = view.label(predicate)
    if label != local_name(predicate.value):
        return label
    return "".join(f" {c.lower()}" if c.isupper() else c for c in label).strip()


def sort_facts(view: GraphView, nodes: Iterable[Node]) -> list[Fact]:
    """Facts for a page: events first, then by day, then by label."""
    order = {kind: number for number, kind in enumerate(KINDS)}
    shown = [fact(view, node) for node in nodes]
    late = order["Event"]
    return sorted(shown, key=lambda f: (max(order.get(f.kind, 99), late), f.when or "9999", f.link.text))


def thing(view: GraphView, node: Node) -> Thing:
    """Everything that the page of a thing shows."""
    kind = kind_of(view, node)
    if kind == "EventAcrossArticles":
        about = set(view.nodes(node, "dipl:reportedAs"))
    else:
        about = _article_facts(view, node) if kind == "Article" else _fact_nodes(view, node)
    # by IRI before they are cut, so that a page is the same each time
    chosen = sorted(about, key=lambda n: n.value)[:MOST_FACTS]
    return Thing(
        node.value,
        view.label(node),
        kind,
        _properties(view, node),
        _parts(view, node),
        sentences(view, node),
        tuple(sort_facts(view, chosen)),
        len(about) - len(chosen),
        _reports(view, node),
        _disputes(view, node),
        _across(view, node),
    )
