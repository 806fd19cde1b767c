"""Asks a SPARQL endpoint that the operator names for the people called so: a few requests, a few names in each."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from typing import Any

from kg.errors import CurationError
from kg.identity.index import chunks
from kg.identity.wikidata import Item, _country_codes, item

#: Names in one request, seconds that one may take, seconds between two, and bytes of an answer that are read.
NAMES, TIMEOUT, PAUSE, MOST_BYTES = 20, 60.0, 1.0, 20_000_000
_AGENT = "diplomatic-kg (matches names of office-holders; asks once a second at most)"
_QUERY = """PREFIX wdt: <http://www.wikidata.org/prop/direct/> PREFIX wd: <http://www.wikidata.org/entity/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?id ?label ?alias ?country ?born ?died {{
  VALUES ?name {{ {names} }}
  ?id rdfs:label|skos:altLabel ?name ; wdt:P31 wd:Q5 ; rdfs:label ?label . FILTER (LANG(?label) = "en")
  OPTIONAL {{ ?id skos:altLabel ?alias . FILTER (LANG(?alias) = "en") }}
  OPTIONAL {{ ?id wdt:P27 ?country }} OPTIONAL {{ ?id wdt:P569 ?born }} OPTIONAL {{ ?id wdt:P570 ?died }}
}} LIMIT 5000"""


def _answer(url: str, query: str) -> list[dict[str, Any]]:
    body = urllib.parse.urlencode({"query": query}).encode()
    headers = {"Accept": "application/sparql-results+json", "User-Agent": _AGENT}
    try:
        request = urllib.request.Request(url, body, headers)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:
            found: list[dict[str, Any]] = json.loads(reply.read(MOST_BYTES))["results"]["bindings"]
    except (OSError, urllib.error.URLError, http.client.HTTPException) as error:
        raise CurationError(f"The endpoint {url} gives no answer: {getattr(error, 'reason', error)}.") from None
    except (ValueError, KeyError, TypeError):
        raise CurationError(f"The endpoint {url} answers with something other than SPARQL results in JSON.") from None
    return found


def ask(url: str, names: Iterable[str], most: int) -> Iterator[Item]:
    """The items whom an endpoint knows by these names.

    Args:
        most: requests at most; further names are not asked for.

    Raises:
        CurationError: it cannot be reached, or answers with something else.
    """
    countries = _country_codes()
    for number, part in enumerate(chunks(sorted(set(names)), NAMES)):
        if number >= most:
            return
        if number:
            time.sleep(PAUSE)
        values = " ".join(f"{json.dumps(name, ensure_ascii=False)}@en" for name in part)
        records: dict[str, dict[str, Any]] = {}
        for row in _answer(url, _QUERY.format(names=values)):
            plain = {key: value["value"] for key, value in row.items()}
            record = records.setdefault(plain["id"], {"aliases": [], **plain})
            if plain.get("alias") and plain["alias"] not in record["aliases"]:
                record["aliases"].append(plain["alias"])
        yield from (item(record, url, countries) for _, record in sorted(records.items()))
