"""``/sparql``: the SPARQL 1.1 Protocol, query and update. https://www.w3.org/TR/sparql11-protocol/"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from flask import Blueprint, Response, redirect, request, stream_with_context, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from kg.errors import QueryError
from kg.sparql import Format, Query, check, check_update, graphs_written
from kg.sparql.formats import ROWS, TRIPLES
from kg.sparql.turns import Client
from kg.store import State
from kg.web.endpoint.description import description
from kg.web.http.access import reading_refusal, refusal
from kg.web.http.caching import answer_tag, not_modified, with_range, with_tag
from kg.web.http.errors import problem
from kg.web.http.negotiation import choose, offered, prefers_page, varied
from kg.web.rsgi.gateway import CONNECTION
from kg.web.rsgi.straight import ANSWERED, BEGUN, Begun
from kg.web.service import service

endpoint = Blueprint("sparql", __name__)

_FORM, _QUERY, _UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
#: Parameters by which clients ask for a format, besides Accept: SPARQLWrapper sends all three.
_FORMAT_PARAMETERS = ("format", "output", "results")


def graph_iris(parameters: MultiDict[str, str], *names: str) -> list[tuple[str, ...]]:
    """The graphs that some parameters name."""
    graphs = [tuple(parameters.getlist(name)) for name in names]
    for iri in (iri for listed in graphs for iri in listed):
        if ":" not in iri or any(c in iri for c in ' <>"{}|\\^`\n'):
            raise QueryError(f"{iri!r} is not the IRI of a graph.")
    return graphs


def _query(text: str, parameters: MultiDict[str, str]) -> Query:
    default, named = graph_iris(parameters, "default-graph-uri", "named-graph-uri")
    return check(text, default, named, service().settings.endpoints)


def _only(parameters: MultiDict[str, str], name: str, media_type: str) -> str:
    """The one query or update of the parameters."""
    found = parameters.getlist(name)
    if len(found) != 1:
        number = f"There is no {name}" if not found else f"There is more than one {name}"
        raise QueryError(f"{number}: give it once, as the parameter {name!r} or as a body of type {media_type}.")
    return found[0]


def _format(query: Query) -> Format | None:
    """The format that a parameter asks for by name or media type, else the one that the headers prefer."""
    formats = TRIPLES if query.gives_triples else ROWS
    for name in _FORMAT_PARAMETERS:
        wanted = request.values.get(name, "").lower()
        for form in formats:
            if wanted == form.name or wanted in form.media_types:
                return form
    return choose(formats)


def _tag(query: Query, form: Format, snapshot: State, road: str) -> str:
    return answer_tag(query, form, snapshot, road, service().settings.default_graph)


def _client() -> Client | None:
    """The connection that the request came by, where the server tells it."""
    found: Client | None = request.environ.get(CONNECTION)
    return found


def _explained(query: Query) -> Response:
    """How a query goes, in the place of its answer."""
    answer = service().pool.answer(query, ROWS[0], client=_client(), explain=True)
    body: Iterator[bytes] | bytes = answer.whole if answer.whole is not None else answer.parts or iter(())
    return Response(body, content_type="application/json", headers={"Cache-Control": "no-store"})


def _kept(parts: Iterator[bytes], tag: str, content_type: str) -> Iterator[bytes]:
    """Parts as they go by; what they make is kept once it is whole, if it is not too large."""
    held: list[bytes] = []
    length, results = 0, service().results
    for part in parts:
        length += len(part)
        held.append(part)
        if length > results.largest:
            held.clear()
        yield part
    if length <= results.largest:
        results.keep(tag, (b"".join(held), content_type), length)


def _evaluated(query: Query, form: Format, snapshot: State) -> tuple[Response, str]:
    """An answer made anew, and its tag."""
    begun: Begun | None = request.environ.get(BEGUN)
    answer = begun.go_on() if begun else service().pool.answer(query, form, snapshot, _client())
    content_type = form.content_type
    tag = _tag(query, form, snapshot, answer.road)
    if answer.whole is None:
        assert answer.parts is not None
        parts = answer.parts if query.volatile else _kept(answer.parts, tag, content_type)
        streamed = Response(stream_with_context(parts), content_type=content_type, headers={"Accept-Ranges": "none"})
        return streamed, tag
    if not query.volatile:
        service().results.keep(tag, (answer.whole, content_type), len(answer.whole))
    return Response(answer.whole, content_type=content_type), tag


def _known(query: Query, form: Format, snapshot: State) -> tuple[Response, str] | None:
    """An answer that the client holds (304) or that is kept, whichever road it came by, and its tag."""
    tags = [_tag(query, form, snapshot, road) for road in service().pool.roads(snapshot)]
    for tag in tags:
        if same := not_modified(tag):
            return same, tag
    results = service().results
    tag = next((tag for tag in tags if tag in results), tags[0])
    found = results.get(tag)
    return (Response(found[0], content_type=found[1]), tag) if found else None


def answered(query: Query, form: Format) -> BaseResponse:
    """A query's answer in a format: with its tag, and out of what is kept, sent in parts where it is large."""
    begun: Begun | None = request.environ.get(BEGUN)
    snapshot = begun.snapshot if begun else service().snapshots.current()
    request.environ[ANSWERED] = query, form
    known = None if query.volatile else _known(query, form, snapshot)
    if known and known[0].status_code == HTTPStatus.NOT_MODIFIED:
        return varied(known[0])
    response, tag = known or _evaluated(query, form, snapshot)
    response.vary.add("Accept")
    if query.volatile:
        response.headers["Cache-Control"] = "no-store"
        return response
    return with_range(with_tag(response, tag))


