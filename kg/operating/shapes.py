"""Articles' graphs and what is drawn from them, held against the ontology's SHACL shapes; needs the extra ``shapes``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox
import pyshacl
import rdflib

from kg.operating.findings import Findings
from kg.triples.iris import Iris
from kg.triples.reference import ontology_quads, reference_quads
from kg.triples.vocab import ontology_folder

_SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
#: Graphs that are looked at together: each look reads the ontology and the reference data anew.
_TOGETHER = 25


def _rdflib(quads: Iterable[ox.Quad]) -> rdflib.Graph:
    data = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.N_TRIPLES)
    return rdflib.Graph().parse(data=data or b"", format="nt")


class Shapes:
    """The shapes, and what graphs lean on."""

    def __init__(self, iris: Iris) -> None:
        self._iris = iris
        self._background = _rdflib(reference_quads(iris) + ontology_quads(iris))
        self._shapes = rdflib.Graph().parse(ontology_folder() / "shapes.ttl")

    def check(self, store: ox.Store, findings: Findings) -> None:
        """Check all graphs of articles and of identity; imported ones, and those of others, are not this program's to shape."""
        begins = (
            self._iris.article_graph("").value,
            self._iris.identity_graph("event").value,
            self._iris.identity_graph("person").value,
        )
        graphs = sorted(
            g.value for g in store.named_graphs() if isinstance(g, ox.NamedNode) and g.value.startswith(begins)
        )
        for first in range(0, len(graphs), _TOGETHER):
            some = graphs[first : first + _TOGETHER]
            findings.count("graphs held against the shapes", len(some))
            # apart where they do not conform together: which it is, and nothing that only two of them make wrong
            for graph in some if any(self._faults(store, some)) else ():
                findings.extend(f"<{graph}>: {fault}" for fault in self._faults(store, [graph]))

    def _faults(self, store: ox.Store, graphs: list[str]) -> Iterator[str]:
        quads = (q for g in graphs for q in store.quads_for_pattern(None, None, None, ox.NamedNode(g)))
        conforms, report, _ = pyshacl.validate(_rdflib(quads) + self._background, shacl_graph=self._shapes)
        if conforms:
            return
        assert isinstance(report, rdflib.Graph)
        told = set()
        for result in report.subjects(rdflib.RDF.type, _SH.ValidationResult):
            path, message = report.value(result, _SH.resultPath), report.value(result, _SH.resultMessage)
            where = f" at {path.n3()}" if isinstance(path, rdflib.URIRef) else ""
            told.add(f"<{report.value(result, _SH.focusNode)}>{where}: {message}")
        yield from sorted(told)
