"""Where reading is closed nothing is read without a token: no page, no data, no answer that is remembered, no figure."""

from __future__ import annotations

import base64
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from kg.config import Settings
from kg.web.http.tokens import TokenFile
from server import create_app
from tests.conftest import serving

QUERY = "/sparql?" + urllib.parse.urlencode({"query": "SELECT ?s { ?s a ?c } ORDER BY ?s LIMIT 5"})
UPDATE = "INSERT DATA { GRAPH <urn:closed> { <urn:a> <urn:b> 1 } }"
#: What everybody may have.
OPEN = {"/health", "/healthz", "/health/live", "/health/ready", "/static/<path:filename>"}


@dataclass(frozen=True)
class Closed:
    """An application whose readers need a token, and tokens by their scopes."""

    app: Flask
    tokens: dict[str, str]

    def send(self, path: str, scope: str = "", method: str = "GET", **more: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens[scope]}"} if scope else {}
        client = Client(self.app)
        return client.open(path, method=method, headers=headers, data=more or None)


def tokens(file: Path) -> dict[str, str]:
    return {scope: TokenFile(file).new(scope, (scope,)) for scope in ("read", "write", "admin")}


@pytest.fixture(scope="module")
def closed(filled: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    file = tmp_path_factory.mktemp("closed") / "tokens"
    app = create_app(replace(filled, reads="token", metrics="token", tokens=file))
    yield Closed(app, tokens(file))
    app.extensions["kg"].close()


def _routes(app: Flask) -> list[tuple[str, str, str]]:
    """Every rule, with an address and a method for it."""
    found = []
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:any\((\w+)[^)]*\):|\w+(?:\([^)]*\))?:)?\w+>", lambda m: m[1] or "1", rule.rule)
        found += [(rule.rule, address, method) for method in sorted((rule.methods or set()) - {"OPTIONS"})]
    return found


def test_no_route_answers_without_a_token(closed: Closed) -> None:
    routes = _routes(closed.app)
    assert len(routes) > 100
    for rule, address, method in routes:
        reply = closed.send(address, method=method)
        expected = {200, 404} if rule in OPEN else {401}
        if (rule, method) == ("/sparql", "POST"):  # neither a query nor an update
            expected = {415}
        assert reply.status_code in expected, (rule, method)
        if reply.status_code == 401:
            assert "WWW-Authenticate" in reply.headers, rule
            assert reply.headers["Vary"].count("Authorization") == 1, rule
    assert closed.send("/nothing/here").status_code == 401
    assert closed.send("/page/state/KHM").status_code == 401


def test_what_was_sent_with_is_not_told_apart(closed: Closed) -> None:
    """A token that is none, one that is for something else, and none at all."""
    for header in ("Bearer invented", "Basic eDp5", "Bearer", "Digest x"):
        assert Client(closed.app).get("/about", headers={"Authorization": header}).status_code == 401
    assert closed.send("/about", "write").status_code == 403
    assert closed.send("/about", "admin").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/about",
        "/articles",
        QUERY,
        "/ask",
        "/questions",
        "/search?q=Cambodia",
        "/openapi.json",
        "/catalog",
        "/tpf",
        "/feeds/newest.atom",
        "/reconcile",
        "/data/type/Meeting.nt",
    ],
)
def test_with_a_token_it_is_read_and_kept_by_nobody_between(path: str, closed: Closed) -> None:
    reply = closed.send(path, "read")
    assert reply.status_code == 200
    told = {part.strip() for part in reply.headers["Cache-Control"].split(",")}
    assert "public" not in told
    assert told & {"private", "no-store"}
    assert "Authorization" in reply.headers["Vary"]
    assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_pages_files_and_health_are_everybody_s(closed: Closed) -> None:
    reply = closed.send("/static/style.css")
    assert reply.status_code in (200, 404)
    for path in ("/health", "/health/live"):
        reply = closed.send(path)
        assert reply.status_code == 200
        assert "Authorization" not in reply.headers.get("Vary", "")


