"""What extraction writes conforms to the shapes, and the shapes see what does not."""

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib.namespace import RDFS

from kg.config import Settings
from kg.language import Pipeline
from kg.model import ArticleFacts
from kg.sources.article import make_article
from kg.triples.iris import Iris
from kg.triples.reference import ontology_quads, reference_quads
from kg.triples.vocab import DIPL, ontology_folder
from kg.triples.writer import article_quads, duplicate_quads

IRIS = Iris(Settings().base_iri)

TEXTS = [
    "The leaders of Kenya and Uganda signed a treaty on trade in Nairobi on 3 March 2021. Kenya's president, Uhuru Kenyatta, "
    'said: "We are neighbours." Tanzania rejected it. A former minister, John Doe, criticised Kenya.',
    "China threatened sanctions against Lithuania on Friday. The European Union condemned the threat. Lithuania will not recall "
    "its ambassador. NATO troops will leave Afghanistan next year, the alliance's chief promised.",
    "President Emmanuel Macron telephoned Chancellor Angela Merkel and thanked her for the aid. Thousands of protesters marched "
    "against the bill. Parliament passed the law on Tuesday.",
]


def _rdflib(quads: list[ox.Quad]) -> rdflib.Graph:
    data = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.N_TRIPLES)
    return rdflib.Graph().parse(data=data or b"", format="nt")


@pytest.fixture(scope="module")
def background() -> rdflib.Graph:
    return _rdflib(reference_quads(IRIS) + ontology_quads(IRIS))


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(ontology_folder() / "shapes.ttl")


def _report(data: rdflib.Graph, background: rdflib.Graph, shapes: rdflib.Graph) -> tuple[bool, str]:
    conforms, _, text = pyshacl.validate(data + background, shacl_graph=shapes, advanced=False)
    return bool(conforms), str(text)


def test_the_seed_conforms(seed_facts: ArticleFacts, background: rdflib.Graph, shapes: rdflib.Graph) -> None:
    conforms, text = _report(_rdflib(article_quads(seed_facts, IRIS)), background, shapes)
    assert conforms, text[:3000]


@pytest.mark.parametrize("text", TEXTS, ids=["treaty", "threat", "call"])
def test_other_articles_conform(text: str, pipeline: Pipeline, background: rdflib.Graph, shapes: rdflib.Graph) -> None:
    from kg import facts

    (parsed,) = pipeline.parse([make_article(text, source="test")])
    found = facts.extract(parsed)
    assert found.events
    conforms, report = _report(_rdflib(article_quads(found, IRIS)), background, shapes)
    assert conforms, report[:3000]


def test_an_article_that_repeats_another_conforms(background: rdflib.Graph, shapes: rdflib.Graph) -> None:
    article = make_article(TEXTS[0], source="test", given_id="copy", url="https://copy.example/1")
    conforms, report = _report(_rdflib(duplicate_quads(article, "original", IRIS)), background, shapes)
    assert conforms, report[:3000]


@pytest.mark.parametrize(
    "missing", ["evidence", "confidence", "modality", "participation", "latestDate", "actor", "role"]
)
def test_the_shapes_see_what_is_missing(
    missing: str, seed_facts: ArticleFacts, background: rdflib.Graph, shapes: rdflib.Graph
) -> None:
    data = _rdflib(article_quads(seed_facts, IRIS))
    data.remove((None, rdflib.URIRef(DIPL + missing), None))
    assert not _report(data, background, shapes)[0]


def test_the_shapes_see_a_thing_without_a_label(
    seed_facts: ArticleFacts, background: rdflib.Graph, shapes: rdflib.Graph
) -> None:
    data = _rdflib(article_quads(seed_facts, IRIS))
    person = next(s for s in data.subjects() if "/id/person/" in str(s))
    data.remove((person, RDFS.label, None))
    assert not _report(data, background, shapes)[0]