def _respond(query: Query) -> BaseResponse:
    if request.values.get("explain", "").lower() in ("true", "1", "yes"):
        return _explained(query)
    form = _format(query)
    if form is None:
        kinds = offered(TRIPLES if query.gives_triples else ROWS)
        return problem(HTTPStatus.NOT_ACCEPTABLE, f"The answer to this query can be had as {kinds}.")
    return answered(query, form)


def _posted(text: str, parameters: MultiDict[str, str]) -> BaseResponse:
    """Answer a query that came by POST, for those who may read: other views ask for that before they begin."""
    if refused := reading_refusal():
        return refused
    return _respond(_query(text, parameters))


def _run(text: str, parameters: MultiDict[str, str]) -> BaseResponse:
    """Run an update, for those who may."""
    if refused := refusal("update"):
        return refused
    using, named = graph_iris(parameters, "using-graph-uri", "using-named-graph-uri")
    try:
        update = check_update(text, using, named)
        service().writer.update(update, f"{service().settings.base_iri}sparql", graphs_written(update))
    except QueryError as error:
        raise QueryError(f"The update cannot be run: {str(error).rstrip('.')}.") from None
    return Response(status=HTTPStatus.NO_CONTENT)


def _body(what: str) -> str:
    try:
        return request.get_data().decode("utf-8")
    except UnicodeDecodeError:
        raise QueryError(f"The {what} is not UTF-8.") from None


@endpoint.get("/sparql", strict_slashes=False)
def query_by_get() -> BaseResponse:
    """A query in the address. Without one the service describes itself, or leads a browser to the page for writing queries."""
    if "update" in request.args:
        return problem(HTTPStatus.BAD_REQUEST, "An update is sent by POST.")
    if "query" in request.args:
        return _respond(_query(_only(request.args, "query", _QUERY), request.args))
    if prefers_page(TRIPLES):
        return varied(redirect(url_for("query.query"), HTTPStatus.SEE_OTHER))
    return description()


@endpoint.post("/sparql", strict_slashes=False)
def by_post() -> BaseResponse:
    """A query or an update, in a form or as the body itself."""
    if request.mimetype == _FORM:
        _check_form()
        both = MultiDict([*request.args.items(multi=True), *request.form.items(multi=True)])
        if "update" in request.form and "query" in request.form:
            raise QueryError("There is a query and an update; send one of them.")
        if "update" in request.form:
            return _run(_only(request.form, "update", _UPDATE), both)
        return _posted(_only(request.form, "query", _QUERY), both)
    if request.mimetype == _QUERY:
        return _posted(_body("query"), request.args)
    if request.mimetype == _UPDATE:
        return _run(_body("update"), request.args)
    return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send {_FORM}, {_QUERY} or {_UPDATE}.")


def _check_form() -> None:
    """A form in another encoding than UTF-8 would be read as other characters: it is refused."""
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower().replace("_", "-") not in ("utf-8", "utf8", "us-ascii"):
        raise QueryError(f"The form is in {charset}; it must be in UTF-8.")
    if any("\ufffd" in value for value in request.form.values()):
        raise QueryError("The query is not UTF-8.")
