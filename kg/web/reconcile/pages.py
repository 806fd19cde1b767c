"""``/reconcile``: the service by which OpenRefine and others match a column of names to things here (version 0.2)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request

import kg
from kg.errors import QueryError
from kg.search import Candidate, Follower
from kg.triples.vocab import DIPL
from kg.web.http.caching import not_modified, tag_of, with_tag
from kg.web.reconcile import extending, queries
from kg.web.reconcile.properties import properties
from kg.web.reconcile.types import asked_type, types, types_of
from kg.web.service import service
from kg.web.views.numbers import whole_number

pages = Blueprint("reconcile", __name__)

#: Bytes of one batch or one data extension; suggestions; pixels of a preview.
MOST_BYTES, SUGGESTIONS, WIDTH, HEIGHT = 500_000, 12, 420, 260
_VERSION = "0.2"
#: Only what is made to be shown inside another page may be; every other answer is shown by itself.
FRAMED = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors *"
)
_PREVIEWED = ("country", "actsFor", "office", "date", "place", "otherName", "outlet")


def _follower() -> Follower:
    found = service().search
    if found is None:
        abort(HTTPStatus.NOT_FOUND, "Search is turned off here, and with it reconciliation.")
    return found


def manifest() -> dict[str, Any]:
    """What the service says of itself."""
    base = service().iris.base
    return {
        "versions": [_VERSION],
        "name": "Diplomatic KG",
        "identifierSpace": f"{base}id/",
        "schemaSpace": DIPL,
        "documentation": f"{base}about",
        "serviceVersion": kg.__version__,
        "logo": f"{base}static/icon.svg",
        "view": {"url": f"{base}reconcile/view?id={{{{id}}}}"},
        "defaultTypes": [
            types()[name].told() for name in ("Person", "State", "Organization", "Office", "Place", "Event")
        ],
        "suggest": {
            what: {
                "service_url": base.removesuffix("/"),
                "service_path": f"/reconcile/suggest/{what}",
                "flyout_service_url": base.removesuffix("/"),
                "flyout_service_path": f"/reconcile/flyout/{what}?id=${{id}}",
            }
            for what in ("entity", "type", "property")
        },
        "preview": {"url": f"{base}reconcile/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
        "extend": {
            "propose_properties": {"service_url": base.removesuffix("/"), "service_path": "/reconcile/properties"},
            "property_settings": list(extending.SETTINGS),
        },
    }


def _json(told: object, *, kept: int = 0) -> Response:
    response = jsonify(told)
    response.headers["Cache-Control"] = f"public, max-age={kept}" if kept else "no-cache"
    return response


def _parsed(text: str, what: str) -> Any:
    if len(text.encode()) > MOST_BYTES:
        abort(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"A request may have {MOST_BYTES:,} bytes in {what!r}; send fewer at once.",
        )
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise QueryError(f"{what!r} holds half a surrogate pair, which is no character.") from None
    except (ValueError, RecursionError):
        raise QueryError(f"{what!r} is not JSON.") from None
    return found


def _answered() -> Response:
    """The answer to a batch or a data extension, wherever the request has it."""
    given = request.values
    if "queries" in given and "extend" in given:
        raise QueryError("There are queries and a data extension; send one of them.")
    state, base = service().snapshots.current(), service().iris.base
    if "extend" in given:
        return _json(extending.answer(state, base, _parsed(given["extend"], "extend")))
    batch = _parsed(given["queries"], "queries")
    if not isinstance(batch, dict):
        raise QueryError("'queries' is an object: a name of your own for each query.")
    return _json(queries.answer(_follower().index, state, base, batch))


@pages.get("/reconcile", strict_slashes=False)
def by_get() -> Response:
    """The manifest; or the candidates of a batch of queries, or a data extension, given in the address."""
    if "queries" in request.args or "extend" in request.args:
        return _answered()
    _follower()
    response = jsonify(manifest())
    tag = tag_of(response.get_data(as_text=True))
    return not_modified(tag) or with_tag(response, tag)


@pages.post("/reconcile", strict_slashes=False)
def by_post() -> Response:
    """The candidates of a batch of queries, or a data extension, given in a form."""
    if "queries" in request.values or "extend" in request.values:
        return _answered()
    raise QueryError("Send 'queries' or 'extend' in a form; GET without either gives the manifest.")


def _prefix() -> tuple[str, int]:
    """What a user has typed, and how many suggestions come before those that are asked for."""
    text, cursor = request.args.get("prefix", "").strip(), request.args.get("cursor", "0").strip()
    if len(text) > queries.LONGEST:
        raise QueryError(f"prefix: it may have {queries.LONGEST} characters.")
    number = whole_number(cursor, 0, 1_000)
    if number is None:
        raise QueryError(f"cursor: {cursor[:40]!r} is no number from 0 to 1,000.")
    return text, number


def _begins(told: dict[str, Any], text: str) -> bool:
    """Whether a word of a name, or the id, begins as was typed."""
    wanted, name = text.casefold(), str(told["name"]).casefold()
    return name.startswith(wanted) or f" {wanted}" in name or str(told["id"]).casefold().startswith(wanted)


def _listed(all_of_them: list[dict[str, Any]]) -> Response:
    text, cursor = _prefix()
    found = [told for told in all_of_them if _begins(told, text)]
    return _json({"result": found[cursor : cursor + SUGGESTIONS]}, kept=3600)


@pages.get("/reconcile/suggest/type")
def suggest_type() -> Response:
    """Types whose names begin with a text."""
    return _listed([t.told(broader=True) for t in types().values()])


@pages.get("/reconcile/suggest/property")
def suggest_property() -> Response:
    """Properties whose names begin with a text."""
    return _listed([dict(p.told()) for p in properties().values()])


@pages.get("/reconcile/suggest/entity")
def suggest_entity() -> Response:
    """Things whose names begin with a text."""
    (text, cursor), index = _prefix(), _follower().index
    found = index.suggest(text, cursor + SUGGESTIONS)[cursor:]
    known = index.things([one.iri for one in found])
    told = []
    for one in found:
        candidate = known.get(one.iri)
        if candidate:
            notable = [t.told() for t in types_of(candidate)]
            told.append(
                {"id": one.iri, "name": one.label, "description": queries.described(candidate), "notable": notable}
            )
    return _json({"result": told}, kept=30)


@pages.get("/reconcile/properties")
def propose() -> Response:
    """The properties with which a table of things of a type can be extended."""
    name, limit = request.args.get("type", "").strip(), request.args.get("limit", "").strip()
    number = whole_number(limit or "1000", 1, 1_000)
    if number is None:
        raise QueryError(f"limit: {limit[:40]!r} is no number from 1 to 1,000.")
    return _json(extending.proposed(asked_type(name) if name else None, number), kept=3600)


def _thing() -> Candidate:
    """The thing of the request's id."""
    iri = request.args.get("id", "").strip()
    found = _follower().index.things([iri]).get(iri) if 0 < len(iri) <= 2_000 else None
    return found or abort(HTTPStatus.NOT_FOUND, f"There is nothing with the id {iri[:100]!r}.")


