"""Pages and data that are the same as long as the store is: a strong entity tag, 304, and leave to remember the answer.

What stands on them is determined by the state of the store, the settings, the program and the address; none of them tells the
time or reads what changes by itself.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec

from flask import make_response, request
from werkzeug.wrappers import Response

import kg
from kg.sparql.formats import TRIPLES
from kg.web.http.caching import not_modified, tag_of, with_tag
from kg.web.http.negotiation import choose, varied
from kg.web.service import service

Given = ParamSpec("Given")
_JSON_LD = tuple(form for form in TRIPLES if form.name == "jsonld")
_MADE_OF = (".py", ".html", ".tsv", ".css")


@cache
def program() -> str:
    """What tells this version of the pages from another: the files that they are made of, in a checkout under work too."""
    found = hashlib.blake2b(kg.__version__.encode(), digest_size=16)
    folder = Path(__file__).parent.parent
    for path in sorted(p for p in folder.rglob("*") if p.suffix in _MADE_OF and "node_modules" not in p.parts):
        found.update(path.read_bytes())
    return found.hexdigest()


def state_tag(*parts: str) -> str:
    """The entity tag of an answer that the store's newest state and these parts determine."""
    found = service()
    state = found.snapshots.current()
    texts = "with texts" if found.bodies.beside(state.home).at_hand else ""
    return tag_of(f"{state.origin}-{state.generation}", program(), found.settings.of_answers, texts, *parts)


def of_state(view: Callable[Given, Any]) -> Callable[Given, Response]:
    """A view whose answers with the status 200 the store's state and the address determine; they need not be fetched twice."""

    @functools.wraps(view)
    def tagged(*args: Given.args, **kwargs: Given.kwargs) -> Response:
        # JSON-LD alone comes in forms of its own, by a parameter of the media type that is asked for
        form = choose(_JSON_LD) if request.path.endswith(".jsonld") else None
        tag = state_tag(request.path, request.query_string.decode("latin-1"), form.profile if form else "")
        if same := not_modified(tag):
            return varied(same) if form else same
        response = make_response(view(*args, **kwargs))
        return with_tag(response, tag) if response.status_code == 200 else response

    return tagged
