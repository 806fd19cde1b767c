"""The ontology says what its terms mean, and code uses no term that it lacks."""

import json
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SKOS

from kg.errors import VocabularyError
from kg.facts.record import event_codes
from kg.mentions.topics import find_topics
from kg.registry.tables import rows
from kg.triples.labels import EVENT_CLASSES
from kg.triples.vocab import DIPL, FILES, PREFIXES, named, ontology_folder, term, with_superclasses

DEFINED_IN = rdflib.URIRef("https://w3id.org/diplomatic-kg/ontology")
MAPPINGS = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch)


@pytest.fixture(scope="module")
def graph() -> rdflib.Graph:
    """The ontology as another library reads it."""
    found = rdflib.Graph()
    for name in FILES:
        found.parse(ontology_folder() / name)
    return found


def terms(graph: rdflib.Graph) -> list[rdflib.URIRef]:
    return sorted({s for s in graph.subjects() if isinstance(s, rdflib.URIRef) and s.startswith(DIPL)})


def _corresponds(graph: rdflib.Graph, node: rdflib.URIRef) -> bool:
    elsewhere = [
        o
        for p in (*MAPPINGS, RDFS.subClassOf, RDFS.subPropertyOf)
        for o in graph.objects(node, p)
        if not str(o).startswith(DIPL)
    ]
    codes = [graph.value(node, rdflib.URIRef(DIPL + name)) for name in ("ploverType", "cameoCode", "ploverContext")]
    reason = graph.value(node, rdflib.URIRef(DIPL + "noCorrespondence"))
    above = [o for o in graph.objects(node, RDFS.subClassOf) if str(o).startswith(DIPL)]
    return bool(elsewhere or any(codes) or reason or any(_corresponds(graph, rdflib.URIRef(o)) for o in above))


def test_it_is_small_and_complete(graph: rdflib.Graph) -> None:
    count = {kind: len(list(graph.subjects(RDF.type, kind))) for kind in (OWL.Class, SKOS.Concept)}
    assert 30 <= count[OWL.Class] <= 46
    assert count[SKOS.Concept] >= 100


def test_every_term_has_label_definition_correspondence_or_reason(graph: rdflib.Graph) -> None:
    found = terms(graph)
    assert len(found) > 150
    for node in found:
        labels = list(graph.objects(node, RDFS.label))
        assert [label.language for label in labels if isinstance(label, rdflib.Literal)] == ["en"], node
        assert graph.value(node, SKOS.definition), node
        assert graph.value(node, RDFS.isDefinedBy) == DEFINED_IN, node
        assert _corresponds(graph, node), f"{node} corresponds to nothing and says not why"


def test_properties_have_ranges_and_codes_have_schemes(graph: rdflib.Graph) -> None:
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty):
        assert all(graph.value(p, RDFS.range) for p in graph.subjects(RDF.type, kind))
    for concept in graph.subjects(RDF.type, SKOS.Concept):
        scheme = graph.value(concept, SKOS.inScheme)
        assert (scheme, RDF.type, SKOS.ConceptScheme) in graph
        broader = graph.value(concept, SKOS.broader)
        assert (broader is not None) != ((concept, SKOS.topConceptOf, scheme) in graph), concept


def test_the_ontology_says_who_made_it(graph: rdflib.Graph) -> None:
    wanted = "dcterms:license dcterms:creator dcterms:created owl:versionIRI owl:versionInfo"
    for name in wanted.split():
        assert graph.value(DEFINED_IN, rdflib.URIRef(named(name).value)), name


def test_the_classes_of_events_carry_the_codes_of_event_data(graph: rdflib.Graph) -> None:
    for (kind, sub), (plover, cameo, quad) in event_codes().items():
        name = sub.capitalize() if sub != "-" else EVENT_CLASSES[kind]
        node = rdflib.URIRef(DIPL + name)
        values = [str(graph.value(node, rdflib.URIRef(DIPL + p))) for p in ("ploverType", "cameoCode", "quadClass")]
        assert values == [plover, cameo, str(quad)], name


def test_an_unknown_term_fails() -> None:
    with pytest.raises(VocabularyError, match="'Meetng'"):
        term("Meetng")
    with pytest.raises(VocabularyError):
        named("dipl:nonsense")
    with pytest.raises(VocabularyError):
        named("nope:x")
    assert term("Meeting") == ox.NamedNode(DIPL + "Meeting")


def test_superclasses_reach_the_vocabularies_of_others() -> None:
    names = [n.value.removeprefix(DIPL) for n in with_superclasses("Visit")]
    assert names == ["Visit", "Consultation", "Event", PREFIXES["sem"] + "Event"]


@pytest.mark.parametrize(
    "folder", ["kg", "ontology/questions", "README.md", "ontology/README.md", "ontology/shapes.ttl"]
)
def test_no_term_is_used_that_the_ontology_lacks(root: Path, folder: str, graph: rdflib.Graph) -> None:
    defined = {str(t).removeprefix(DIPL) for t in terms(graph)}
    start = root / folder
    used = set()
    for path in [start] if start.is_file() else start.rglob("*"):
        if path.suffix in (".py", ".rq", ".ttl", ".md", ".html"):
            used |= set(re.findall(r"\bdipl:([A-Za-z][\w-]*)", path.read_text(encoding="utf-8")))
    assert used
    assert used <= defined, used - defined


def test_every_topic_that_is_found_is_in_the_tree() -> None:
    found = find_topics("They spoke about tariffs, nuclear weapons and refugees.")
    assert len(found) == 3
    assert {m.topic for m in found} == {"tariffs", "nuclear-weapons", "refugees"}
    assert all(term(f"topic-{row['topic']}") for row in rows("topic_words.tsv"))


def test_the_context_gives_the_same_iris(graph: rdflib.Graph) -> None:
    context = json.loads((ontology_folder() / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    names = {
        str(s).removeprefix(DIPL) for kind in kinds for s in graph.subjects(RDF.type, kind) if str(s).startswith(DIPL)
    }
    assert names <= context.keys()
    document = {"@context": context, "id": "https://example.org/e", "type": "Meeting", "earliestDate": "2016-01-26"}
    read = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    assert (None, RDF.type, rdflib.URIRef(DIPL + "Meeting")) in read
    (date,) = read.objects(None, rdflib.URIRef(DIPL + "earliestDate"))
    assert isinstance(date, rdflib.Literal)
    assert date.datatype == rdflib.XSD.date
