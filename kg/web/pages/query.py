"""The page for writing queries: a plain form, over which scripts put an editor; and what the editor offers."""

from __future__ import annotations

from functools import cache

import pyoxigraph as ox
from flask import Blueprint, Response, jsonify, render_template, request

from kg.errors import KgError
from kg.sparql import check
from kg.sparql.formats import ROWS, TRIPLES
from kg.sparql.questions import fill, question, questions
from kg.triples.vocab import DIPL, PREFIXES, named, ontology, ontology_folder
from kg.web.http.caching import not_modified, tag_of, with_tag
from kg.web.http.errors import STATUS, retry
from kg.web.pages.assets import editor_is_built
from kg.web.service import service
from kg.web.views import answers

pages = Blueprint("query", __name__)

_MOST_ROWS = 500
_KINDS = {"owl:Class": "class", "owl:ObjectProperty": "property", "owl:DatatypeProperty": "property"}
_SHAPES = "http://www.w3.org/ns/shacl#"
#: What the editor holds when nothing else is asked for.
_BLANK = f"""PREFIX dipl: <{DIPL}>
PREFIX rdfs: <{PREFIXES["rdfs"]}>
SELECT ?event ?what ?day WHERE {{
  ?event a dipl:Event ; rdfs:label ?what ; dipl:earliestDate ?day .
}}
ORDER BY DESC(?day)
LIMIT 100
"""


@pages.get("/query")
def query() -> str | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Write a query, or take an example, and see what it gives; works without scripts."""
    chosen = question(request.args.get("question", ""))
    text = fill(chosen, {}) if chosen else request.args.get("query", "")
    shown: dict[str, object] = {
        "text": text,
        "title": chosen.words if chosen else "",
        "short": chosen.short if chosen else "",
        "questions": questions(),
        "editor": editor_is_built(),
    }
    if not text.strip():
        return render_template("query.html", **shown)
    try:
        checked = check(text, endpoints=service().settings.endpoints)
        answer = service().pool.answer(checked, TRIPLES[0] if checked.gives_triples else ROWS[0])
    except KgError as error:
        return render_template("query.html", **shown, error=str(error)), int(STATUS.get(type(error), 500)), retry(error)
    shown["downloads"] = TRIPLES if checked.gives_triples else ROWS
    if answer.whole is None:
        return render_template("query.html", **shown, too_large=True)
    if checked.gives_triples:
        return render_template("query.html", **shown, turtle=answer.whole.decode())
    table = answers.read(answer.whole, _MOST_ROWS)
    rows = [[answers.cell(value) for value in row] for row in table.rows]
    return render_template("query.html", **shown, names=table.names, rows=rows, cut=table.cut)


def _curie(iri: str) -> str | None:
    return next((f"{p}:{iri[len(ns) :]}" for p, ns in PREFIXES.items() if iri.startswith(ns)), None)


def _used_elsewhere() -> dict[str, str]:
    """The terms of other vocabularies that articles' graphs hold, as the shapes name them: short name -> kind."""
    shapes = ox.Store()
    shapes.bulk_load(path=str(ontology_folder() / "shapes.ttl"))
    kinds = {"path": "property", "class": "class", "targetClass": "class", "inversePath": "property"}
    found = {
        quad.object.value: kind
        for name, kind in kinds.items()
        for quad in shapes.quads_for_pattern(None, ox.NamedNode(_SHAPES + name), None)
        if isinstance(quad.object, ox.NamedNode) and not quad.object.value.startswith(DIPL)
    }
    lists = (q.object for q in shapes.quads_for_pattern(None, ox.NamedNode(PREFIXES["rdf"] + "first"), None))
    found |= {
        node.value: "property"
        for node in lists
        if isinstance(node, ox.NamedNode) and not node.value.startswith((DIPL, PREFIXES["xsd"], _SHAPES))
    }
    above = ("rdfs:subClassOf", "class"), ("rdfs:subPropertyOf", "property")
    for name, kind in above:
        found |= {
            t.object.value: kind
            for t in ontology()
            if t.predicate == named(name) and isinstance(t.object, ox.NamedNode) and not t.object.value.startswith(DIPL)
        }
    found |= {named(name).value: "property" for name in ("rdf:type", "rdfs:label", "skos:broader", "skos:prefLabel")}
    return {curie: kind for iri, kind in found.items() if (curie := _curie(iri))}


@cache
def terms() -> list[dict[str, str]]:
    """The terms that a query may use: short name, kind (class, property or individual), label and definition."""
    told: dict[str, dict[str, str]] = {}
    keys = {named("rdfs:label"): "label", named("skos:definition"): "definition"}
    for triple in ontology():
        if not isinstance(triple.subject, ox.NamedNode) or not triple.subject.value.startswith(DIPL):
            continue
        entry = told.setdefault(
            f"dipl:{triple.subject.value.removeprefix(DIPL)}", {"kind": "individual", "label": "", "definition": ""}
        )
        if isinstance(triple.object, ox.Literal) and triple.predicate in keys:
            entry[keys[triple.predicate]] = triple.object.value
        elif triple.predicate == named("rdf:type") and isinstance(triple.object, ox.NamedNode):
            entry["kind"] = _KINDS.get(_curie(triple.object.value) or "", entry["kind"])
    for name, kind in _used_elsewhere().items():
        told.setdefault(name, {"kind": kind, "label": name.partition(":")[2], "definition": ""})
    return [{"name": name} | entry for name, entry in sorted(told.items())]


@pages.get("/query/offers.json")
def offers() -> Response:
    """What the editor offers: prefixes, terms with their definitions, and the example questions."""
    body = {
        "base": service().iris.base,
        "prefixes": PREFIXES,
        "blank": _BLANK,
        "terms": terms(),
        "questions": [{"name": q.name, "title": q.words, "short": q.short, "query": fill(q, {})} for q in questions()],
    }
    response = jsonify(body)
    tag = tag_of(response.get_data(as_text=True))
    return not_modified(tag) or with_tag(response, tag)
