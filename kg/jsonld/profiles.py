"""The forms of JSON-LD that a media type's parameter ``profile`` names. https://www.w3.org/TR/json-ld11/#iana-considerations"""

from __future__ import annotations

_NAMESPACE = "http://www.w3.org/ns/json-ld#"
EXPANDED, COMPACTED, FLATTENED, FRAMED = (
    _NAMESPACE + name for name in ("expanded", "compacted", "flattened", "framed")
)
#: In the order in which one is taken where a request names several: the one that asks for most comes first.
PROFILES = (FRAMED, FLATTENED, COMPACTED, EXPANDED)
#: Of more triples than this a document is not nested: it takes some 100 ms, and nobody reads so deep.
MOST_FRAMED = 5_000
#: An answer of more triples than this comes in expanded form alone, which needs no more than a triple in memory at a time.
MOST_COMPACTED = 100_000
#: The ontology's file with the context.
FILE = "context.jsonld"


def address(base: str) -> str:
    """Where a service with this base IRI has the context."""
    return f"{base}ontology/{FILE}"


def profile_of(parameter: str) -> str:
    """The one of the forms that a parameter asks for; empty where it names none of them.

    Args:
        parameter: IRIs with spaces between. Those that mean something else do not count (RFC 6906, section 3.1).
    """
    wanted = parameter.split()
    return next((profile for profile in PROFILES if profile in wanted), "")
