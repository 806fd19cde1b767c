"""Each target with some inputs, always the same ones, and what campaigns have found, each in its smallest form."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from werkzeug.test import TestResponse

from kg.config import Settings, load_settings
from kg.errors import QueryError, SettingsError
from kg.sources import Failure
from kg.sources.formats import FORMATS
from kg.sources.origin import Origin
from kg.sparql import check, check_update
from kg.sparql.questions import questions, terms
from kg.store import StoreAnswerError
from kg.store.embedded import open_store
from kg.store.endpoint import Reply
from kg.store.remote import results
from server import create_app
from tests.fuzz import served
from tests.fuzz.guard_oracle import agree_on_query, agree_on_update
from tests.fuzz.target import Target
from tests.fuzz.targets import targets

#: Inputs for each target; for those that take longer, fewer.
EXAMPLES = 60
FEWER = {"extract": 4, "html": 25, "feed": 20, "warc": 20, "gdelt": 30, "prose": 30}


def _tried(examples: int, target: Target) -> None:
    strategy, holds = target
    some = settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    with warnings.catch_warnings():
        # what libraries warn of in such input is none of a test's business; what this project warns of is an error still
        warnings.filterwarnings("ignore", module=r"(bs4|lxml|feedparser|trafilatura|htmldate|dateutil|warcio)\b")
        some(given(strategy)(holds))()


@pytest.mark.parametrize(("name", "target"), list(targets()), ids=lambda v: v if isinstance(v, str) else "")
def test_it_holds(name: str, target: Target) -> None:
    _tried(FEWER.get(name, EXAMPLES), target)


def test_a_campaign_tells_what_it_tried(root: Path) -> None:
    command = [sys.executable, "-m", "tests.fuzz.campaign", "stated-dates", "--minutes", "0.03"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    told = re.search(r"^stated-dates +([0-9,]+) inputs, 0 finds", done.stdout, re.MULTILINE)
    assert told, done.stdout
    assert int(told[1].replace(",", "")) > 0


@pytest.fixture(scope="module")
def app(filled: Settings) -> Iterator[Flask]:
    made = create_app(filled)
    yield made
    made.extensions["kg"].close()


@pytest.mark.parametrize("name", served.READING)
def test_requests_are_answered_well(name: str, app: Flask) -> None:
    _tried(100, dict(served.targets(app))[name])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that lets everybody write, on an empty store."""
    own = Settings(store=tmp_path_factory.mktemp("written") / "store", writes="open", search="off")
    with open_store(own):
        pass
    made = create_app(own)
    yield made
    made.extensions["kg"].close()


@pytest.mark.parametrize("name", served.WRITING)
def test_what_is_written_is_taken_or_refused(name: str, written: Flask) -> None:
    _tried(60, dict(served.writing_targets(written))[name])


#: Queries that went past the check, or that it took for something else; the engine reads a SERVICE in each that is refused.
FOUND_QUERIES = (
    "SELECT * { SERVICESILENT <{0}> {} }",
    "SELECT * { OPTIONAL { ?s ?p trueSERVICE <{0}> {} } }",
    "PREFIX e: <{0}> SELECT * { SERVICEe:x {} }",
    "PREFIX : <{0}> SELECT * { SERVICE:x {} }",
    "PREFIX e: <{0}> SELECT * { OPTIONAL { ?s ?p e:.SERVICE <{0}> {} } }",
    "PREFIX e: <urn:e:> SELECT * { OPTIONAL { ?s ?p e:a\\# } SERVICE <{0}> {}\n }",
    "SELECT * { OPTIONAL { ?s ?p <http://e/\\u0041#> } SERVICE <{0}> {}\n }",
    "SELECT * { FILTER(1<2&&'>'!='x') SERVICE <{0}> {} FILTER('a'='a') }",
    "SELECT * { FILTER(1<2#>'''\n) SERVICE <{0}> {} #'''\n }",
    "SELECT * { VALUES ?x { <{0}> } FILTER(1<2)SERVICE#>\n?x {} }",
    "SELECT * { VALUES ?v {'''x'} SERVICE <{0}> {} #\\q'''\n }",
    "SELECT * { VALUES ?v {'''x'} SERVICE <{0}> {} #\\uD800'''\n }",
    "SELECT * { OPTIONAL { <<?s?p'>'>>?q?r } SERVICE <{0}> {} #'\n }",
)
FOUND_UPDATES = (
    "LOADSILENT <{0}>",
    "PREFIX e: <{0}> LOADe:x",
    "PREFIX : <{0}> LOAD:x",
    "PREFIX e: <urn:e:>LOADe:x INTO GRAPH e:g",
)


@pytest.mark.parametrize("text", FOUND_QUERIES)
def test_what_went_past_the_check_of_queries(text: str) -> None:
    text = text.replace("{0}", "http://canary.invalid/")
    with pytest.raises(QueryError):
        check(text)
    agree_on_query(text)


@pytest.mark.parametrize("text", FOUND_UPDATES)
def test_what_went_past_the_check_of_updates(text: str) -> None:
    text = text.replace("{0}", "http://canary.invalid/")
    with pytest.raises(QueryError):
        check_update(text)
    agree_on_update(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p <http://e/a'b> . FILTER(?o < 3 && 'a' > ?o) }",
        "PREFIX e: <urn:e:> SELECT * { ?s e:a\\'b e:a.b.c. ?s e:%41 '''it's''' }",
        "PREFIX service: <urn:s:> SELECT * { ?s service:SERVICE ?service . FILTER(?s != <urn:service#x>) }",
        "SELECT * { FILTER(?a<?b&&?c>?d) VALUES ?v { '''' } }",
        "SELECT * { ?s ?p '\\u0041\\\\u0041' ; <urn:\\u0061> \"\\U0001F600\" }",
    ],
)
def test_what_looks_alike_passes(text: str) -> None:
    assert check(text).form == "SELECT"
    agree_on_query(text)


