"""The questions in plain words: a form for each, its answer with the sentences behind it, and the SPARQL that was run."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http import HTTPStatus

import pyoxigraph as ox
from flask import Blueprint, Response, abort, render_template, request

import kg
from kg.errors import KgError
from kg.sparql.formats import TRIPLES
from kg.sparql.questions import Parameter, Question, Term, event_classes, fill, question, questions, terms, topics
from kg.triples.vocab import DIPL, PREFIXES
from kg.web.http.caching import tag_of
from kg.web.http.errors import STATUS, problem, retry
from kg.web.http.negotiation import choose, offered, prefers_page, varied
from kg.web.pages.assets import editor_is_built
from kg.web.pages.resources import serialized
from kg.web.service import service
from kg.web.views import answers
from kg.web.views.words import Link

pages = Blueprint("ask", __name__)

_MOST_ROWS = 200
#: Names in a pick list of those that act most, and as many of those on whose behalf.
_MOST_NAMES = 300
#: Things that one name may mean.
_MOST_NAMED = 20
_PREFIX = f"PREFIX dipl: <{DIPL}> " + " ".join(f"PREFIX {p}: <{PREFIXES[p]}>" for p in ("rdfs", "foaf", "skos"))
_NAMES = "rdfs:label|skos:prefLabel|foaf:name|skos:altLabel"


@dataclass(frozen=True)
class Field:
    """A parameter's control in the form; ``choices`` are pairs of a value and its words."""

    parameter: Parameter
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    names: str = ""


