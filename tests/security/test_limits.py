"""Limits for each client: who a client is, its bucket of requests, its queries at once, and the time of a processor."""

from __future__ import annotations

import json
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter

from kg.config import Settings, load_settings
from kg.errors import SettingsError
from kg.web.http.errors import LimitError
from kg.web.http.tokens import TokenFile
from kg.web.rsgi.clients import Clients
from kg.web.rsgi.limits import MOST_CLIENTS, Buckets, Limits
from tests.conftest import Served, serving

SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@dataclass
class Headers:
    """Headers as the server gives them: several of a name stay several."""

    pairs: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str) -> str | None:
        return next(iter(self.get_all(name)), None)

    def get_all(self, name: str) -> list[str]:
        return [value for known, value in self.pairs if known == name]


@dataclass
class Scope:
    client: str
    headers: Headers


def client(settings: Settings, peer: str, *pairs: tuple[str, str], tokens: Path = Path("/nowhere")) -> str:
    return Clients(settings, TokenFile(tokens)).of(Scope(peer, Headers(list(pairs))))


BEHIND = Settings(trusted_proxies="10.0.0.0/8,2001:db8:1::/48")
FOR = "x-forwarded-for"


@pytest.mark.parametrize(
    ("peer", "pairs", "name"),
    [
        ("192.0.2.7:5000", [], "192.0.2.7"),
        ("[2001:db8:7:8:1:2:3:4]:5000", [], "2001:db8:7:8::/64"),
        ("[2001:db8:7:8::9]:5000", [], "2001:db8:7:8::/64"),
        ("[::ffff:192.0.2.7]:5000", [], "192.0.2.7"),
        # who is no proxy is not believed
        ("192.0.2.7:5000", [(FOR, "198.51.100.1")], "192.0.2.7"),
        ("192.0.2.7:5000", [("forwarded", "for=198.51.100.1")], "192.0.2.7"),
        # the last that is none of the proxies; what stands before it, the client may have written itself
        ("10.0.0.1:5000", [(FOR, "198.51.100.1")], "198.51.100.1"),
        ("10.0.0.1:5000", [(FOR, "203.0.113.9, 198.51.100.1, 10.2.3.4")], "198.51.100.1"),
        ("10.0.0.1:5000", [(FOR, "203.0.113.9"), (FOR, "198.51.100.1")], "198.51.100.1"),
        ("[2001:db8:1::5]:5000", [(FOR, "2001:db8:7:8::9")], "2001:db8:7:8::/64"),
        ("10.0.0.1:5000", [(FOR, "198.51.100.1:4711")], "198.51.100.1"),
        (
            "10.0.0.1:5000",
            [("forwarded", 'for=203.0.113.9;proto=http, For="[2001:db8:7:8::9]:4711"')],
            "2001:db8:7:8::/64",
        ),
        ("10.0.0.1:5000", [("forwarded", "for=198.51.100.1;by=10.0.0.1, for=10.0.0.2")], "198.51.100.1"),
        # nothing that can be known: the proxy itself
        ("10.0.0.1:5000", [], "10.0.0.1"),
        ("10.0.0.1:5000", [(FOR, "unknown")], "10.0.0.1"),
        ("10.0.0.1:5000", [(FOR, "198.51.100.1, _hidden")], "10.0.0.1"),
        ("10.0.0.1:5000", [(FOR, ",".join(["x"] * 100_000))], "10.0.0.1"),
        # a proxy that sets one header lets the other through: neither is believed
        ("10.0.0.1:5000", [(FOR, "198.51.100.1"), ("forwarded", "for=203.0.113.9")], "10.0.0.1"),
        ("10.0.0.1:5000", [(FOR, "198.51.100.1"), ("forwarded", "for=198.51.100.1")], "198.51.100.1"),
    ],
)
def test_who_a_client_is(peer: str, pairs: list[tuple[str, str]], name: str) -> None:
    assert client(BEHIND, peer, *pairs) == name