def test_figures_are_for_who_operates(closed: Closed) -> None:
    assert closed.send("/metrics").status_code == 401
    assert closed.send("/metrics", "read").status_code == 403
    assert b"kg_requests_total" in closed.send("/metrics", "admin").data


def test_figures_alone_may_be_closed(filled: Settings, tmp_path: Path) -> None:
    app = create_app(replace(filled, metrics="token", tokens=tmp_path / "tokens"))
    try:
        found = Closed(app, tokens(tmp_path / "tokens"))
        assert found.send("/about").status_code == 200
        assert found.send("/metrics").status_code == 401
        assert found.send("/metrics", "admin").status_code == 200
    finally:
        app.extensions["kg"].close()


def test_a_password_is_for_reading_and_never_for_writing(closed: Closed) -> None:
    """A browser adds what it knows to requests that other sites' scripts make: it must not write for them."""

    def basic(scope: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"anybody:{closed.tokens[scope]}".encode()).decode()}

    client = Client(closed.app)
    assert client.get("/about", headers=basic("read")).status_code == 200
    asked = client.get("/about").headers.getlist("WWW-Authenticate")
    assert [challenge.partition(" ")[0] for challenge in asked] == ["Basic", "Bearer"]
    refused = client.post("/sparql", headers=basic("write"), data={"update": UPDATE})
    assert refused.status_code == 401
    assert [c.partition(" ")[0] for c in refused.headers.getlist("WWW-Authenticate")] == ["Bearer"]
    assert client.put("/gsp?graph=urn:x", headers=basic("write"), data="").status_code == 401


def test_other_sites_scripts_may_ask_whether_they_may_ask(closed: Closed) -> None:
    reply = closed.send("/sparql", method="OPTIONS")
    assert reply.status_code == 200
    assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in reply.headers


def test_posted_queries_need_the_one_scope_and_updates_the_other(settings: Settings, tmp_path: Path) -> None:
    from kg.store import open_store

    with open_store(settings):
        pass
    app = create_app(replace(settings, reads="token", tokens=tmp_path / "tokens"))
    try:
        found = Closed(app, tokens(tmp_path / "tokens"))
        ask = "ASK { GRAPH <urn:closed> { ?s ?p ?o } }"
        statuses = {
            scope: found.send("/sparql", scope, "POST", query=ask).status_code for scope in ("", "read", "write")
        }
        assert statuses == {"": 401, "read": 200, "write": 403}
        statuses = {
            scope: found.send("/sparql", scope, "POST", update=UPDATE).status_code for scope in ("", "read", "write")
        }
        assert statuses == {"": 401, "read": 403, "write": 204}
        assert found.send("/sparql", "read", "POST", query=ask).json == {"head": {}, "boolean": True}
        raw = {"Authorization": f"Bearer {found.tokens['write']}", "Content-Type": "application/sparql-query"}
        assert Client(app).post("/sparql", headers=raw, data=ask).status_code == 403
    finally:
        app.extensions["kg"].close()


def test_nothing_is_given_again_to_who_has_no_token_and_a_revoked_one_ends_at_once(
    filled: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "tokens"
    secret = TokenFile(file).new("reader", ("read",))
    with serving(filled, KG_READS="token", KG_TOKENS=str(file)) as served:
        for path in (QUERY, "/about"):
            tags = []
            for _ in range(3):
                reply = served.send("GET", path, Authorization=f"Bearer {secret}")
                assert reply.status == 200
                tags.append(reply.headers["etag"])
                assert served.send("GET", path).status == 401
                assert served.send("GET", path, If_None_Match=tags[0]).status == 401
            assert served.send("GET", path, Authorization=f"Bearer {secret}", If_None_Match=tags[0]).status == 304
        second = TokenFile(file).new("second", ("read",))
        assert served.send("GET", QUERY, Authorization=f"Bearer {second}").status == 200
        TokenFile(file).revoke("reader")
        assert served.send("GET", QUERY, Authorization=f"Bearer {secret}").status == 401
        assert served.send("GET", QUERY, Authorization=f"Bearer {second}").status == 200
