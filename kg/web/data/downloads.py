"""``/dumps/``: the whole as files; ``/data/actor/…`` and others: parts of it as files with addresses that stay."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import BinaryIO

import pyoxigraph as ox
from flask import Blueprint, Response, abort, jsonify, redirect, render_template
from werkzeug.wrappers import Response as BaseResponse

from kg.exports.dumps import NAME, Dump, dumps
from kg.exports.parts import Fact, Part, part
from kg.sparql.formats import TRIPLES
from kg.store import State
from kg.triples.vocab import PREFIXES
from kg.web.data.exporting import exports, state_key
from kg.web.data.sending import FOR_EVER, cached, send_file
from kg.web.http.caching import tag_of
from kg.web.http.errors import problem
from kg.web.service import service

endpoint = Blueprint("downloads", __name__)

#: The formats of parts.
_FORMATS = {form.name: form for form in TRIPLES if form.name in ("ttl", "nt", "jsonld", "rdf")}
_LATEST = "public, max-age=60"


def _manifest() -> dict[str, object]:
    settings = service().settings
    base = f"{settings.base_iri}dumps/"
    listed = []
    for dump in dumps(settings):
        told = dump.as_json()
        told["files"] = [file | {"address": f"{base}{file['name']}"} for file in told["files"]]
        listed.append(told)
    return {"title": settings.dataset_title, "license": settings.dataset_license, "dumps": listed}


@endpoint.get("/dumps/")
def page() -> str:
    """The dumps that there are, how to take them, and the addresses of parts."""
    return render_template("dumps.html", dumps=dumps(service().settings), settings=service().settings, formats=_FORMATS)


@endpoint.get("/dumps/manifest.json")
def manifest() -> Response:
    """The dumps with their files, bytes, counts and SHA-256, the newest first."""
    response = jsonify(_manifest())
    return cached(response, tag_of(response.get_data(as_text=True)), "no-cache")


def _newest() -> Dump:
    found = dumps(service().settings)
    if not found:
        abort(HTTPStatus.NOT_FOUND, "No dump has been made yet: 'kg dump' makes one.")
    return found[0]


@endpoint.get("/dumps/latest.<path:ending>")
def latest(ending: str) -> BaseResponse:
    """The newest dump's file of a format and compression: latest.nq.gz, latest.trig.zst, latest.events.csv.gz."""
    file = _newest().file(ending)
    if file is None:
        offered = ", ".join(f"latest.{f.ending}" for f in _newest().files)
        abort(HTTPStatus.NOT_FOUND, f"There is no latest.{ending}; there is {offered}.")
    response = redirect(f"/dumps/{file.name}", HTTPStatus.FOUND)
    response.headers["Cache-Control"] = _LATEST
    return response


@endpoint.get("/dumps/<name>")
def file(name: str) -> Response:
    """A dump's file; what its name stands for never changes. It may be taken in ranges."""
    stem = name.partition(".")[0]
    known = next((d for d in dumps(service().settings) if d.name == stem), None) if NAME.fullmatch(stem) else None
    found = next((f for f in known.files if f.name == name), None) if known else None
    if known is None or found is None:
        abort(HTTPStatus.NOT_FOUND, f"There is no dump's file {name!r}; /dumps/ lists those that there are.")
    path = service().settings.dumps / known.name / found.name
    return send_file(path, found.package_type, found.sha256, FOR_EVER)


def _write(form: ox.RdfFormat, chosen: Part, state: State, facts: list[Fact], out: BinaryIO) -> None:
    ox.serialize(chosen.triples(state, facts), out, format=form, prefixes=PREFIXES)


def _part(kind: str, rest: str) -> Response:
    key, _, ending = rest.rpartition(".")
    if ending not in _FORMATS:
        abort(HTTPStatus.NOT_FOUND, f"The address of a part ends in {', '.join('.' + n for n in _FORMATS)}.")
    chosen = part(kind, key, service().iris)
    if chosen is None:
        abort(HTTPStatus.NOT_FOUND, f"There is no {kind} {key!r}; /dumps/ tells what parts there are.")
    state, most = service().snapshots.current(), service().settings.max_part_facts
    if chosen.node is not None and kind == "actor" and not state.knows(chosen.node):
        abort(HTTPStatus.NOT_FOUND, f"The graph says nothing about <{chosen.node.value}>.")
    facts = chosen.facts(state, most)
    if facts is None:
        return problem(
            HTTPStatus.INSUFFICIENT_STORAGE,
            f"The part {chosen.name} has more than {most:,} facts, which are not given as one file: take a smaller part, a "
            "dump from /dumps/, or ask at /sparql.",
        )
    form = _FORMATS[ending]
    assert isinstance(form.oxigraph, ox.RdfFormat)
    make = partial(_write, form.oxigraph, chosen, state, facts)
    kept = exports().parts.get(state_key(state), f"{chosen.name}.{ending}", make)
    response = send_file(kept.path, form.content_type, kept.digest, "public, no-cache")
    response.headers["X-Facts"] = str(len(facts))
    return response


@endpoint.get("/data/actor/<path:rest>")
def actor(rest: str) -> Response:
    """The facts that involve an actor: KHM.ttl, ASEAN.nt, person/hun-sen-khm.jsonld; at most the setting max_part_facts."""
    return _part("actor", rest)


@endpoint.get("/data/topic/<rest>")
def topic(rest: str) -> Response:
    """The facts about a topic and what lies under it: trade.ttl; at most the setting max_part_facts."""
    return _part("topic", rest)


@endpoint.get("/data/period/<rest>")
def period(rest: str) -> Response:
    """The facts that may have been in a year, month or day: 2016.ttl, 2016-01.nt; at most the setting max_part_facts."""
    return _part("period", rest)


@endpoint.get("/data/type/<rest>")
def kind(rest: str) -> Response:
    """The facts of a class of the ontology: Meeting.ttl, Statement.nt; at most the setting max_part_facts."""
    return _part("type", rest)
