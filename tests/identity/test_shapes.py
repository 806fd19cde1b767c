"""What is written across articles conforms to the shapes, and the shapes see what does not."""

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib

from kg.config import Settings
from kg.identity.clusters import Cluster, Rules
from kg.identity.events import EventGraph
from kg.identity.persons import cluster, cluster_graph
from kg.identity.wikidata import Found, Item, link_quads
from kg.triples.iris import Iris
from kg.triples.vocab import DIPL, FILES, ontology_folder
from tests.identity.gold import OWN, clustered, records, told
from tests.identity.test_persons import person

IRIS = Iris(Settings().base_iri)


@pytest.fixture(scope="module")
def written() -> rdflib.Graph:
    """The graphs of the own clusters, of a person of two spellings, and of a link."""
    all_records = [r for r in records(OWN) if r["cluster"] in ("d1", "d2", "n5")]
    by_iri = {e.iri: e for r in all_records for e in (told(r, n) for n in range(len(r["events"])))}
    quads: list[ox.Quad] = []
    for members in clustered(by_iri.values()):
        quads += EventGraph(Cluster(members, 0.9), [by_iri[m] for m in members], IRIS).quads()
    people = [person("Hun Sen", "KHM"), person("Samdech Hun Sen", "KHM")]
    quads += [q for found, group in cluster(people, Rules()) for q in cluster_graph(found, group, IRIS).quads()]
    quads += link_quads([Found(people[0], Item("Q1", ("Hun Sen",)), 0.9, "name, country")], "test", IRIS)
    # the annotations give places in words; what is checked here is the shape of what is written about them
    data = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.N_TRIPLES)
    return rdflib.Graph().parse(data=data or b"", format="nt")


@pytest.fixture(scope="module")
def background() -> rdflib.Graph:
    found = rdflib.Graph()
    for name in FILES:
        found.parse(ontology_folder() / name)
    return found


def _conforms(data: rdflib.Graph, background: rdflib.Graph) -> tuple[bool, str]:
    shapes = rdflib.Graph().parse(ontology_folder() / "shapes.ttl")
    conforms, _, text = pyshacl.validate(data + background, shacl_graph=shapes, advanced=False)
    return bool(conforms), str(text)


def test_it_conforms(written: rdflib.Graph, background: rdflib.Graph) -> None:
    conforms, text = _conforms(written, background)
    assert conforms, text[:3000]
    for name in ("EventAcrossArticles", "Claim", "PersonAcrossArticles", "IdentityLink"):
        assert (None, rdflib.RDF.type, rdflib.URIRef(DIPL + name)) in written


@pytest.mark.parametrize("missing", ["articleCount", "claimedBy", "confidence", "knownAs", "linkedTo"])
def test_the_shapes_see_what_is_missing(missing: str, written: rdflib.Graph, background: rdflib.Graph) -> None:
    data = rdflib.Graph() + written
    data.remove((None, rdflib.URIRef(DIPL + missing), None))
    assert not _conforms(data, background)[0]
