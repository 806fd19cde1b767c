"""The ontology: a page made from its own file, and the files themselves."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus

import pyoxigraph as ox
from flask import Blueprint, Response, abort, render_template

from kg.sparql.formats import TRIPLES
from kg.triples.vocab import DIPL, PREFIXES, named, ontology, ontology_folder
from kg.web.http.caching import not_modified, tag_of, with_tag
from kg.web.http.errors import problem
from kg.web.http.freshness import program
from kg.web.http.links import WebLink, linked
from kg.web.http.negotiation import choose, offered, prefers_page, varied
from kg.web.pages.head import ontology_data, plain_head
from kg.web.pages.resources import serialized
from kg.web.service import service
from kg.web.views.graph_view import GraphView, Node, local_name

pages = Blueprint("ontology", __name__)

_MEDIA = {".ttl": "text/turtle; charset=utf-8", ".jsonld": "application/ld+json", ".rq": "application/sparql-query"}
_SECTIONS = (
    ("Classes", "owl:Class"),
    ("Properties that lead to things", "owl:ObjectProperty"),
    ("Properties that hold values", "owl:DatatypeProperty"),
    ("Code lists", "skos:ConceptScheme"),
    ("Codes and topics", "skos:Concept"),
)
_LINKS = (
    "rdfs:subClassOf rdfs:subPropertyOf rdfs:domain rdfs:range skos:broader skos:inScheme skos:exactMatch skos:closeMatch "
    "skos:broadMatch skos:relatedMatch"
).split()


def _short(iri: str) -> str:
    found = next((f"{p}:{iri[len(ns) :]}" for p, ns in PREFIXES.items() if iri.startswith(ns)), None)
    return found or local_name(iri)


def _entry(view: GraphView, node: Node) -> dict[str, object]:
    relations = [
        (
            _short(PREFIXES[name.split(":")[0]] + name.split(":")[1]),
            [(_short(v.value), v.value) for v in view.nodes(node, name)],
        )
        for name in _LINKS
    ]
    codes = [f"{name} {view.text(node, f'dipl:{name}')}" for name in ("ploverType", "cameoCode", "quadClass")]
    return {
        "name": local_name(node.value),
        "label": view.label(node),
        "definition": view.text(node, "skos:definition"),
        "note": view.text(node, "skos:scopeNote") or view.text(node, "dipl:noCorrespondence"),
        "codes": ", ".join(c for c in codes if not c.endswith(" ")),
        "relations": [(name, values) for name, values in relations if values],
    }


@cache
def _sections() -> list[tuple[str, list[dict[str, object]]]]:
    """The page's sections with their entries; the files that they come from ship with the program."""
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in ontology())
    view = GraphView(store)
    sections: list[tuple[str, list[dict[str, object]]]] = []
    seen: set[ox.NamedNode | ox.BlankNode | ox.Triple] = set()
    for title, kind in _SECTIONS:
        subjects = {q.subject for q in store.quads_for_pattern(None, named("rdf:type"), named(kind), None)}
        ours = sorted(
            (s for s in subjects - seen if isinstance(s, Node) and s.value.startswith(DIPL)), key=lambda n: n.value
        )
        seen |= set(ours)
        sections.append((title, [_entry(view, node) for node in ours]))
    return sections


def _links() -> list[WebLink]:
    return [WebLink(f"/ontology.{form.name}", "alternate", form.media_types[0]) for form in TRIPLES]


@pages.get("/ontology")
def page() -> Response:
    """All terms with their definitions; Turtle and the like for programs that ask for them."""
    as_page = prefers_page(TRIPLES)
    form = choose(TRIPLES)
    if not as_page and form is None:
        return problem(HTTPStatus.NOT_ACCEPTABLE, f"The ontology can be had as {offered(TRIPLES, page=True)}.")
    tag = tag_of(program(), service().settings.base_iri, "html" if as_page or form is None else form.name)
    if same := not_modified(tag):
        return varied(same)
    if as_page or form is None:
        head = plain_head("/ontology", ontology_data(), tuple(_links()))
        body = render_template("ontology.html", sections=_sections(), head=head)
        response = Response(body, content_type="text/html; charset=utf-8")
    else:
        response = serialized(list(ontology()), form)
    return with_tag(linked(varied(response), _links()), tag)


@pages.get("/ontology.<ending>")
def whole(ending: str) -> Response:
    """The whole ontology in the format that the address ends in."""
    form = next((f for f in TRIPLES if f.name == ending), None)
    if form is None:
        abort(HTTPStatus.NOT_FOUND, f"The ontology can be had as {', '.join('/ontology.' + f.name for f in TRIPLES)}.")
    tag = tag_of(program(), form.name)
    return not_modified(tag) or with_tag(linked(serialized(list(ontology()), form), _links()), tag)


@pages.get("/ontology/<path:name>")
def file(name: str) -> Response:
    """One file of the ontology: a .ttl, the JSON-LD context, or a question."""
    folder = ontology_folder()
    files = {str(p.relative_to(folder)): p for p in folder.rglob("*") if p.suffix in _MEDIA}
    if name not in files:
        abort(HTTPStatus.NOT_FOUND, f"The ontology has no file {name!r}.")
    return Response(files[name].read_bytes(), content_type=_MEDIA[files[name].suffix])
