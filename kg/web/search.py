"""``/search``: what people look for, as a page and as JSON, suggestions while they type, and the OpenSearch description.

https://github.com/dewitt/opensearch/blob/master/opensearch-1-1-draft-6.md and its extension for suggestions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, jsonify, render_template, request

from kg.errors import QueryError
from kg.search import FACETS, GROUPS, KINDS, Filters, Follower, Found, Hit, marked
from kg.search.find import FARTHEST
from kg.triples.vocab import DIPL
from kg.web.service import service

pages = Blueprint("search", __name__)

#: Hits on a page, hits of each group where all are shown together, suggestions, values of a facet that are shown.
PAGE, PER_GROUP, SUGGESTIONS, VALUES = 20, 5, 8, 10
_WORDS = {
    "kind": "Kind",
    "country": "Country",
    "type": "Type of event",
    "topic": "Topic",
    "outlet": "Outlet",
    "year": "Year",
}
KIND_WORDS = {
    "Person": ("person", "People"),
    "State": ("state", "States"),
    "Organization": ("organisation", "Organisations"),
    "Office": ("office", "Offices"),
    "Place": ("place", "Places"),
    "Topic": ("topic", "Topics"),
    "Group": ("group", "Groups"),
    "Article": ("article", "Articles"),
    "Event": ("event", "Events"),
    "Statement": ("statement", "Statements"),
    "Instrument": ("law or agreement", "Laws and agreements"),
    "Tenure": ("holding of an office", "Holdings of offices"),
    "Sentence": ("sentence", "Sentences"),
}
_GROUP_WORDS = {
    "names": "Names",
    "articles": "Headlines",
    "facts": "Events and statements",
    "sentences": "Sentences",
}


@dataclass(frozen=True)
class _Row:
    """One hit as the page shows it."""

    hit: Hit
    named: bool
    link: str
    title: list[tuple[str, bool]]
    quote: list[tuple[str, bool]]
    kind: str
    when: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class _Value:
    """One value of a facet: its words, how many hits have it, and the page of these (or, of a chosen one, without it)."""

    text: str
    number: int
    link: str
    chosen: bool


def _follower() -> Follower:
    found = service().search
    if found is None:
        abort(HTTPStatus.NOT_FOUND, "Search is turned off here.")
    return found


def _given_day(name: str) -> int:
    text = request.args.get(name, "").strip()
    if not text:
        return 0
    try:
        return dt.date.fromisoformat(text).toordinal()
    except ValueError:
        raise QueryError(f"{name}: {text[:40]!r} is not a day, such as 2016-01-26.") from None


def _filters() -> Filters:
    values = {name: request.args.get(name, "").strip() for name in FACETS}
    if values["kind"] and values["kind"] not in KINDS:
        raise QueryError(f"kind: {values['kind'][:40]!r} is none of {', '.join(KINDS)}.")
    group = request.args.get("group", "").strip()
    if group and group not in GROUPS:
        raise QueryError(f"group: {group[:40]!r} is none of {', '.join(GROUPS)}.")
    return Filters(
        {name: value for name, value in values.items() if value}, group, _given_day("from"), _given_day("to")
    )


def _page() -> int:
    text = request.args.get("page", "1").strip()
    last = FARTHEST // PAGE
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= last:
        raise QueryError(f"page: {text[:40]!r} is not a number from 1 to {last}.")
    return int(text)


def _address(**changes: str) -> str:
    """This search's address with some parameters changed (taken away where empty), from its first page on."""
    kept = {n: v for n in ("q", *FACETS, "group", "from", "to") if (v := request.args.get(n, "").strip())}
    return "/search?" + urlencode({n: v for n, v in (kept | changes).items() if v})


def _days(hit: Hit) -> str:
    if not hit.first:
        return ""
    first, last = (dt.date.fromordinal(day).isoformat() for day in (hit.first, hit.last))
    return first if first == last else f"{first} – {last}"


def _labels(found: Found) -> dict[str, str]:
    """The names of the countries and topics that a page speaks of, by code and key."""
    base = service().iris.base
    countries = {f"{base}id/state/{code}": code for code, _ in found.facets["country"]}
    countries |= {f"{base}id/state/{code}": code for hit in found.hits for code in hit.countries}
    topics = {f"{DIPL}topic-{key}": key for key, _ in found.facets["topic"]}
    both = countries | topics
    for code in (request.args.get("country", ""), request.args.get("topic", "")):
        both |= {f"{base}id/state/{code}": code, f"{DIPL}topic-{code}": code}
    return {both[iri]: label for iri, label in _follower().index.labels(both).items()}


def _row(hit: Hit, labels: Mapping[str, str]) -> _Row:
    kind = KIND_WORDS[hit.kind][0] if hit.kind != "Event" or not hit.type else hit.type
    shown = hit.kind == "Sentence"
    own = f"{service().iris.base}id/state/" if hit.kind == "State" else ""
    places = tuple(labels.get(c, c) for c in hit.countries if not own and hit.kind in GROUPS["names"])
    return _Row(
        hit,
        hit.kind in GROUPS["names"],
        service().link(hit.iri),
        marked(hit.label, hit.marks),
        marked(hit.text, hit.text_marks) if shown else [],
        kind,
        _days(hit),
        places[:3],
    )


def _words_for(facet: str, value: str, labels: Mapping[str, str]) -> str:
    if facet == "kind":
        return KIND_WORDS[value][1]
    return labels.get(value, value) if facet in ("country", "topic") else value


