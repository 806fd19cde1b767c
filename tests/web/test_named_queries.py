"""Questions as data at addresses that stay."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from kg.config import Settings
from kg.sparql.formats import ROWS
from kg.sparql.questions import questions
from kg.triples.vocab import term
from tests.conftest import Served
from tests.web.conftest import BROWSER


@pytest.mark.parametrize("asked", [q.name for q in questions()])
def test_a_question_is_the_same_as_its_query(service: Served, asked: str) -> None:
    (query,) = (q.query for q in questions() if q.name == asked)
    accept = "application/sparql-results+json"
    reply, other = service.get(f"/q/{asked}", accept), service.get(f"/sparql?query={quote(query)}", accept)
    assert reply.status == 200, reply.text
    assert json.loads(reply.body) == json.loads(other.body)


def test_it_comes_in_every_format(service: Served) -> None:
    for form in ROWS:
        by_accept = service.get("/q/who-met-whom", form.media_types[0])
        assert by_accept.headers["content-type"] == form.content_type
        for path in (f"/q/who-met-whom.{form.name}", f"/q/who-met-whom?format={form.name}"):
            reply = service.get(path, BROWSER)
            assert (reply.status, reply.body) == (200, by_accept.body), path
            assert reply.headers["access-control-allow-origin"] == "*"
        again = service.get(f"/q/who-met-whom.{form.name}", **{"If-None-Match": by_accept.headers["etag"]})
        assert again.status == 304
    assert service.get("/q/who-met-whom", "image/png").status == 406
    assert service.get("/q/who-met-whom", BROWSER).headers["location"] == "/ask/who-met-whom"
    led = service.get("/q/who-met-whom?party=Hun+Sen", BROWSER)
    assert (led.status, led.headers["location"]) == (303, "/ask/who-met-whom?party=Hun+Sen")


def test_parameters_narrow_it_down(service: Served) -> None:
    def rows(path: str) -> list[dict[str, str]]:
        reply = service.get(path)
        assert reply.status == 200, reply.text
        return list(csv.DictReader(io.StringIO(reply.text)))

    every = rows("/q/who-met-whom.csv")
    some = rows("/q/who-met-whom.csv?party=Hun+Sen&earliest=2016-01-01")
    assert some
    assert {r["meeting"] for r in some} <= {r["meeting"] for r in every}
    assert rows("/q/who-met-whom.csv?earliest=2050-01-01") == []
    assert (
        rows("/q/who-met-whom.csv?party=Hun+Sen&counterpart=France")
        == rows("/q/who-met-whom.csv?latest=1990-01-01")
        == []
    )


def test_it_comes_as_what_is_said_of_the_things_in_it(service: Served, filled: Settings) -> None:
    wanted = {row["meeting"] for row in csv.DictReader(io.StringIO(service.get("/q/who-met-whom.csv").text))}
    for ending, form in (("ttl", ox.RdfFormat.TURTLE), ("jsonld", ox.RdfFormat.JSON_LD)):
        reply = service.get(f"/q/who-met-whom.{ending}")
        assert reply.status == 200, reply.text
        quads = list(ox.parse(reply.body, format=form))
        met = {q.subject.value for q in quads if q.object == term("Meeting") and isinstance(q.subject, ox.NamedNode)}
        assert met == wanted
        assert any(q.predicate == term("role") for q in quads)  # what takes part in them is told too
    assert service.get("/q/who-met-whom.ttl?earliest=2050-01-01").status == 200


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("nothing-of-this-name", 404, "There is no question"),
        ("who-met-whom.docx", 400, "no format 'docx'"),
        ("who-met-whom?blorp=1", 400, "no parameter 'blorp'; it has party"),
        ("who-met-whom?earliest=yesterday", 400, "no day"),
        ("who-met-whom?earliest=2016-01-01&earliest=2016-01-02", 400, "give it once"),
        ("who-met-whom?party=" + "x" * 201, 400, "longer than 200"),
        ("who-met-whom?party=Nobody+At+All", 400, "nobody in the graph"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(service: Served, path: str, status: int, words: str) -> None:
    reply = service.get(f"/q/{path}")
    assert reply.status == status
    assert words in json.loads(reply.body)["detail"]
