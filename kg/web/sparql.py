"""``/sparql``: the SPARQL 1.1 Protocol, query operation, read-only. https://www.w3.org/TR/sparql11-protocol/#query-operation"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from kg.errors import QueryError
from kg.sparql import Format, Query, check, choose_format
from kg.sparql.formats import ROWS, TRIPLES
from kg.web.errors import problem, wants_page
from kg.web.service import service

endpoint = Blueprint("sparql", __name__)

_FORM, _DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"


def _query(text: str, parameters: MultiDict[str, str]) -> Query:
    graphs = [tuple(parameters.getlist(name)) for name in ("default-graph-uri", "named-graph-uri")]
    for iri in (*graphs[0], *graphs[1]):
        if ":" not in iri or any(c in iri for c in ' <>"{}|\\^`\n'):
            raise QueryError(f"{iri!r} is not the IRI of a graph.")
    return check(text, *graphs)


def _only(parameters: MultiDict[str, str]) -> str:
    """The one query of the parameters."""
    if "update" in parameters:
        raise QueryError("This endpoint is read-only: it takes no update.")
    found = parameters.getlist("query")
    if len(found) != 1:
        problem_ = "There is no query" if not found else "There is more than one query"
        raise QueryError(f"{problem_}: give it once, as the parameter 'query' or as a body of type {_DIRECT}.")
    return found[0]


def _format(query: Query) -> Format | None:
    """The format that the address asks for by name (``format=csv``), else the one that the headers prefer."""
    offered = TRIPLES if query.gives_triples else ROWS
    name = request.values.get("format")
    named = next((f for f in offered if f.name == name), None)
    return named or choose_format(request.accept_mimetypes, offered)


def _respond(query: Query) -> BaseResponse:
    form = _format(query)
    if form is None:
        offered = ", ".join(f.media_types[0] for f in (TRIPLES if query.gives_triples else ROWS))
        return problem(HTTPStatus.NOT_ACCEPTABLE, f"The answer to this query can be had as {offered}.")
    answer = service().pool.answer(query, form)
    response = Response(answer.whole if answer.whole is not None else answer.parts, content_type=form.content_type)
    response.headers["Vary"] = "Accept"
    return response


@endpoint.get("/sparql")
def query_by_get() -> BaseResponse:
    """A query in the address. Without one, a browser is led to the page for writing queries."""
    if "query" not in request.args and "update" not in request.args and wants_page():
        return redirect(url_for("front.query"), HTTPStatus.SEE_OTHER)
    return _respond(_query(_only(request.args), request.args))


@endpoint.post("/sparql")
def query_by_post() -> BaseResponse:
    """A query in a form, or as the body itself."""
    if request.mimetype == _FORM:
        return _respond(_query(_only(request.form), request.form))
    if request.mimetype == _DIRECT:
        try:
            text = request.get_data().decode("utf-8")
        except UnicodeDecodeError:
            raise QueryError("The query is not UTF-8.") from None
        return _respond(_query(text, request.args))
    return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"A query is sent as {_FORM} or {_DIRECT}.")
