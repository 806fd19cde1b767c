"""How a query went, in the place of its answer. Imported by an isolated worker: it imports nothing of the project."""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections.abc import Callable
from typing import Any

import pyoxigraph as ox


def _algebra(text: str, base: str) -> str | None:
    """The query's algebra as text; None where it cannot be had."""
    from rdflib.plugins.sparql import prepareQuery
    from rdflib.plugins.sparql.algebra import pprintAlgebra

    written = io.StringIO()
    try:
        with contextlib.redirect_stdout(written):
            pprintAlgebra(prepareQuery(text, base=base))
    except Exception:  # noqa: BLE001 (another reader's limits: the engine has read the query, and this is for show)
        return None
    return written.getvalue()


def explained(run: Callable[[], Any], request: dict[str, Any], check: Callable[[int], None]) -> bytes:
    """Run the query, count what it gives, and tell its algebra, as JSON.

    Args:
        run: evaluates the query.
        request: the worker's, see ``kg.sparql.pool``.
        check: called with the number of each result; raises where there are too many.
    """
    began = time.perf_counter()
    results = run()
    parsed = time.perf_counter()
    number, first = 0, None
    if not isinstance(results, ox.QueryBoolean):
        for _ in results:
            first = first or time.perf_counter()
            number += 1
            check(number)
    ended = time.perf_counter()
    told = {
        "kind": "boolean" if isinstance(results, ox.QueryBoolean) else "triples" if request["triples"] else "rows",
        "results": number if not isinstance(results, ox.QueryBoolean) else int(bool(results)),
        "seconds": {
            "to start": round(parsed - began, 6),
            "to the first result": round(first - began, 6) if first else None,
            "to the last result": round(ended - began, 6),
        },
        "algebra": _algebra(request.get("written", request["query"]), request["base"]),
        "note": "This is the algebra of the query as it is written. The engine orders joins by itself and tells no plan.",
    }
    return json.dumps(told, indent=2).encode()