def _facets(found: Found, filters: Filters, labels: Mapping[str, str]) -> list[tuple[str, str, list[_Value]]]:
    """Each facet with its values; a chosen value is there also where nothing has it."""
    shown = []
    for name, counted in found.facets.items():
        chosen = filters.values.get(name, "")
        few = counted[:VALUES]
        if chosen and chosen not in dict(few):
            few = [(chosen, dict(counted).get(chosen, 0)), *few]
        values = [
            _Value(_words_for(name, v, labels), n, _address(**{name: "" if v == chosen else v}), v == chosen)
            for v, n in few
        ]
        # one value that all hits have narrows nothing
        if values and (chosen or len(values) > 1 or values[0].number < found.total):
            shown.append((name, _WORDS[name], values))
    return shown


def _chosen(filters: Filters, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the hits are narrowed to, with the addresses that take each away."""
    found = [(f"{_WORDS[n]}: {_words_for(n, v, labels)}", _address(**{n: ""})) for n, v in filters.values.items()]
    if filters.group:
        found.append((_GROUP_WORDS[filters.group], _address(group="")))
    for name, words in (("from", "Since"), ("to", "Until")):
        if day := request.args.get(name, "").strip():
            found.append((f"{words} {day}", _address(**{name: ""})))
    return found


def _search(*, grouped: bool) -> tuple[Found, Filters, int]:
    filters, page = _filters(), _page()
    text = request.args.get("q", "")
    together = grouped and not filters.group and "kind" not in filters.values and page == 1
    per_group = PER_GROUP if together else 0
    found = _follower().index.search(text, filters, start=(page - 1) * PAGE, most=PAGE, per_group=per_group)
    return found, filters, page


def _groups(found: Found, rows: list[_Row]) -> list[tuple[str, str, int, list[_Row]]]:
    """The hits of each group that has any."""
    return [
        (name, _GROUP_WORDS[name], found.groups[name], [row for row in rows if row.hit.kind in kinds])
        for name, kinds in GROUPS.items()
        if any(row.hit.kind in kinds for row in rows)
    ]


@pages.get("/search")
def page() -> Response:
    """What has some words in it, with ways to narrow it down."""
    question = request.args.get("q", "").strip()
    found, filters, number = _search(grouped=True)
    asked = bool(question or filters)
    if not asked:
        found = _follower().index.search("", Filters(group="names"), most=12)
    labels = _labels(found)
    rows = [_row(hit, labels) for hit in found.hits]
    together = not filters.group and "kind" not in filters.values and number == 1
    last = min(-(-found.total // PAGE), FARTHEST // PAGE)
    body = render_template(
        "search.html",
        question=question,
        asked=asked,
        found=found,
        rows=rows,
        groups=_groups(found, rows) if together and asked else [],
        facets=_facets(found, filters, labels) if asked else [],
        chosen=_chosen(filters, labels),
        hidden={n: v for n in (*FACETS, "group") if (v := request.args.get(n, "").strip())},
        number=number,
        last=last,
        freshness=_follower().freshness(),
        address=_address,
    )
    return Response(body, content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})


def _hit(hit: Hit) -> dict[str, Any]:
    days = [dt.date.fromordinal(day).isoformat() if day else None for day in (hit.first, hit.last)]
    return {
        "iri": hit.iri,
        "kind": hit.kind,
        "type": hit.type or None,
        "label": hit.label or None,
        "names": list(hit.names),
        "text": hit.text or None,
        "countries": list(hit.countries),
        "from": days[0],
        "to": days[1],
        "article": hit.article or None,
        "headline": hit.headline or (hit.label if hit.kind == "Article" else None) or None,
        "outlet": hit.outlet or None,
        "page": service().iris.base + service().link(hit.iri).removeprefix("/"),
    }


@pages.get("/search.json")
def data() -> Response:
    """The same as JSON: hits in one order, twenty a page, with the number of hits under each value of the facets."""
    found, _, number = _search(grouped=False)
    fresh = _follower().freshness()
    last = min(-(-found.total // PAGE), FARTHEST // PAGE)
    response = jsonify(
        {
            "query": request.args.get("q", "").strip(),
            "corrected": found.corrected or None,
            "maybe": found.maybe or None,
            "some": found.some,
            "total": found.total,
            "page": number,
            "pages": last,
            "groups": found.groups,
            "facets": {name: [{"value": v, "count": n} for v, n in counted] for name, counted in found.facets.items()},
            "hits": [_hit(hit) for hit in found.hits],
            "current": fresh.current,
            "asOf": fresh.as_of.isoformat() if fresh.as_of else None,
        }
    )
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/search/suggest")
def suggest() -> Response:
    """Things whose names begin with a text, in the form of OpenSearch suggestions: text, names, what they are, addresses."""
    text = request.args.get("q", "")
    found = _follower().index.suggest(text, SUGGESTIONS)
    base = service().iris.base
    places = _follower().index.labels({f"{base}id/state/{c}" for one in found for c in one.countries})
    told = []
    for one in found:
        lands = [places.get(f"{base}id/state/{c}", c) for c in one.countries if one.kind != "State"]
        name = one.label if one.name != one.label else ""
        told.append(" · ".join(filter(None, (name, KIND_WORDS[one.kind][0], ", ".join(lands[:2])))))
    links = [base + service().link(one.iri).removeprefix("/") for one in found]
    response = jsonify([text, [one.name for one in found], told, links])
    response.content_type = "application/x-suggestions+json"
    response.headers["Cache-Control"] = "public, max-age=30"
    return response


@pages.get("/opensearch.xml")
def description() -> Response:
    """The OpenSearch description, by which browsers take up this search."""
    body = render_template("opensearch.xml", base=service().iris.base)
    return Response(body, content_type="application/opensearchdescription+xml; charset=utf-8")
