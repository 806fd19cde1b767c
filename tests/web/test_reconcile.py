"""Reconciliation as OpenRefine uses it: its own requests, on the real service."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from kg.config import Settings
from tests.conftest import Reply, Served, serving
from tests.web.reconciliation import check

FORM = "application/x-www-form-urlencoded"
DIPL = "https://w3id.org/diplomatic-kg/ontology#"


@pytest.fixture(scope="module")
def refined(varied: Settings) -> Iterator[Served]:
    """The service on the varied store, once all of it can be found."""
    with serving(varied) as served:
        deadline = time.monotonic() + 60
        while not json.loads(served.get("/search.json").body)["current"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield served


def _as_openrefine_does(served: Served, queries: dict[str, Any]) -> Reply:
    """A POST with one form field, and the headers of its HTTP client."""
    body = urlencode({"queries": json.dumps(queries, ensure_ascii=False)}).encode()
    sent = {"Content_Type": f"{FORM}; charset=UTF-8", "User_Agent": "OpenRefine/3.8.2", "Accept": "*/*"}
    return served.send("POST", "/reconcile", body, **sent)


def _candidates(served: Served, queries: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    reply = _as_openrefine_does(served, queries)
    assert reply.status == 200, reply.text
    answer = json.loads(reply.body)
    check("reconciliation-result-batch", answer)
    assert answer.keys() == queries.keys()
    return {name: one["result"] for name, one in answer.items()}


def test_the_manifest_leads_to_everything_else(refined: Served, varied: Settings) -> None:
    reply = refined.get("/reconcile", "application/json")
    manifest = json.loads(reply.body)
    check("manifest", manifest)
    assert manifest["identifierSpace"] == f"{varied.base_iri}id/"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert refined.get("/reconcile", If_None_Match=reply.headers["etag"]).status in (200, 304)
    for service in (*manifest["suggest"].values(), manifest["extend"]["propose_properties"]):
        assert service["service_url"] == varied.base_iri.rstrip("/")
        assert refined.get(service["service_path"]).status == 200


def test_another_site_may_ask(refined: Served) -> None:
    asking = {"Origin": "http://127.0.0.1:3333", "Access_Control_Request_Method": "POST"}
    reply = refined.send("OPTIONS", "/reconcile", **asking, Access_Control_Request_Headers="content-type")
    assert reply.status in (200, 204)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "Content-Type" in reply.headers["access-control-allow-headers"]


def test_what_its_pages_ask_from_the_browser(refined: Served, varied: Settings) -> None:
    """OpenRefine's page comes from another origin and asks with jQuery; it asks for scripts (JSONP) where CORS fails alone."""
    thing = quote(f"{varied.base_iri}id/person/hun-sen-khm", safe="")
    asked = {
        "its registration": "",
        "things to choose from": "/suggest/entity?prefix=hun%20s&type=Person&type_strict=any",
        "types to choose from": "/suggest/type?prefix=per",
        "properties to choose from": "/suggest/property?prefix=cou",
        "a thing under the pointer": f"/flyout/entity?id={thing}",
        "a type under the pointer": "/flyout/type?id=Person",
        "a property under the pointer": "/flyout/property?id=country",
        "columns to add": "/properties?type=Person&limit=100",
        "columns to add, of any type": "/properties?type=&limit=100",
    }
    accept = "application/json, text/javascript, */*; q=0.01"
    for what, path in asked.items():
        reply = refined.get(f"/reconcile{path}", accept, Origin="http://127.0.0.1:3333")
        assert (reply.status, reply.headers["access-control-allow-origin"]) == (200, "*"), what
        assert json.loads(reply.body), what
        with_callback = f"/reconcile{path}{'&' if '?' in path else '?'}callback=jQuery36_17&_=18"
        scripted = refined.get(with_callback, "text/javascript, */*; q=0.01")
        assert scripted.headers["content-type"].startswith("application/json"), what
        assert scripted.headers["x-content-type-options"] == "nosniff"
        assert scripted.body == reply.body, what
    framed = refined.get(
        f"/reconcile/preview?id={thing}", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    )
    assert framed.headers["content-type"].startswith("text/html")


def test_types_are_guessed_from_some_cells(refined: Served) -> None:
    """Before a column is matched, its first cells are asked for without a type; their candidates' types are counted."""
    some = {f"q{n}": {"query": name, "limit": 3} for n, name in enumerate(("Hun Sen", "John Kerry", "Hor Namhong"))}
    for candidates in _candidates(refined, some).values():
        assert candidates[0]["type"][0]["id"] == "Person"
        assert {"id", "name"} <= candidates[0]["type"][0].keys()