def test_the_form_is_that_of_the_outermost_pattern() -> None:
    with pytest.raises(QueryError, match="There is no SELECT"):
        check("PREFIX e: <urn:e:> DESCRIBEe:x {{ SELECT * {} }}")


def test_code_points_stand_for_their_characters_when_a_query_goes_on() -> None:
    checked = check("SELECT * { ?s ?p '\\u0027 . SERVICE <x> {} \\u000A', '\\\\u0041', <urn:\\u0061> }")
    assert checked.text == "SELECT * { ?s ?p '\\' . SERVICE <x> {} \\n', '\\\\u0041', <urn:a> }"


def _failures(name: str, data: bytes) -> list[str]:
    found = list(FORMATS[name].items(io.BytesIO(data), Origin("given", "given"), Settings()))
    assert all(isinstance(item, Failure) for item in found)
    return [item.reason for item in found if isinstance(item, Failure)]


def test_numbers_of_thousands_of_digits_are_no_json() -> None:
    assert _failures("jsonlines", b'{"id": ' + b"9" * 5_000 + b"}") == ["it is not JSON (a number has too many digits)"]


@pytest.mark.parametrize("field", ["text", "title", "id", "outlet"])
def test_half_a_surrogate_pair_is_told_of_whatever_its_field(field: str) -> None:
    line = b'{"text": "The envoy met the king.", "%s": "a\\ud800"}' % field.encode()
    assert _failures("jsonlines", line) == [f"its field {field!r} holds half a surrogate pair, which is no character"]


def test_archives_with_records_that_lack_what_others_have(capfd: pytest.CaptureFixture[str]) -> None:
    record = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.invalid/\x1b[2J x\r\n%s\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx"
    for head in (
        b"Content-Type: application/http; msgtype=response\r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: x\r\n",
    ):
        assert all(_failures("warc", record % head * 2))
    assert _failures("warc", b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n") is not None
    assert "\x1b" not in "".join(capfd.readouterr()), "what stands in an archive is no business of a terminal"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("store = 0", "store: 0 in .* is not a path"),
        ("max_rows = -inf", "max_rows: -inf in .* is not a int"),
        ("query_timeout = 1" + "0" * 400, "query_timeout: 1000.* is not a float"),
        ("port = 1" + "0" * 400, "is no port"),
        ("port = " + "9" * 5_000, "cannot be read"),
        ('encoding = "a\\u0000b"', "encoding: .* is no encoding"),
        ("x = " + "[" * 5_000, "cannot be read"),
    ],
)
def test_settings_that_are_none(line: str, told: str, tmp_path: Any) -> None:
    path = tmp_path / "kg.toml"
    path.write_text(line)
    with pytest.raises(SettingsError, match=told):
        load_settings(path, {})


@pytest.mark.parametrize(
    "address",
    [
        "/tpf?page=000000001" + "9" * 5_000,
        "/search.json?page=000000001" + "9" * 5_000,
        "/articles?page=000000001" + "9" * 5_000,
        "/reconcile/suggest/type?cursor=000000001" + "9" * 5_000,
        "/reconcile/properties?limit=000000001" + "9" * 5_000,
        "/timeline?least=1e-999999999",
        "/reconcile?queries=%7B%22q%22:%7B%22query%22:%22%5Cud800%22%7D%7D",
        "/reconcile?extend=%7B%22ids%22:%5B%5D,%22properties%22:%5B%7B%22id%22:%22otherName%22,%22settings%22:%7B%22limit%22:%22%C2%B2%22%7D%7D%5D%7D",
    ],
)
def test_numbers_and_texts_that_are_none(address: str, app: Flask) -> None:
    reply = app.test_client().get(address)
    assert reply.status_code == 400, reply.text[:300]
    assert reply.json is not None
    assert reply.json["detail"]


def test_a_host_that_can_be_none_is_told_of_whatever_is_accepted(app: Flask) -> None:
    for accept in ("text/html", "*/*"):
        reply = app.test_client().get("/compare", headers={"Host": ".", "Accept": accept})
        assert (reply.status_code, reply.content_type) == (400, "application/problem+json")


def test_a_part_of_an_answer_under_a_condition(app: Flask) -> None:
    def asked(condition: str) -> TestResponse:
        return app.test_client().get("/q/who-met-whom", headers={"Range": "bytes=0-3", "If-Match": condition})

    held = asked("*")
    assert (held.status_code, len(held.data)) == (206, 4)
    assert asked(f'"x", {held.headers["ETag"]}').status_code == 206
    other = asked('"x"')
    assert (other.status_code, other.content_type) == (412, "application/problem+json")


def test_a_remote_answer_that_is_json_but_no_result() -> None:
    for body in (
        b'["__ASK_RETVAL"]',
        b'{"results": {"bindings": [1]}, "head": {"vars": []}, "x": "__ASK_RETVAL"}',
        b"[" * 100_000 + b"__ASK_RETVAL",
    ):
        with pytest.raises(StoreAnswerError, match=r"no result|cut"):
            results(Reply(body, "application/sparql-results+json", virtuoso=True, cut=0))


def test_half_a_surrogate_pair_is_no_value_of_a_question() -> None:
    parameter = next(p for q in questions() for p in q.parameters if p.kind == "text")
    with pytest.raises(QueryError, match="half a surrogate pair"):
        terms(parameter, "a\udfff", lambda _: [], lambda _: [])
