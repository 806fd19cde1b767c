"""Reads the manifests of the W3C SPARQL 1.1 test suite (w3c/rdf-tests, ``sparql/sparql11``).

https://www.w3.org/2009/sparql/docs/tests/README.html tells their form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
#: Where the suite is published: relative IRIs of its data and queries are resolved against it.
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
#: Other engines' business: entailment, federation by the tester's own endpoints, and formats of other folders.
LEFT_OUT = {"entailment", "service", "service-description", "http-rdf-update"}


@dataclass(frozen=True)
class Case:
    """One test: its folder, name and type, and the manifest that tells the rest."""

    folder: Path
    name: str
    kind: str
    node: Node
    manifest: Graph

    @property
    def id(self) -> str:
        """The folder and the name."""
        return f"{self.folder.name}/{self.name}"

    @property
    def base(self) -> str:
        """The IRI of the folder."""
        return f"{BASE}{self.folder.name}/"

    def file(self, node: Node) -> Path:
        """The file that an IRI of the manifest names."""
        return self.folder / str(node).removeprefix(self.base)

    def text(self, node: Node) -> str:
        """Its text."""
        return self.file(node).read_text(encoding="utf-8")


def cases(suite: Path) -> Iterator[Case]:
    """All tests of the suite's folders, in the order of the manifests."""
    for folder in sorted(p for p in suite.iterdir() if p.is_dir() and p.name not in LEFT_OUT):
        for path in sorted(folder.glob("manifest*.ttl")):
            manifest = Graph().parse(path, format="turtle", publicID=f"{BASE}{folder.name}/")
            for listed in manifest.objects(None, MF.entries):
                for node in Collection(manifest, listed):
                    kind = str(manifest.value(node, RDF.type)).rpartition("#")[2]
                    if kind != "None":
                        yield Case(folder, str(manifest.value(node, MF.name)).strip(), kind, node, manifest)


def state(case: Case, node: Node, data: URIRef, named: URIRef) -> tuple[list[Node], list[tuple[str, Node]]]:
    """The default graph's files and the named graphs with theirs, as an action or a result gives them."""
    default = list(case.manifest.objects(node, data))
    graphs: list[tuple[str, Node]] = []
    for graph in case.manifest.objects(node, named):
        file = case.manifest.value(graph, UT.graph) or graph
        label = case.manifest.value(graph, RDFS.label)
        graphs.append((str(label or file), file))
    return default, graphs
