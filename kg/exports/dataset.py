"""What all descriptions of the dataset say alike: its IRI, what it is called, who publishes it, its files and examples."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass

import pyoxigraph as ox

from kg.config import Settings
from kg.exports.dumps import Dump, dumps
from kg.triples.vocab import PREFIXES, named

DCAT, VOID, SPDX = "http://www.w3.org/ns/dcat#", "http://rdfs.org/ns/void#", "http://spdx.org/rdf/terms#"
EU = "http://publications.europa.eu/resource/authority/"
DESCRIPTION_PREFIXES = PREFIXES | {
    "dcat": DCAT,
    "void": VOID,
    "spdx": SPDX,
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "dcatap": "http://data.europa.eu/r5r/",
}
KEYWORDS = ("diplomacy", "international relations", "events", "news", "PLOVER", "CAMEO")

Node = ox.NamedNode | ox.BlankNode


@dataclass(frozen=True)
class Dataset:
    """The dataset of a service, as its settings and dumps tell; ``dump`` is the newest, None where there is none."""

    settings: Settings
    dump: Dump | None

    @classmethod
    def of(cls, settings: Settings) -> Dataset:
        """The dataset with its newest dump."""
        return cls(settings, next(iter(dumps(settings)), None))

    @property
    def iri(self) -> ox.NamedNode:
        """The dataset's IRI, the same in every description."""
        return self.at(".well-known/void#dataset")

    @property
    def publisher(self) -> str:
        """The publisher's name."""
        host = urllib.parse.urlsplit(self.settings.base_iri).netloc
        return self.settings.dataset_publisher or f"The operator of {host}"

    @property
    def publisher_iri(self) -> ox.NamedNode:
        """The publisher's IRI."""
        iri = self.settings.dataset_publisher_iri
        return ox.NamedNode(iri) if iri else self.at("catalog#publisher")

    def at(self, path: str) -> ox.NamedNode:
        """An address of this service."""
        return ox.NamedNode(self.settings.base_iri + path)


class Describer:
    """Collects the triples of a description, each once."""

    def __init__(self) -> None:
        self._triples: dict[ox.Triple, None] = {}

    def add(self, subject: Node, predicate: str, *values: Node | ox.Literal | str | int | None) -> None:
        """Add a property by its short form ("dcat:theme") with its values; strings are English words, None is passed over."""
        prefix, _, name = predicate.partition(":")
        space = DESCRIPTION_PREFIXES[prefix]
        for value in values:
            if value is None or value == "":
                continue
            if isinstance(value, str):
                value = ox.Literal(value, language="en")
            elif isinstance(value, int):
                value = literal(str(value), "xsd:integer")
            self._triples.setdefault(ox.Triple(subject, ox.NamedNode(space + name), value))

    def type(self, subject: Node, *kinds: str) -> None:
        """Say what a thing is."""
        for kind in kinds:
            prefix, _, name = kind.partition(":")
            self.add(subject, "rdf:type", ox.NamedNode(DESCRIPTION_PREFIXES[prefix] + name))

    def triples(self) -> list[ox.Triple]:
        """What was said, in the order in which it was."""
        return list(self._triples)


def literal(text: str, kind: str) -> ox.Literal:
    """A literal of an XML Schema type ("xsd:date")."""
    return ox.Literal(text, datatype=named(kind))
