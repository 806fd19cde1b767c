"""The description of what is not SPARQL holds every route, is valid, and what it promises is so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from openapi_spec_validator import validate

from kg.config import Settings
from server import create_app
from tests.conftest import Served


@pytest.fixture
def app(filled: Settings) -> Iterator[Flask]:
    made = create_app(filled)
    yield made
    made.extensions["kg"].close()


def test_it_is_valid(service: Served) -> None:
    reply = service.get("/openapi.json")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    document = json.loads(reply.body)
    assert document["openapi"].startswith("3.1.")
    validate(document)


def test_it_holds_every_route_that_is_not_sparql(service: Served, app: Flask) -> None:
    document = json.loads(service.get("/openapi.json").body)
    told = {(path, method.upper()) for path, found in document["paths"].items() for method in found}
    routes = {
        (re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.endpoint.startswith("sparql.")
    }
    assert told == routes
    names = [op["operationId"] for found in document["paths"].values() for op in found.values()]
    assert len(names) == len(set(names))


def test_pages_without_parameters_answer_as_is_told(service: Served) -> None:
    document = json.loads(service.get("/openapi.json").body)
    for path, operations in document["paths"].items():
        if "{" in path or "get" not in operations:
            continue
        reply = service.get(path + ("?default" if path == "/gsp" else ""))
        answer = operations["get"]["responses"][str(reply.status)]
        if "$ref" in answer:  # what there is none of yet, as a dump
            answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        assert reply.headers["content-type"].partition(";")[0] in answer["content"], path
