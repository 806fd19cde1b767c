"""Answers that are given again without asking the application: the same bytes, and never those of another request or state."""

from __future__ import annotations

import re
import urllib.parse

import pytest

from kg.config import Settings
from kg.store import open_store
from tests.conftest import Reply, Served, serving

COUNT = "/sparql?" + urllib.parse.urlencode({"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"})
LABELS = "/sparql?" + urllib.parse.urlencode(
    {"query": "SELECT ?l { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?l } ORDER BY ?l LIMIT 100"}
)


def _told(reply: Reply) -> dict[str, str]:
    """The headers that say something of the answer, and not of the request or its client."""
    own = ("x-request-id", "date", "ratelimit", "ratelimit-policy")
    return {k: v for k, v in reply.headers.items() if k not in own}


def test_the_same_request_has_the_same_answer(service: Served) -> None:
    for accept, coding in (("text/csv", "identity"), ("text/csv", "gzip"), ("application/sparql-results+json", "br")):
        replies = [service.send("GET", LABELS, Accept=accept, Accept_Encoding=coding) for _ in range(4)]
        assert {r.status for r in replies} == {200}
        assert len({r.body for r in replies}) == 1
        assert all(_told(r) == _told(replies[0]) for r in replies)
        assert len({r.headers["x-request-id"] for r in replies}) == 4
        assert replies[0].headers["content-type"].startswith(accept)


def test_what_differs_is_another_request(service: Served) -> None:
    plain = service.send("GET", LABELS, Accept="text/csv")
    tag = plain.headers["etag"]
    for _ in range(2):
        assert service.send("GET", LABELS, Accept="text/csv", If_None_Match=tag).status == 304
        assert service.send("GET", LABELS, Accept="text/csv", If_None_Match='"another"').body == plain.body
        assert service.send("GET", LABELS, Accept="application/json").body != plain.body
        assert service.send("GET", LABELS, Accept="text/csv", Range="bytes=0-9").body == plain.body[:10]
        assert service.send("HEAD", LABELS, Accept="text/csv").body == b""
        assert service.send("GET", LABELS + "&format=tsv", Accept="text/csv").body != plain.body
        assert service.send("GET", LABELS, Accept="image/png").status == 406


def test_queries_that_are_posted_are_told_apart_by_their_bodies(service: Served) -> None:
    text, counted = (urllib.parse.parse_qs(path.partition("?")[2])["query"][0] for path in (LABELS, COUNT))
    form = {n: urllib.parse.urlencode({"query": query}).encode() for n, query in enumerate((text, counted))}
    kinds = "application/sparql-query", "application/x-www-form-urlencoded"
    for _ in range(3):
        plain = service.get(LABELS, "text/csv").body
        assert service.post("/sparql", text.encode(), kinds[0], "text/csv").body == plain
        assert service.post("/sparql", form[0], kinds[1], "text/csv").body == plain
        assert service.post("/sparql", text.encode(), kinds[0], "application/json").body != plain
        assert service.post("/sparql", counted.encode(), kinds[0], "text/csv").body != plain
        assert service.post("/sparql", form[1], kinds[1], "text/csv").body != plain
        assert service.post("/sparql", text.encode(), "text/plain", "text/csv").status == 415
        assert service.post("/sparql", form[0], kinds[0], "text/csv").status == 400


def test_a_request_has_its_own_id_and_is_counted(service: Served) -> None:
    def counted() -> float:
        text = service.get("/metrics").text
        found = re.search(
            r'kg_requests_total{endpoint="sparql.query_by_get",method="GET",status="200"} ([\d.e+]+)', text
        )
        return float(found[1]) if found else 0.0

    service.get(LABELS)
    before = counted()
    ids = [service.get(LABELS).headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3
    assert service.send("GET", LABELS, X_Request_Id="mine-7").headers["x-request-id"] == "mine-7"
    assert service.send("GET", LABELS, X_Request_Id="not <mine>").headers["x-request-id"] != "not <mine>"
    assert counted() == before + 5


@pytest.mark.parametrize("path", ["/health", "/metrics"])
def test_what_changes_by_itself_is_asked_each_time(path: str, service: Served) -> None:
    assert "public" not in service.get(path).headers.get("cache-control", "")
    first, second = (service.get("/metrics").text for _ in range(2))
    assert first != second


def test_pages_are_remembered_until_the_store_changes(settings: Settings) -> None:
    with open_store(settings):
        pass
    path = "/page/person/somebody-x"
    with serving(settings, KG_WRITES="open") as service:
        assert service.get(path).status == 404
        seen = []
        for name in ("One", "Two"):
            person = f"<{settings.base_iri}id/person/somebody-x>"
            label = "<http://www.w3.org/2000/01/rdf-schema#label>"
            body = f'DELETE WHERE {{ {person} {label} ?l }} ; INSERT DATA {{ {person} {label} "{name}" }}'.encode()
            assert service.send("POST", "/sparql", body, Content_Type="application/sparql-update").status == 204
            replies = [service.get(path, "text/html") for _ in range(3)]
            assert len({r.body for r in replies}) == 1 and all(_told(r) == _told(replies[0]) for r in replies)
            assert f"<h1>{name}</h1>" in replies[0].text
            assert service.send("GET", path, Accept="text/html", If_None_Match=replies[0].headers["etag"]).status == 304
            seen.append(replies[0].headers["etag"])
        assert len(set(seen)) == 2


def test_a_write_is_seen_by_the_next_request(settings: Settings) -> None:
    with open_store(settings):
        pass
    with serving(settings, KG_WRITES="open") as service:
        seen = []
        for n in range(12):
            body = f"INSERT DATA {{ <urn:s{n}> <urn:p> {n} }}".encode()
            assert service.send("POST", "/sparql", body, Content_Type="application/sparql-update").status == 204
            seen += [service.get(COUNT, "text/csv").body for _ in range(2)]
            query = urllib.parse.parse_qs(COUNT.partition("?")[2])["query"][0].encode()
            seen.append(service.post("/sparql", query, "application/sparql-query", "text/csv").body)
        numbers = [int(body.split()[1]) for body in seen]
        assert numbers == [n for n in range(numbers[0], numbers[0] + 12) for _ in range(3)]


def test_headers_that_pass_for_others_count_for_nothing(service: Served) -> None:
    """``If_None_Match`` is ``If-None-Match`` to WSGI, and nothing to what is remembered."""
    plain = service.send("GET", f"{LABELS}&format=csv")
    told = {"If_None_Match": plain.headers["etag"], "Accept": "text/csv"}
    for _ in range(2):
        reply = service.get(f"{LABELS}&format=csv", "*/*", "GET", **told)
        assert (reply.status, reply.body) == (200, plain.body)