def test_a_column_of_names(refined: Served, varied: Settings) -> None:
    names = {
        "q0": "Hun Sen",
        "q1": "Hun Senn",
        "q2": "CAMBODIA",
        "q3": "Phnom Pénh",
        "q4": "nobody of this name at all",
    }
    queries = {name: {"query": text, "type_strict": "should"} for name, text in names.items()}
    found = _candidates(refined, queries)
    person, state = f"{varied.base_iri}id/person/hun-sen-khm", f"{varied.base_iri}id/state/KHM"
    assert (found["q0"][0]["id"], found["q0"][0]["match"]) == (person, True)
    assert (found["q1"][0]["id"], found["q1"][0]["match"]) == (person, False)  # likely, not certain
    assert (found["q2"][0]["id"], found["q2"][0]["match"]) == (state, True)
    assert found["q3"][0]["name"] == "Phnom Penh"
    assert not any(one["match"] for one in found["q4"])
    by_get = refined.get(f"/reconcile?queries={quote(json.dumps(queries))}")
    assert {n: one["result"] for n, one in json.loads(by_get.body).items()} == found


def test_types_narrow_down(refined: Served) -> None:
    wanted = ["Person", "State", "Office", "Meeting", "Event", f"{DIPL}Actor"]
    found = _candidates(refined, {t: {"query": "Cambodia Kerry Hun Sen", "type": t, "limit": 10} for t in wanted})
    for name, candidates in found.items():
        assert all(name.removeprefix(DIPL) in {t["id"] for t in one["type"]} for one in candidates), name
    assert found["Meeting"]
    assert {one["id"] for one in found["Meeting"]} <= {one["id"] for one in found["Event"]}
    both = {"query": "Kerry", "type": ["Meeting", "Visit"]}
    some = _candidates(refined, {"any": both | {"type_strict": "any"}, "all": both | {"type_strict": "all"}})
    assert some["any"]
    assert not some["all"]


def test_other_columns_tell_namesakes_apart(refined: Served) -> None:
    right, wrong = [
        _candidates(refined, {"q": {"query": "Kerry", "properties": [{"pid": "country", "v": v}]}})["q"][0]
        for v in ("USA", "Cambodia")
    ]
    assert right["score"] > wrong["score"]
    assert {f["id"]: f["value"] for f in right["features"]}["country"] == 100
    day = {"query": "Kerry Cambodia", "type": "Visit", "properties": [{"pid": "date", "v": "2016-01"}]}
    (visit, *_) = _candidates(refined, {"q": day})["q"]
    assert {f["id"]: f["value"] for f in visit["features"]}["date"] == 100
    against = {"query": "Hun Sen", "properties": [{"pid": "country", "v": {"id": f"{visit['id']}x", "name": "Laos"}}]}
    assert not _candidates(refined, {"q": against})["q"][0]["match"]


def test_an_address_and_a_code_are_names(refined: Served, varied: Settings) -> None:
    state = f"{varied.base_iri}id/state/KHM"
    code = {"type": "State", "properties": [{"pid": "isoCode", "v": "KHM"}]}
    found = _candidates(refined, {"iri": {"query": state}, "path": {"query": "id/state/KHM"}, "code": code})
    assert all(some[0]["id"] == state and some[0]["match"] for some in found.values())


