"""The terms that may be written: this project's are read from the ontology's files, so an unknown one fails at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from kg.errors import VocabularyError

DIPL = "https://w3id.org/diplomatic-kg/ontology#"
#: The files that make the ontology, in the order they build on each other.
FILES = ("diplomacy.ttl", "codes.ttl", "topics.ttl")

#: Prefix -> namespace, for queries, Turtle and pages. Sources: the vocabularies' own documents.
PREFIXES = {
    "dipl": DIPL,
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pav": "http://purl.org/pav/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sem": "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_SUBCLASS = ox.NamedNode(PREFIXES["rdfs"] + "subClassOf")


def ontology_folder() -> Path:
    """The folder of the ontology's files: inside the package where it is installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "ontology"
    return inside if (inside / FILES[0]).exists() else package.parent / "ontology"


@cache
def ontology() -> tuple[ox.Triple, ...]:
    """All triples of the ontology, its code lists and its topics, in the order of the files."""
    return tuple(quad.triple for name in FILES for quad in ox.parse(path=str(ontology_folder() / name)))


@cache
def _defined() -> frozenset[str]:
    return frozenset(t.subject.value for t in ontology() if isinstance(t.subject, ox.NamedNode))


@cache
def term(name: str) -> ox.NamedNode:
    """The IRI of a term of this project's ontology, by its local name ("Meeting", "earliestDate", "topic-trade").

    Raises:
        VocabularyError: the ontology does not define it.
    """
    iri = DIPL + name
    if iri not in _defined():
        raise VocabularyError(f"The ontology has no term {name!r}.")
    return ox.NamedNode(iri)


def code(scheme: str, key: str) -> ox.NamedNode:
    """The concept of a code list by its key in the records ("status", "under_debate").

    Raises:
        VocabularyError: the code list has no such code.
    """
    return term(f"{scheme}-{key.replace('_', '-')}")


def named(curie: str) -> ox.NamedNode:
    """The IRI of another vocabulary's term, from its usual short form ("oa:exact").

    Raises:
        VocabularyError: the prefix is not among ``PREFIXES``.
    """
    prefix, _, local = curie.partition(":")
    if prefix not in PREFIXES:
        raise VocabularyError(f"There is no prefix {prefix!r}.")
    return term(local) if prefix == "dipl" else ox.NamedNode(PREFIXES[prefix] + local)


@cache
def with_superclasses(name: str) -> tuple[ox.NamedNode, ...]:
    """A class of the ontology and all classes above it, its own and others' vocabularies', the nearest first."""
    found: dict[ox.NamedNode, None] = {}

    def climb(node: ox.NamedNode) -> Iterator[ox.NamedNode]:
        yield node
        above = [t.object for t in ontology() if t.subject == node and t.predicate == _SUBCLASS]
        for parent in sorted((o for o in above if isinstance(o, ox.NamedNode)), key=lambda n: n.value):
            yield from climb(parent)

    for node in climb(term(name)):
        found.setdefault(node)
    return tuple(found)
