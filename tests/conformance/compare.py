"""Compares results as the W3C tests mean it: rows in any order, blank nodes by their place alone."""

from __future__ import annotations

import csv
import io

from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.query import Result
from rdflib.term import Node

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")


def _term(node: Node) -> Node:
    """Numbers by their value: "1.0" and "1.00" are one decimal."""
    if isinstance(node, Literal) and node.language:
        return Literal(str(node), lang=node.language.lower())
    if isinstance(node, Literal) and node.datatype and node.value is not None and not node.ill_typed:
        if isinstance(node.value, bool | str):
            return node
        if str(node.datatype).rpartition("#")[2] in ("integer", "decimal", "double", "float"):
            return Literal(f"{float(node.value):.9g}", datatype=node.datatype)
    return node


def as_graph(result: Result) -> Graph:
    """Rows as triples, so that graph isomorphism decides on blank nodes."""
    graph = Graph()
    for row in result.bindings:
        line = BNode()
        graph.add((line, RDF.type, RS.ResultSet))
        for variable, value in row.items():
            graph.add((line, URIRef(f"urn:variable:{variable}"), _term(value)))
    return graph


def read_rows(body: bytes, media_type: str) -> Result:
    """Rows of an answer or of an expected file."""
    return Result.parse(io.BytesIO(body), format=media_type)


def rows_from_rdf(graph: Graph) -> Result | bool:
    """The rows or the boolean that a graph in the result-set vocabulary tells."""
    from rdflib import Variable

    (root,) = graph.subjects(RDF.type, RS.ResultSet)
    boolean = graph.value(root, RS.boolean)
    if boolean is not None:
        return bool(boolean.toPython())
    result = Result("SELECT")
    result.vars = [Variable(str(v)) for v in graph.objects(root, RS.resultVariable)]
    bindings = []
    for solution in graph.objects(root, RS.solution):
        row = {}
        for binding in graph.objects(solution, RS.binding):
            row[Variable(str(graph.value(binding, RS.variable)))] = graph.value(binding, RS.value)
        bindings.append(row)
    result.bindings = bindings
    return result


def same_rows(got: Result, wanted: Result) -> bool:
    """Whether two results have the same variables and rows."""
    if {str(v) for v in got.vars or []} != {str(v) for v in wanted.vars or []}:
        return False
    return len(got.bindings) == len(wanted.bindings) and isomorphic(as_graph(got), as_graph(wanted))


def renamed(result: Result, before: str, after: str) -> Result:
    """A result whose IRIs begin otherwise."""

    def other(node: Node) -> Node:
        named = isinstance(node, URIRef) and node.startswith(before)
        return URIRef(after + node.removeprefix(before)) if named else node  # type: ignore[attr-defined]

    if result.type == "SELECT":
        result.bindings = [{variable: other(value) for variable, value in row.items()} for row in result.bindings]
    return result


def same_csv(got: str, wanted: str, delimiter: str) -> bool:
    """Whether two tables have the same rows under the same heads, blank nodes by their place alone, numbers by value."""

    def cell(text: str) -> str:
        if text.startswith("_:"):
            return "_:"
        try:
            return repr(float(text))
        except ValueError:
            return text

    def rows(text: str) -> list[list[tuple[str, str]]]:
        read = csv.DictReader(io.StringIO(text), delimiter=delimiter)
        return sorted(sorted((head, cell(value)) for head, value in row.items()) for row in read)

    return rows(got) == rows(wanted)
