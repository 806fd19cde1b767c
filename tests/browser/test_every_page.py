"""Every kind of page: for all eyes and hands, on every screen, with and without scripts, and from this host alone."""

from __future__ import annotations

import json
import urllib.parse

import pytest
from selenium.webdriver import Chrome

from kg.triples.vocab import DIPL
from tests.browser.checks import faults
from tests.conftest import Served

ADDRESSES = (
    "/",
    "/about",
    "/articles",
    "/ask",
    "/ask/who-met-whom?party=Cambodia",
    "/ask/dealings-by-month",
    "/calendar",
    "/compare?a=KHM&b=USA",
    "/disagreements",
    "/docs",
    "/docs/http-api",
    "/docs/tutorial",
    "/docs?q=confidence",
    "/embed/card/state/KHM",
    "/embed/map",
    "/embed/q/who-met-whom",
    "/embed/timeline?actor=KHM",
    "/dumps/",
    "/licences",
    "/map",
    "/network",
    "/nothing",
    "/ontology",
    "/query",
    "/query?question=who-met-whom",
    "/questions",
    "/search?q=Hun+Senn",
    "/timeline",
    "/topic/trade",
    "/tpf?predicate=http%3A%2F%2Fwww.w3.org%2F2000%2F01%2Frdf-schema%23label",
)


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_page_has_no_fault(path: str, browser: Chrome, service: Served) -> None:
    assert faults(browser, service.url + path) == []


def _things_of_all_kinds(service: Served) -> dict[str, set[str]]:
    """Paths of pages, as few as show a thing of each kind that is in the store, with the kinds."""
    query = f"""SELECT DISTINCT ?kind ?thing WHERE {{
        ?thing a ?kind . FILTER (STRSTARTS(STR(?kind), "{DIPL}") && CONTAINS(STR(?thing), "/id/") && !CONTAINS(STR(?thing), "#"))
        }} ORDER BY ?thing ?kind"""
    reply = service.get(f"/sparql?{urllib.parse.urlencode({'query': query})}", "application/sparql-results+json")
    kinds: dict[str, set[str]] = {}
    for row in json.loads(reply.body)["results"]["bindings"]:
        path = f"/page/{row['thing']['value'].partition('/id/')[2]}"
        kinds.setdefault(path, set()).add(row["kind"]["value"].removeprefix(DIPL))
    chosen: dict[str, set[str]] = {}
    left = set().union(*kinds.values())
    while left:
        best = max(kinds, key=lambda path: len(kinds[path] & left))
        chosen[best] = kinds[best] & left
        left -= kinds[best]
    return chosen


def test_the_page_of_a_thing_of_each_kind_has_no_fault(browser: Chrome, service: Served) -> None:
    pages = _things_of_all_kinds(service)
    assert {"Person", "State", "Meeting", "Statement", "Tenure", "Office", "Article"} <= set().union(*pages.values())
    told = {f"{path} ({', '.join(kinds)})": faults(browser, service.url + path) for path, kinds in pages.items()}
    assert {page: found for page, found in told.items() if found} == {}
