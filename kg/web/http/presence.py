"""Whether a thing is there, was removed, or never was: 404 and 410, each with what helps to go on."""

from __future__ import annotations

import contextlib
import re
from http import HTTPStatus
from urllib.parse import unquote

import pyoxigraph as ox
from flask import abort
from werkzeug.exceptions import Gone

from kg.errors import KgError
from kg.store import State
from kg.triples.vocab import named
from kg.web.service import service
from kg.web.views.words import Link, days

_REMOVED = named("prov:invalidatedAtTime")
#: Parts of addresses that say what kind of thing is meant and not which one, and endings.
_NOT_WORDS = set(
    "id page data graph topic article event statement tenure instrument group person state organization place office "
    "across import identity ingestion reference html ttl nt jsonld rdf trig nq n3 x".split()
)
#: Names that are shown where nothing was found, and words of an address that are looked for.
_NEAR, _WORDS = 6, 8
#: Score from which on a name is like another one, of 100.
_LIKE = 75
#: What these kinds are called is no name.
_NAMELESS = re.compile(r"/(?:article|event|statement|tenure|instrument|group|event-across)/")


class RemovedError(Gone):
    """What was here has been removed.

    Args:
        when: the time of the removal, as the graph has it.
    """

    def __init__(self, iri: str, when: str) -> None:
        day = days(when, when)
        told = "" if "/article/" in iri else ", with the article that told of it"
        super().__init__(f"<{iri}> was removed on {day}{told}.")
        self.when = when


def require(node: ox.NamedNode, state: State | None = None) -> None:
    """End the request where nothing is said about a thing: with 410 where all that is said is when it was removed, else 404."""
    state = state or service().snapshots.current()
    said = list(state.rows(f"SELECT ?p ?o {{ {node} ?p ?o }} LIMIT 2"))
    if len(said) == 1 and said[0][0] == _REMOVED:
        raise RemovedError(node.value, said[0][1].value)
    if not said and not state.knows(node):
        abort(HTTPStatus.NOT_FOUND, f"The graph says nothing about <{node.value}>.")


def words_of(path: str) -> str:
    """The words of an address that may name what was looked for; the keys of articles and of what they tell are none."""
    if _NAMELESS.search(path):
        return ""
    words = [w for part in unquote(path).split("/") for w in re.split(r"[\W_]+", part)]
    kept = [w for w in words if w and w.lower() not in _NOT_WORDS and not (len(w) > 9 and re.search(r"\d", w))]
    return " ".join(kept[:_WORDS])[:100]


def near(words: str) -> list[Link]:
    """Things of names like these words, where search is on; the last word may be the party that stands behind names in IRIs."""
    follower = service().search
    found: dict[str, tuple[int, str]] = {}
    for asked in {words, words.rpartition(" ")[0]} if follower else ():
        with contextlib.suppress(KgError):
            for one in follower.index.find(asked, limit=_NEAR) if follower and asked else ():
                if one.score >= _LIKE:
                    found[one.iri] = max(found.get(one.iri, (0, "")), (one.score, one.label))
    ranked = sorted(found.items(), key=lambda row: (-row[1][0], row[1][1], row[0]))
    return [Link(label, iri) for iri, (_, label) in ranked[:_NEAR]]