@pages.get("/reconcile/view")
def view() -> Response:
    """Leads from an id to the thing's page."""
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": service().link(_thing().iri)})


def _told(one: Candidate) -> dict[str, Any]:
    """What a preview says of a thing."""
    state = service().snapshots.current()
    line = {t.id for t in types_of(one)}
    wanted = {p: properties()[p] for p in _PREVIEWED if not properties()[p].of or line & set(properties()[p].of)}
    found = extending.summary(state, one.iri, wanted)
    if "Acts for" in found:  # says the same, and more
        found.pop("Country", None)
    others = [value for value in found.pop("Other name", []) if value.text != one.label]
    found |= {"Other names": others} if others else {}
    return {"one": one, "kind": types_of(one)[0].name if types_of(one) else one.kind, "found": found}


@pages.get("/reconcile/preview")
def preview() -> Response:
    """A thing in a few words, to be shown inside another page."""
    body = render_template("reconcile/preview.html", **_told(_thing()), base=service().iris.base)
    return Response(body, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": FRAMED})


@pages.get("/reconcile/flyout/<what>")
def flyout(what: str) -> Response:
    """A few words of HTML on an entity, type or property, for a menu."""
    name = request.args.get("id", "").strip()
    if what == "entity":
        one = _thing()
        name, title, words = one.iri, one.label, queries.described(one)
    elif what in ("type", "property"):
        found: Any = (types() if what == "type" else properties()).get(name.removeprefix(DIPL))
        if found is None:
            abort(HTTPStatus.NOT_FOUND, f"There is no {what} {name[:100]!r}.")
        title, words = found.name, found.description
    else:
        abort(HTTPStatus.NOT_FOUND, "There are flyouts for entity, type and property.")
    return _json({"id": name, "html": render_template("reconcile/flyout.html", title=title, words=words)}, kept=30)