def test_who_has_a_token_is_known_by_its_name_and_who_invents_one_is_not(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    secret = TokenFile(file).new("robot", ("read",))
    sent = ("authorization", f"Bearer {secret}")
    assert client(BEHIND, "192.0.2.7:1", sent, tokens=file) == "token robot"
    assert client(BEHIND, "10.0.0.1:1", sent, (FOR, "198.51.100.1"), tokens=file) == "token robot"
    assert client(BEHIND, "192.0.2.7:1", ("authorization", "Bearer invented"), tokens=file) == "192.0.2.7"


def test_what_is_no_network_is_told() -> None:
    with pytest.raises(SettingsError, match=r"trusted_proxies: .*10\.0\.0\.1/8"):
        load_settings(environment={"KG_TRUSTED_PROXIES": "10.0.0.1/8"})


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again() -> None:
    clock = Clock()
    buckets = Buckets(2.0, 5.0, clock)
    assert [buckets.take("a", 1) for _ in range(5)] == [0.0] * 5
    assert buckets.take("a", 1) == pytest.approx(0.5)
    assert buckets.take("b", 1) == 0.0, "one client's requests were counted for another"
    clock.now += 0.5
    assert buckets.take("a", 1) == 0.0
    assert buckets.take("a", 1) == pytest.approx(0.5), "a request that was refused has cost something"
    clock.now += 100
    assert buckets.left("a") == (5.0, 0.0), "more was saved up than a bucket holds"
    buckets.charge("a", 9)
    assert buckets.left("a")[0] == pytest.approx(-4)
    assert buckets.take("a", 1) == pytest.approx(2.5)


def test_clients_are_forgotten_from_the_one_that_has_not_come_for_longest() -> None:
    buckets = Buckets(1.0, 2.0, Clock())
    buckets.take("hog", 2)
    for n in range(MOST_CLIENTS * 3):
        buckets.take(f"passer-by {n}", 1)
        if n % 5_000 == 0:
            buckets.charge("hog", 0.001)
    assert buckets.clients == MOST_CLIENTS
    assert buckets.take("hog", 1) > 0


def limits(clock: Clock, **settings: float) -> Limits:
    counter = Counter("kg_limited", "", ["limit"], registry=CollectorRegistry())
    return Limits(Settings(**settings), counter, clock)  # type: ignore[arg-type]


def test_queries_at_once() -> None:
    found = limits(Clock(), client_queries=2)
    found.enter("a")
    found.enter("a")
    with pytest.raises(LimitError, match="At most 2 queries") as caught:
        found.enter("a")
    assert (caught.value.policy, caught.value.wait) == ("queries", 1)
    found.enter("b")
    found.leave("a", 0)
    found.enter("a")


def test_seconds_count_while_others_ask() -> None:
    clock = Clock()
    found = limits(clock, client_query_seconds=30)
    found.enter("hog")
    found.leave("hog", 60.0)
    found.enter("hog")  # it is alone: nobody gains by its being refused
    found.leave("hog", 0.0)
    found.enter("other")
    found.leave("other", 0.01)
    with pytest.raises(LimitError, match="more than 30 seconds of a processor") as caught:
        found.enter("hog")
    assert caught.value.wait == 61  # 30 seconds are owed, half a second is given a second
    found.enter("other")
    found.leave("other", 0.01)
    clock.now += 61
    found.enter("hog")


def test_nothing_is_limited_at_0() -> None:
    found = limits(Clock(), client_rate=0, client_queries=0, client_query_seconds=0)
    assert all(found.request("a") is None for _ in range(100_000))
    for _ in range(100):
        found.enter("a")
    found.leave("a", 1e9)
    found.enter("b")
    found.enter("a")
    assert found.fields("a") == []


@pytest.fixture(scope="module")
def limited(filled: Settings) -> Iterator[Served]:
    with serving(
        filled,
        KG_CLIENT_RATE="2",
        KG_CLIENT_BURST="10",
        KG_CLIENT_QUERIES="1",
        KG_CLIENT_QUERY_SECONDS="0.05",
        KG_TRUSTED_PROXIES="127.0.0.0/8",
        KG_QUERY_TIMEOUT="3",
    ) as served:
        yield served


def _from(served: Served, address: str, path: str) -> tuple[int, dict[str, str], bytes]:
    reply = served.send("GET", path, X_Forwarded_For=address)
    return reply.status, dict(reply.headers), reply.body


def test_too_many_requests(limited: Served) -> None:
    replies = [_from(limited, "192.0.2.1", f"/about?{n}") for n in range(14)]
    assert {status for status, _, _ in replies[:10]} == {200}
    status, headers, body = replies[-1]
    assert status == 429
    assert headers["content-type"] == "application/problem+json"
    assert int(headers["retry-after"]) >= 1
    assert headers["ratelimit-policy"].startswith('"requests";q=10;w=5, ')
    assert headers["ratelimit"].startswith('"requests";r=0;t=1')
    assert headers["cache-control"] == "no-store"
    told = json.loads(body)
    assert (told["status"], told["violated-policies"]) == (429, ["requests"])
    assert told["type"].endswith("#quota-exceeded")
    assert _from(limited, "192.0.2.2", "/about")[0] == 200, "another client is refused too"
    assert all(_from(limited, "192.0.2.1", "/health/live")[0] == 200 for _ in range(20))
    figures = _from(limited, "192.0.2.3", "/metrics")[2].decode()
    assert 'kg_limited_total{limit="requests"}' in figures
    assert 'kg_requests_total{endpoint="none",method="GET",status="429"}' in figures


def test_what_is_only_given_again_costs_a_tenth(limited: Served) -> None:
    path = "/sparql?query=ASK%7B%7D"
    statuses = [_from(limited, "192.0.2.4", path)[0] for _ in range(40)]
    assert set(statuses) == {200}


def test_one_query_at_once_and_its_time(limited: Served) -> None:
    path = "/sparql?" + urllib.parse.urlencode({"query": SLOW})
    first: list[int] = []
    running = threading.Thread(target=lambda: first.append(_from(limited, "192.0.2.5", path)[0]))
    running.start()
    while 'kg_workers{state="busy"} 1.0' not in _from(limited, "192.0.2.7", "/metrics")[2].decode():
        assert running.is_alive()
        time.sleep(0.5)  # of two requests a second
    refused: list[dict[str, str]] = []
    while running.is_alive() and not refused:
        status, headers, body = _from(limited, "192.0.2.5", "/sparql?query=ASK%7B%3Fa%20%3Fb%201%7D")
        if status == 429 and json.loads(body)["violated-policies"] == ["queries"]:
            refused.append(headers)
    assert refused, "two queries of one client were answered at once"
    assert '"queries";r=0' in refused[0]["ratelimit"]
    assert _from(limited, "192.0.2.6", "/sparql?query=ASK%7B%3Fa%20%3Fb%202%7D")[0] == 200
    running.join()
    assert first == [504]
    # the query has taken more than its share of a processor, and another client has just asked
    status, headers, body = _from(limited, "192.0.2.5", "/query?query=ASK%7B%3Fa%20%3Fb%203%7D")
    assert status == 429
    assert int(headers["retry-after"]) > 20
    assert b"others ask too" in body
    status, headers, body = _from(limited, "192.0.2.5", "/sparql?query=ASK%7B%3Fa%20%3Fb%204%7D")
    assert status == 429
    assert json.loads(body)["violated-policies"] == ["query-seconds"]
    assert _from(limited, "192.0.2.6", "/sparql?query=ASK%7B%3Fa%20%3Fb%205%7D")[0] == 200
    assert 'kg_queries_total{outcome="limited"}' in _from(limited, "192.0.2.8", "/metrics")[2].decode()
