"""What a worker is told of a query (see ``kg.sparql.worker``)."""

from __future__ import annotations

import json

from kg.config import Settings
from kg.jsonld.profiles import address
from kg.sparql.formats import Format
from kg.sparql.guard import Query
from kg.triples.vocab import PREFIXES


def asked_of_worker(query: Query, form: Format, settings: Settings, *, explain: bool = False) -> bytes:
    """A request in JSON: all that the answer depends on but the state of the store."""
    request = {
        "query": query.text,
        "form": query.form,
        "format": form.media_types[0],
        "triples": query.gives_triples,
        "union": settings.default_graph == "union",
        "base": settings.base_iri + "sparql",
        "default_graphs": query.default_graphs,
        "named_graphs": query.named_graphs,
        "prefixes": PREFIXES if query.gives_triples else {},
        "profile": form.profile,
        "context": address(settings.base_iri),
        "most_rows": settings.max_rows,
        "most_bytes": settings.max_answer_bytes,
        "explain": explain,
        "asked": [(place.start, place.end, number) for number, place in enumerate(query.asked)],
    }
    return json.dumps(request).encode()