class _Names:
    """The pick lists, kept until the store changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: tuple[str, int] | None = None
        self._found: dict[str, tuple[str, ...]] = {}

    def of(self, kind: str) -> tuple[str, ...]:
        """Names of a kind of thing, in the order of the alphabet; none where they cannot be had now."""
        current = service().snapshots.current()
        state = (current.origin, current.generation)
        with self._lock:
            if state == self._state and kind in self._found:
                return self._found[kind]
        try:
            found = answers.ask(_LISTS[kind], most=3 * _MOST_NAMES)
        except KgError:  # a form without its list of names can still be filled in
            return ()
        names = {row[0].value for row in found.rows if isinstance(row[0], ox.Literal)} if found else set()
        with self._lock:
            if state != self._state:
                self._state, self._found = state, {}
            self._found[kind] = tuple(sorted(names))
            return self._found[kind]


def _busiest(predicate: str) -> str:
    """Who stands most often behind a property; the count of one property is quick in a graph of any size."""
    return f"""{{ SELECT ?who (COUNT(*) AS ?times) WHERE {{ ?part {predicate} ?who }}
        GROUP BY ?who ORDER BY DESC(?times) ?who LIMIT {_MOST_NAMES} }}"""


_LISTS = {
    "actor": f"""{_PREFIX} SELECT DISTINCT ?name WHERE {{
        {_busiest("dipl:actor")} UNION {_busiest("dipl:onBehalfOf")} ?who rdfs:label ?name }}""",
    "country": f"{_PREFIX} SELECT DISTINCT ?name WHERE {{ ?state dipl:isoCode ?code ; rdfs:label ?name }} ORDER BY ?name",
}


_names = _Names()


def _literals(text: str) -> str:
    return f"{ox.Literal(text)} {ox.Literal(text, language='en')}"


def named(text: str) -> list[ox.NamedNode]:
    """The things that a text means: an IRI of this service, its path, or the name of somebody who takes part in something."""
    base = service().iris.base
    path = text.removeprefix(base).removeprefix("id/")
    if "/" in path and " " not in path:
        try:
            node = ox.NamedNode(f"{base}id/{path}")
        except ValueError:
            return []
        return [node] if service().snapshots.current().knows(node) else []
    query = f"""{_PREFIX} SELECT DISTINCT ?who WHERE {{
        VALUES ?name {{ {_literals(text)} }} ?who {_NAMES} ?name ; a dipl:Actor }} ORDER BY ?who LIMIT {_MOST_NAMED}"""
    found = answers.ask(query, most=_MOST_NAMED)
    return [row[0] for row in found.rows if isinstance(row[0], ox.NamedNode)] if found else []


def coded(text: str) -> list[str]:
    """The ISO 3166-1 alpha-3 codes of the states of a name."""
    query = f"""{_PREFIX} SELECT DISTINCT ?code WHERE {{
        VALUES ?name {{ {_literals(text)} }} ?state {_NAMES} ?name ; dipl:isoCode ?code }} ORDER BY ?code LIMIT {_MOST_NAMED}"""
    found = answers.ask(query, most=_MOST_NAMED)
    return [row[0].value for row in found.rows if isinstance(row[0], ox.Literal)] if found else []


def given(asked: Question) -> dict[str, tuple[Term, ...]]:
    """The values that the request's address has for a question's parameters.

    Raises:
        QueryError: one is no value of its parameter's kind.
    """
    found = {}
    for parameter in asked.parameters:
        if text := request.args.get(parameter.name, "").strip():
            found[parameter.name] = terms(parameter, text, named, coded)
    return found


def _fields(asked: Question) -> list[Field]:
    fields = []
    for parameter in asked.parameters:
        value = request.args.get(parameter.name, parameter.default_value).strip()
        choices: tuple[tuple[str, str], ...] = ()
        if parameter.kind in ("topic", "event"):
            listed = topics() if parameter.kind == "topic" else event_classes()
            choices = tuple(sorted(listed.items(), key=lambda item: item[1]))
        names = parameter.kind if parameter.kind in _LISTS else ""
        fields.append(Field(parameter, value, choices, names))
    return fields


def _asked(name: str) -> Question:
    found = question(name)
    if found is None:
        abort(HTTPStatus.NOT_FOUND, f"There is no question {name!r}; /ask lists them.")
    return found


@pages.get("/ask")
def index() -> str:
    """The questions that can be asked in plain words."""
    return render_template("ask_index.html", questions=questions())


@pages.get("/ask/<name>")
def ask(name: str) -> Response:
    """A question in plain words: its form, its answer, the sentences behind it, and the SPARQL that was run."""
    state, asked = service().snapshots.current(), _asked(name)
    # what the address, the state of the store and the program determine is worked out once
    tag = tag_of("ask", state.origin, str(state.generation), kg.__version__, request.full_path)
    if kept := service().results.get(tag):
        return Response(kept[0], content_type=kept[1])
    body, status, fields = _page(asked)
    response = Response(body, status, fields, content_type="text/html; charset=utf-8")
    if status == HTTPStatus.OK:
        service().results.keep(tag, (response.get_data(), "text/html; charset=utf-8"), len(response.get_data()))
    return response


def _page(asked: Question) -> tuple[str, int, dict[str, str]]:
    fields = _fields(asked)
    shown: dict[str, object] = {
        "question": asked,
        "fields": fields,
        "lists": {f.names: _names.of(f.names) for f in fields if f.names},
        "editor": editor_is_built(),
    }
    try:
        text = fill(asked, given(asked))
        table = answers.ask(f"{text}LIMIT {_MOST_ROWS + 1}\n", _MOST_ROWS)
    except KgError as error:
        status = STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
        return render_template("ask.html", **shown, error=str(error)), int(status), retry(error)
    if table is None:
        return render_template("ask.html", **shown, query=text, too_large=True), HTTPStatus.OK, {}
    names, rows = shown_rows(table)
    shown |= {"query": text, "names": names, "rows": rows, "cut": table.cut}
    return render_template("ask.html", **shown), HTTPStatus.OK, {}


def shown_rows(table: answers.Table) -> tuple[list[str], list[tuple[list[Link], list[tuple[str, Link]]]]]:
    """The columns, and the rows as links, each with the sentences behind it; a column that only repeats a thing's label is
    left out, as the link to the thing has it already.
    """
    about = answers.about(table)
    cells = [[answers.cell(value, about) for value in row] for row in table.rows]
    kept = [column for column in range(len(table.names)) if not cells or any(_fresh(row, column) for row in cells)]
    rows = []
    for row, values in zip(cells, table.rows, strict=True):
        things = [v.value for v in values if isinstance(v, ox.NamedNode) and v.value in about]
        rows.append(([row[c] for c in kept], [s for thing in things for s in about[thing].sentences]))
    return [table.names[c] for c in kept], rows


def _fresh(row: list[Link], column: int) -> bool:
    """Whether a cell says what no link of its row says."""
    cell = row[column]
    return cell.iri is not None or not any(other.iri and other.text == cell.text for other in row)


def _described() -> list[ox.Triple]:
    """The questions as SHACL executables. https://www.w3.org/TR/shacl-af/#SPARQLExecutable"""
    base, sh, rdfs = service().iris.base, "http://www.w3.org/ns/shacl#", PREFIXES["rdfs"]
    node, literal = ox.NamedNode, ox.Literal
    kinds = {"date": "date", "number": "decimal", "text": "string", "country": "string"}
    found = []

    def say(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> None:
        found.append(ox.Triple(subject, node(predicate), value))

    for asked in questions():
        this = node(f"{base}questions#{asked.name}")
        for name in ("SPARQLExecutable", "SPARQLSelectExecutable"):
            say(this, PREFIXES["rdf"] + "type", node(sh + name))
        say(this, rdfs + "label", literal(asked.words, language="en"))
        say(this, rdfs + "comment", literal(asked.title, language="en"))
        say(this, sh + "select", literal(asked.query))
        say(this, PREFIXES["schema"] + "target", node(f"{base}sparql"))
        say(this, PREFIXES["rdfs"] + "seeAlso", node(f"{base}ask/{asked.name}"))
        for number, parameter in enumerate(asked.parameters):
            inner = node(f"{this.value}-{parameter.name}")
            say(this, sh + "parameter", inner)
            say(inner, PREFIXES["rdf"] + "type", node(sh + "Parameter"))
            say(inner, sh + "path", inner)
            say(inner, sh + "name", literal(parameter.name))
            say(inner, sh + "description", literal(parameter.words, language="en"))
            say(inner, sh + "order", literal(number))
            say(inner, sh + "optional", literal(value=True))
            if kind := kinds.get(parameter.kind):
                say(inner, sh + "datatype", node(PREFIXES["xsd"] + kind))
            else:
                say(inner, sh + "nodeKind", node(sh + "IRI"))
    return found


@pages.get("/questions")
def listed() -> str | Response:
    """Every question with its parameters and its SPARQL; as SHACL executables for programs that ask for data."""
    if prefers_page(TRIPLES):
        return varied(Response(render_template("questions.html", questions=questions()), mimetype="text/html"))
    form = choose(TRIPLES)
    if form is None:
        return problem(HTTPStatus.NOT_ACCEPTABLE, f"The questions can be had as {offered(TRIPLES, page=True)}.")
    return varied(serialized(_described(), form))
