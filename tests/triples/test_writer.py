"""Facts as triples: the same bytes each time, no blank nodes, IRIs by one rule."""

import io

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

from kg.config import Settings
from kg.language import Pipeline
from kg.model import Actor, ActorKind, ArticleFacts, Place, Span
from kg.triples.iris import Iris, slug
from kg.triples.reference import reference_quads
from kg.triples.vocab import PREFIXES
from kg.triples.writer import article_quads, turtle

IRIS = Iris("https://example.org/kg/")


def test_the_same_facts_give_the_same_bytes(seed_facts: ArticleFacts, seed: object, pipeline: Pipeline) -> None:
    from kg import facts

    (parsed,) = pipeline.parse([seed_facts.article])
    again = facts.extract(parsed)
    once, twice = ("\n".join(map(str, article_quads(f, IRIS))) for f in (seed_facts, again))
    assert once == twice


def test_all_is_in_the_articles_graph_and_nothing_is_blank(seed_facts: ArticleFacts) -> None:
    quads = article_quads(seed_facts, IRIS)
    assert {q.graph_name for q in quads} == {IRIS.article_graph(seed_facts.article.id)}
    assert len(quads) == len(set(quads)) > 900
    assert not [q for q in quads if isinstance(q.subject, ox.BlankNode) or isinstance(q.object, ox.BlankNode)]


def test_minted_iris_lie_under_the_base(seed_facts: ArticleFacts) -> None:
    subjects = {q.subject.value for q in article_quads(seed_facts, IRIS) if isinstance(q.subject, ox.NamedNode)}
    assert all(s.startswith(("https://example.org/kg/id/", "https://example.org/kg/graph/")) for s in subjects)


def test_turtle_says_the_same_as_the_quads(seed_facts: ArticleFacts) -> None:
    settings = Settings(base_iri=IRIS.base)
    read = rdflib.Graph().parse(data=turtle([seed_facts], settings), format="turtle")
    buffer = io.BytesIO()
    ox.serialize((q.triple for q in article_quads(seed_facts, IRIS)), buffer, format=ox.RdfFormat.N_TRIPLES)
    assert isomorphic(read, rdflib.Graph().parse(data=buffer.getvalue(), format="nt"))


def test_every_passage_cuts_its_words_out_of_the_text(seed_facts: ArticleFacts) -> None:
    graph = rdflib.Graph().parse(data=turtle([seed_facts], Settings()), format="turtle")
    rows = graph.query(
        "SELECT ?p ?exact ?start ?end "
        "{ ?p oa:hasSelector/oa:exact ?exact ; oa:hasSelector ?s . ?s oa:start ?start ; oa:end ?end }",
        initNs={"oa": PREFIXES["oa"]},
    )
    found = [tuple(row) for row in rows if isinstance(row, rdflib.query.ResultRow)]
    assert len(found) > 10
    for passage, exact, start, end in found:
        assert seed_facts.article.text[int(start) : int(end)] == str(exact)
        assert str(passage).endswith(f"#char={start},{end}")


@pytest.mark.parametrize(
    ("actor", "ending"),
    [
        (Actor("khm", ActorKind.STATE, "Cambodia", "KHM", curated=True), "state/KHM"),
        (Actor("un", ActorKind.ORGANIZATION, "United Nations", "UN", curated=True), "organization/UN"),
        (Actor("a", ActorKind.PERSON, "José María Aznar", "ESP"), "person/jose-maria-aznar-esp"),
        (Actor("a", ActorKind.PERSON, "Ban Ki-moon"), "person/ban-ki-moon-x"),
        (Actor("union", ActorKind.ORGANIZATION, "Labor Union", "Labor Union"), "organization/labor-union-x"),
        (Actor("g", ActorKind.GROUP, "labor leaders"), "group/a1-g"),
    ],
    ids=lambda v: v if isinstance(v, str) else v.name,
)
def test_actors_iris(actor: Actor, ending: str) -> None:
    assert IRIS.actor("a1", actor).value == f"https://example.org/kg/id/{ending}"


def test_other_iris() -> None:
    cambodia = Place("Cambodia", "KHM")
    assert IRIS.place(cambodia) == IRIS.party("KHM")
    assert IRIS.place(Place("Phnom Penh", "KHM", cambodia)).value.endswith("id/place/phnom-penh-khm")
    assert IRIS.office("Foreign Minister", "KHM").value.endswith("id/office/foreign-minister-khm")
    assert IRIS.passage("a1", Span(3, 9, "minist")).value.endswith("id/article/a1#char=3,9")
    assert IRIS.participation(IRIS.fact("event", "a1", "e2"), 1).value.endswith("id/event/a1-e2#p1")


@pytest.mark.parametrize(("text", "made"), [("Łódź", "łodz"), ("  A--b_c ", "a-b-c"), ("!?", "x"), ("東京", "東京")])
def test_slugs(text: str, made: str) -> None:
    assert slug(text) == made
    assert ox.NamedNode(f"https://example.org/{made}")


def test_the_reference_data_join_to_other_datasets() -> None:
    quads = {q.triple for q in reference_quads(IRIS)}
    cambodia = IRIS.party("KHM")
    same = {t.object.value for t in quads if t.subject == cambodia and t.predicate.value.endswith("#sameAs")}
    assert same == {"http://www.wikidata.org/entity/Q424", "https://sws.geonames.org/1831722/"}
    members = {t.subject for t in quads if t.object == IRIS.party("ASEAN")}
    assert cambodia in members
    assert len(members) >= 10