@pytest.mark.parametrize(
    ("queries", "words"),
    [
        ("{", "not JSON"),
        ("[]", "an object"),
        ('{"q": 1}', "a query is an object"),
        ('{"q": {}}', "a text, or properties"),
        ('{"q": {"query": 5}}', "a text"),
        ('{"q": {"query": "x", "limit": 0}}', "1 to 50"),
        ('{"q": {"query": "x", "type": "Blorp"}}', "no type 'blorp'"),
        ('{"q": {"query": "x", "type": [{}]}}', "a type"),
        ('{"q": {"query": "x", "type_strict": "maybe"}}', "any, all, should"),
        ('{"q": {"query": "x", "properties": [{"pid": "blorp", "v": "y"}]}}', "no property 'blorp'"),
        ('{"q": {"query": "x", "properties": [{"pid": "country"}]}}', "'pid' and 'v'"),
        (json.dumps({"q": {"query": "x" * 201}}), "200 characters"),
        (json.dumps({f"q{n}": {"query": "x"} for n in range(101)}), "100 queries"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_batch_is_refused_in_a_sentence(refined: Served, queries: str, words: str) -> None:
    reply = refined.post("/reconcile", urlencode({"queries": queries}).encode(), FORM)
    assert reply.status == 400
    assert reply.headers["content-type"] == "application/problem+json"
    detail = json.loads(reply.body)["detail"]
    assert words.lower() in detail.lower()
    assert detail.endswith(".")


def test_too_much_at_once_is_refused(refined: Served) -> None:
    reply = refined.post("/reconcile", urlencode({"queries": " " * 500_001}).encode(), FORM)
    assert reply.status == 413
    assert refined.post("/reconcile", b"", FORM).status == 400


def test_suggestions_and_their_flyouts(refined: Served) -> None:
    for what, text, name in (
        ("entity", "hun s", "Hun Sen"),
        ("type", "mee", "Meeting"),
        ("property", "coun", "Country"),
    ):
        answer = json.loads(refined.get(f"/reconcile/suggest/{what}?prefix={quote(text)}").body)
        plural = {"entity": "entities", "type": "types", "property": "properties"}[what]
        check(f"suggest-{plural}-response", answer)
        assert answer["result"][0]["name"] == name
        flyout = json.loads(
            refined.get(f"/reconcile/flyout/{what}?id={quote(answer['result'][0]['id'], safe='')}").body
        )
        assert flyout["id"] == answer["result"][0]["id"]
        assert name in flyout["html"]
    first, rest = (json.loads(refined.get(f"/reconcile/suggest/type?cursor={n}").body)["result"] for n in (0, 1))
    assert first[1] == rest[0]
    assert refined.get("/reconcile/suggest/type?cursor=x").status == 400
    assert refined.get("/reconcile/flyout/blorp?id=x").status == 404
    assert json.loads(refined.get("/reconcile/suggest/entity?prefix=").body) == {"result": []}


def test_a_preview_may_be_framed_and_nothing_else(refined: Served, varied: Settings) -> None:
    thing = quote(f"{varied.base_iri}id/person/hun-sen-khm", safe="")
    reply = refined.get(f"/reconcile/preview?id={thing}", "text/html")
    assert reply.status == 200
    assert "Hun Sen" in reply.text
    assert "Prime Minister of Cambodia" in reply.text
    assert "frame-ancestors *" in reply.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in refined.get("/", "text/html").headers["content-security-policy"]
    assert refined.get(f"/reconcile/view?id={thing}").headers["location"] == "/page/person/hun-sen-khm"
    for path in ("preview", "view"):
        assert refined.get(f"/reconcile/{path}?id=urn:nothing").status == 404
        assert refined.get(f"/reconcile/{path}").status == 404


def _extended(served: Served, ids: list[str], *properties: dict[str, Any]) -> dict[str, Any]:
    body = urlencode({"extend": json.dumps({"ids": ids, "properties": properties})}).encode()
    reply = served.post("/reconcile", body, FORM)
    assert reply.status == 200, reply.text
    answer: dict[str, Any] = json.loads(reply.body)
    check("data-extension-response", answer)
    return answer


def test_a_table_is_extended(refined: Served, varied: Settings) -> None:
    for of in ("", "Person", "Meeting", "Place"):
        proposed = json.loads(refined.get(f"/reconcile/properties?type={of}&limit=30").body)
        check("data-extension-property-proposal", proposed)
        assert proposed.get("type", "") == of
    assert {p["id"] for p in proposed["properties"]} >= {"country", "latitude"}
    base = varied.base_iri
    person, state, meeting = f"{base}id/person/hun-sen-khm", f"{base}id/state/KHM", ""
    meeting = _candidates(refined, {"q": {"query": "Kerry Hun Sen", "type": "Meeting"}})["q"][0]["id"]
    asked = ({"id": "office"}, {"id": "isoCode"}, {"id": "date"}, {"id": "event", "settings": {"count": "on"}})
    rows = _extended(refined, [person, state, meeting], *asked)["rows"]
    assert {"id": f"{base}id/office/prime-minister-khm", "name": "Prime Minister of Cambodia"} in rows[person]["office"]
    assert rows[state]["isoCode"] == [{"str": "KHM"}]
    assert rows[meeting]["date"] == [{"date": "2016-01-26T00:00:00Z"}]
    every = _extended(refined, [state], {"id": "event", "settings": {"limit": "1000"}})["rows"][state]["event"]
    assert rows[state]["event"] == [{"int": len(every)}]
    assert len(every) > 3
    three = _extended(refined, [state], {"id": "event", "settings": {"limit": 3}})["rows"][state]["event"]
    assert three == every[:3]


@pytest.mark.parametrize(
    "extend",
    [
        "[]",
        '{"ids": ["urn:x"]}',
        '{"ids": "urn:x", "properties": []}',
        '{"ids": ["not an iri"], "properties": [{"id": "office"}]}',
        '{"ids": ["urn:x> ?p ?o } #"], "properties": [{"id": "office"}]}',
        '{"ids": ["urn:x"], "properties": [{"id": "blorp"}]}',
        '{"ids": ["urn:x"], "properties": [{"id": "office", "settings": {"limit": "many"}}]}',
        json.dumps({"ids": [f"urn:{n}" for n in range(501)], "properties": [{"id": "office"}]}),
    ],
)
def test_what_is_no_data_extension_is_refused(refined: Served, extend: str) -> None:
    reply = refined.post("/reconcile", urlencode({"extend": extend}).encode(), FORM)
    assert reply.status == 400, reply.text
    assert json.loads(reply.body)["detail"].endswith(".")


def test_without_search_there_is_no_reconciliation(varied: Settings) -> None:
    from dataclasses import replace

    from server import create_app

    app = create_app(replace(varied, search="off"))
    for path in ("/reconcile", "/reconcile/preview?id=urn:x", "/reconcile/suggest/entity?prefix=a"):
        assert app.test_client().get(path).status_code == 404
    app.extensions["kg"].close()
