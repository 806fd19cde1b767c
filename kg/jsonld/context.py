"""The ontology's context, by the address at which the service has it. No other context is ever fetched."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pyld import jsonld

from kg.jsonld.profiles import FILE
from kg.triples.vocab import ontology_folder


@cache
def context() -> dict[str, Any]:
    """The context's terms."""
    found: dict[str, Any] = json.loads((ontology_folder() / FILE).read_text(encoding="utf-8"))
    return dict(found["@context"])


def loader(url: str, _options: object = None) -> dict[str, Any]:
    """What PyLD asks for remote documents: an address of our own context gives the file, any other is refused.

    Raises:
        pyld.jsonld.JsonLdError: it is another address; what strangers write must not make this program ask others.
    """
    if not url.endswith(f"/ontology/{FILE}"):
        raise jsonld.JsonLdError(f"{url} is not fetched.", "jsonld.LoadDocumentError", code="loading document failed")
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": {"@context": context()},
    }
