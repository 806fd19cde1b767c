"""``/search``: what people look for, as a page and as JSON, suggestions while they type, and the OpenSearch description.

https://github.com/dewitt/opensearch/blob/master/opensearch-1-1-draft-6.md and its extension for suggestions.
"""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request

from kg.errors import QueryError
from kg.search import FACETS, GROUPS, KINDS, Filters, Follower, Found, Hit
from kg.search.find import FARTHEST
from kg.web.pages.search_view import KIND_WORDS, address, chosen_of, facets_of, groups_of, labels_of, row_of
from kg.web.service import service
from kg.web.views.numbers import whole_number

pages = Blueprint("search", __name__)

#: Hits on a page, hits of each group where all are shown together, suggestions.
PAGE, PER_GROUP, SUGGESTIONS = 20, 5, 8


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
    number = whole_number(text, 1, last)
    if number is None:
        raise QueryError(f"page: {text[:40]!r} is not a number from 1 to {last}.")
    return number


def _search(*, grouped: bool) -> tuple[Found, Filters, int]:
    filters, page = _filters(), _page()
    text = request.args.get("q", "")
    together = grouped and not filters.group and "kind" not in filters.values and page == 1
    per_group = PER_GROUP if together else 0
    found = _follower().index.search(text, filters, start=(page - 1) * PAGE, most=PAGE, per_group=per_group)
    return found, filters, page


@pages.get("/search")
def page() -> Response:
    """What has some words in it, with ways to narrow it down."""
    question = request.args.get("q", "").strip()
    found, filters, number = _search(grouped=True)
    asked = bool(question or filters)
    if not asked:
        found = _follower().index.search("", Filters(group="names"), most=12)
    labels = labels_of(found, _follower().index)
    rows = [row_of(hit, labels) for hit in found.hits]
    together = not filters.group and "kind" not in filters.values and number == 1
    last = min(-(-found.total // PAGE), FARTHEST // PAGE)
    body = render_template(
        "search.html",
        question=question,
        asked=asked,
        found=found,
        rows=rows,
        groups=groups_of(found, rows) if together and asked else [],
        facets=facets_of(found, filters, labels) if asked else [],
        chosen=chosen_of(filters, labels),
        hidden={n: v for n in (*FACETS, "group") if (v := request.args.get(n, "").strip())},
        number=number,
        last=last,
        freshness=_follower().freshness(),
        address=address,
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
