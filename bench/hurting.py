"""Queries that take for ever, take too much, or take a server down: how each ends, and what is left of a thousand of them."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from census import Census, census
from load import Side, bystander, percentile

_ALL = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
_ANY = "(!<urn:none>)"
_COUNT = "SELECT (COUNT(*) AS ?n)"
_NUMBERS = " ".join(map(str, range(100)))


def _optionals(depth: int) -> str:
    return f"{_COUNT} {{ ?x ?y ?z {' '.join(f'OPTIONAL {{ ?a{n} ?b{n} ?c{n}' for n in range(depth))}{' }' * depth} }}"


#: The first ones are evaluated for as long as they may be; the last ones are about a server's own stack.
HURTFUL = {
    "count of a cross join": f"{_COUNT} {{ {_ALL} }}",
    "filtered cross join": f"SELECT * {{ {_ALL} FILTER (CONCAT(STR(?c), STR(?f), STR(?i)) = 'never') }}",
    "sort of a cross join": f"SELECT * {{ {_ALL} }} ORDER BY ?c ?f ?i",
    "distinct cross join": f"SELECT DISTINCT ?a ?d ?g {{ {_ALL} }}",
    "all of a cross join": f"SELECT * {{ {_ALL} }}",
    "graph of a cross join": f"CONSTRUCT {{ ?a ?e ?i }} {{ {_ALL} }}",
    "groups of a cross join": f"SELECT ?c ?f (COUNT(*) AS ?n) {{ {_ALL} }} GROUP BY ?c ?f",
    "strings of a cross join": f"SELECT (GROUP_CONCAT(CONCAT(STR(?c), STR(?f), STR(?i))) AS ?x) {{ {_ALL} }}",
    "regular expressions": "SELECT * { ?a ?b ?c . ?d ?e ?f FILTER (REGEX(CONCAT(STR(?c), STR(?f)), '^(a|ab)*c{2,}(x+x+)+y$')) }",
    "paths from everywhere": f"{_COUNT} {{ ?a {_ANY}* ?b . ?c {_ANY}* ?d }}",
    "a path of 40 steps": f"{_COUNT} {{ ?a {'/'.join([f'({_ANY}|^{_ANY})'] * 20)} ?b }}",
    "OPTIONALs, 40 deep": _optionals(40),
    "MINUS in NOT EXISTS": f"{_COUNT} {{ ?a ?b ?c FILTER NOT EXISTS {{ {_ALL} MINUS {{ ?z ?b ?y . {_ALL} }} }} }}",
    "product of VALUES": f"{_COUNT} {{ {' '.join(f'VALUES ?v{n} {{ {_NUMBERS} }}' for n in range(8))} }}",
    "IN a list of 9,000": f"{_COUNT} {{ ?a ?b ?c . ?d ?e ?f FILTER (?c IN ({', '.join(map(str, range(9_000)))})) }}",
    "string doubled 60 times": "SELECT (STRLEN(?x60) AS ?n) { BIND ('xxxxxxxx' AS ?x0) "
    + " ".join(f"BIND (CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(60))
    + " }",
    "a path of 1,000 steps": f"{_COUNT} {{ ?a {'/'.join([_ANY] * 1_000)} ?b }}",
    "20,000 UNIONs": "SELECT * { " + " UNION ".join(["{ ?s ?p ?o }"] * 20_000) + " }",
    "OPTIONALs, 2,000 deep": _optionals(2_000),
    "nested braces": "SELECT * " + "{" * 10_000 + "}" * 10_000,
    "nested brackets": "SELECT * { FILTER (" + "(" * 10_000 + "1" + ")" * 10_000 + ") }",
    "50,000 alternatives": "SELECT * { ?s ?p ?x FILTER (" + " || ".join(["?x = 1"] * 50_000) + ") }",
}
#: How much later than its limit a query may end, in seconds.
GRACE = 0.1


def with_service(address: str) -> dict[str, str]:
    """All of them, and one that asks a server which never answers."""
    return HURTFUL | {"a SERVICE that hangs": f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"}


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class End:
    """How a query ended: after how many seconds, how, and what others felt meanwhile."""

    took: float
    how: str
    felt: list[float]

    def columns(self) -> str:
        failed = sum(t == float("inf") for t in self.felt)
        return f"{self.took:6.2f} {self.how:11} {percentile(self.felt, 0.99):7.0f} {failed:3}"


def hurtful(
    ours: Side,
    native: Callable[[], AbstractContextManager[Side]],
    queries: dict[str, str],
    limit: float,
) -> None:
    """Ask each of both servers: seconds, end, and the 99th percentile and failures of another client's ``ASK {}`` meanwhile.

    This service is the same one all along. The native server, of which some queries are the last, is started for each, and a
    query is left alone a second after the limit.
    """
    head = f"{'seconds':>6} {'end':10} {'p99 ms':>7} failed"
    _say(f"hurtful: limit {limit:g} s; {'':5}kg: {head}   | native: {head}")
    ends = []
    for name, query in queries.items():
        ends.append(end := _hurt(ours, query, limit * 5))
        with native() as side:
            theirs = _hurt(side, query, limit + 1)
        _say(f"{name:32}{end.columns()}      | {theirs.columns()}")
    felt = [time for end in ends for time in end.felt]
    late = sum(end.took > limit + GRACE for end in ends)
    longest = max(end.took for end in ends)
    _say(
        f"{len(ends) - late} of {len(ends)} ended within {limit + GRACE:g} s, the longest after {longest:.2f} s; "
        f"another client's {len(felt):,} lookups: median {percentile(felt, 0.5):.1f} ms, p99 {percentile(felt, 0.99):.1f} ms"
    )


def _hurt(side: Side, query: str, patience: float) -> End:
    with bystander(side) as felt:
        started = time.perf_counter()
        status, *_ = side.ask(query, "text/csv, application/n-triples;q=0.5", patience)
        took = time.perf_counter() - started
        time.sleep(0.2)
    alive = side.ask("ASK {}", timeout=2)[0] == 200
    how = f"{status}" if status else ("broken off" if took < patience else "left alone")
    return End(took, how if alive else "server gone", felt)


def thousand(side: Side, store: Path, queries: dict[str, str], number: int = 1_000, clients: int = 4) -> None:
    """What a service holds before and after so many of them, when all have ended."""

    def looked() -> Census:
        time.sleep(3.0)
        return census(side.process, store, store / "no-temporary-folder")

    def ask(text: str, turn: int) -> int:
        return side.ask(f"{text} # {turn}", "text/csv, application/n-triples;q=0.5", 60)[0]

    def asked(times: int) -> dict[int, int]:
        found: dict[int, int] = {}
        turns = range(times)
        with ThreadPoolExecutor(clients) as several:
            for status in several.map(ask, itertools.islice(itertools.cycle(queries.values()), times), turns):
                found[status] = found.get(status, 0) + 1
        return found

    asked(2 * len(queries))
    before, began = looked(), time.perf_counter()
    ends = asked(number)
    took, after = time.perf_counter() - began, looked()
    told = ", ".join(f"{times} {status or 'broken off'}" for status, times in sorted(ends.items()))
    _say(f"thousand: {number:,} queries by {clients} clients in {took:.0f} s: {told}")
    for name in ("processes", "threads", "handles", "rss", "pss", "snapshots", "gone"):
        unit = 1e6 if name in ("rss", "pss", "snapshots", "gone") else 1
        first, last = getattr(before, name) / unit, getattr(after, name) / unit
        _say(f"  {name:10}{first:10,.0f} before {last:10,.0f} after{' MB' if unit > 1 else ''}")
