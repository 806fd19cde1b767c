"""``/q/NAME``: the answer to an example question as data, at an address that stays."""

from __future__ import annotations

from http import HTTPStatus

import pyoxigraph as ox
from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kg.errors import QueryError
from kg.sparql import check
from kg.sparql.errors import AnswerTooLargeError
from kg.sparql.formats import ROWS, TRIPLES, Format
from kg.sparql.questions import Question, fill, question
from kg.triples.vocab import DIPL, PREFIXES
from kg.web.endpoint.sparql import answered
from kg.web.http.errors import problem
from kg.web.http.negotiation import choose, offered, prefers_page, varied
from kg.web.pages.ask import given
from kg.web.service import service
from kg.web.views import answers

pages = Blueprint("named_queries", __name__)

#: Parameters that are the address's own, not a question's.
_OWN = ("format",)
#: Rows of an answer whose things are described, and things that are.
_MOST_ROWS, _MOST_THINGS = 2_000, 2_000
#: JSON by itself is a table; what JSON-LD also answers to is not asked for here.
_OFFERED = (*ROWS, *(f for f in TRIPLES if f.name in ("ttl", "jsonld", "nt", "rdf")))


def filled(asked: Question, *own: str) -> str:
    """A question's query with the values that the request's address has.

    Args:
        own: parameters that the address may have beside the question's.

    Raises:
        QueryError: a value cannot be taken, or there is no such parameter.
    """
    known = {p.name for p in asked.parameters}
    if unknown := sorted(set(request.args) - known - set(own)):
        told = f"it has {', '.join(p.name for p in asked.parameters)}" if known else "it has none"
        raise QueryError(f"{asked.name} has no parameter {unknown[0][:60]!r}; {told}.")
    if twice := next((name for name in known if len(request.args.getlist(name)) > 1), None):
        raise QueryError(f"{twice}: give it once.")
    return fill(asked, given(asked))


def asked_question(name: str) -> Question:
    """A question by its name; ends the request where there is none."""
    return question(name) or abort(HTTPStatus.NOT_FOUND, f"There is no question {name[:60]!r}; /questions lists them.")


def _form(ending: str) -> Format | None:
    """The format that the address ends in or asks for, else the one that the headers prefer."""
    for wanted in (ending, request.args.get("format", "").strip().lower()):
        if not wanted:
            continue
        if found := next((f for f in _OFFERED if wanted == f.name or wanted in f.media_types), None):
            return found
        raise QueryError(f"There is no format {wanted[:40]!r}; there are {', '.join(f.name for f in _OFFERED)}.")
    return choose(_OFFERED)


def _described(text: str, form: Format) -> BaseResponse:
    """What is said of the things in an answer, with their parts and passages."""
    table = answers.ask(text, _MOST_ROWS)
    if table is None or table.cut:
        told = f"The answer has more than {_MOST_ROWS:,} rows, too many to describe what is in them"
        raise AnswerTooLargeError(f"{told}; ask for less by the question's parameters, or for a table.")
    base = service().iris.base
    found = {v.value for row in table.rows for v in row if isinstance(v, ox.NamedNode) and v.value.startswith(base)}
    things = " ".join(f"<{iri}>" for iri in sorted(found)[:_MOST_THINGS])
    listed = f"VALUES ?thing {{ {things} }}"
    prefixes = f"PREFIX dipl: <{DIPL}> PREFIX oa: <{PREFIXES['oa']}>"
    return answered(
        check(f"""{prefixes} CONSTRUCT {{ ?s ?p ?o }} WHERE {{
          {{ {listed} ?thing ?p ?o BIND (?thing AS ?s) }}
          UNION {{ {listed} ?thing dipl:participation ?s . ?s ?p ?o }}
          UNION {{ {listed} ?thing dipl:evidence ?s . ?s ?p ?o }}
          UNION {{ {listed} ?thing dipl:evidence ?x . ?x oa:hasSelector ?s . ?s ?p ?o }}
        }}"""),
        form,
    )


@pages.get("/q/<name>")
def named_query(name: str) -> BaseResponse:
    """The answer to a question, as a table or as RDF about what is in it; browsers are led to it in plain words."""
    bare, _, ending = name.partition(".")
    asked = asked_question(bare)
    if not ending and "format" not in request.args and prefers_page(_OFFERED):
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        response: BaseResponse = redirect(f"/ask/{asked.name}{query}", HTTPStatus.SEE_OTHER)
    else:
        form = _form(ending)
        if form is None:
            return problem(HTTPStatus.NOT_ACCEPTABLE, f"The answer can be had as {offered(_OFFERED, page=True)}.")
        text = filled(asked, *_OWN)
        response = answered(check(text), form) if form in ROWS else _described(text, form)
    return varied(response)
